package main

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"time"
)

// note is a small file beside an import file, with how many of its records are settled.
// It holds for one file, as it was, and one target.
type note struct {
	path    string
	To      string    `json:"to"`
	Size    int64     `json:"size"`
	Written time.Time `json:"written"`
	Records int       `json:"records"`
}

func noteOf(path string, file fs.FileInfo, to place) note {
	if to.isMemory() { // which forgets
		return note{}
	}
	return note{path: path + ".resume", To: to.name, Size: file.Size(), Written: file.ModTime().UTC()}
}

// read is how many records are settled: none if the note is of something else.
func (n note) read() int {
	var found note
	text, err := os.ReadFile(n.path)
	if err != nil || json.Unmarshal(text, &found) != nil {
		return 0
	}
	records := found.Records
	found.path, found.Records = n.path, 0
	if found != n {
		return 0
	}
	return records
}

func (n note) write(records int) error {
	if n.path == "" || records == 0 {
		return nil
	}
	n.Records = records
	text, err := json.Marshal(n)
	if err != nil {
		return err
	}
	return os.WriteFile(n.path, text, 0o600)
}

func (n note) remove() error {
	if err := os.Remove(n.path); n.path != "" && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
