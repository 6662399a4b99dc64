package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/kvstore-go/kvstore/kv"
)

// mover moves a shop and shows how far it has come.
type mover struct {
	bar     *bar
	out     io.Writer
	lenient bool
}

// move returns how many values it moved. After an error a repetition finishes the job.
func (m mover) move(ctx context.Context, from, to place) (int, error) {
	switch {
	case from.file != "" && to.file != "":
		return 0, errors.New("both are files: cp does that")
	case to.file != "":
		return m.export(ctx, from, to.file)
	case from.file != "":
		return m.load(ctx, from.file, to)
	}
	total, err := from.shop.Count(ctx)
	if err != nil {
		return 0, err
	}
	copied, err := kv.Copy(ctx, from.shop, to.shop, m.options(func(done kv.Progress) { m.bar.show(int64(done.Keys), int64(total), done.Keys) })...)
	return copied.Values, err
}

func (m mover) options(report func(kv.Progress)) []kv.SubtreeOption {
	options := []kv.SubtreeOption{kv.OnProgress(report)}
	if m.lenient {
		options = append(options, kv.OnRefused(func(path string, err error) {
			m.bar.end()
			fmt.Fprintln(m.out, "left out:", err)
		}))
	}
	return options
}

// export writes a file that is there only once it is complete.
func (m mover) export(ctx context.Context, from place, path string) (_ int, err error) {
	if _, err := os.Stat(path); err == nil {
		return 0, fmt.Errorf("%s is there already", path)
	}
	total, err := from.shop.Count(ctx)
	if err != nil {
		return 0, err
	}
	file, err := os.Create(path + ".part")
	if err != nil {
		return 0, err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(file.Name())
		}
	}()
	exported, err := from.shop.Export(ctx, file, m.options(func(done kv.Progress) { m.bar.show(int64(done.Keys), int64(total), done.Keys) })...)
	if err = errors.Join(err, file.Close()); err != nil {
		return exported.Values, err
	}
	return exported.Values, os.Rename(file.Name(), path)
}

// load imports a file, from where an earlier run was stopped if one was.
func (m mover) load(ctx context.Context, path string, to place) (moved int, err error) {
	file, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer file.Close() //nolint:errcheck // it was only read
	info, err := file.Stat()
	if err != nil {
		return 0, err
	}
	note := noteOf(path, info, to)
	skip := note.read()
	if skip > 0 {
		fmt.Fprintf(m.out, "going on after the %d records of an earlier run\n", skip)
	}
	in := &counted{Reader: file}
	imported, err := to.shop.Import(ctx, in, append(m.options(func(done kv.Progress) {
		moved = done.Keys
		m.bar.show(in.bytes, info.Size(), moved)
	}), kv.ResumeAfter(skip))...)
	if err != nil {
		return moved, errors.Join(err, note.write(max(imported.Records, skip)))
	}
	return moved, note.remove()
}

// counted counts the bytes that were read.
type counted struct {
	io.Reader
	bytes int64
}

func (c *counted) Read(into []byte) (int, error) {
	n, err := c.Reader.Read(into)
	c.bytes += int64(n)
	return n, err
}
