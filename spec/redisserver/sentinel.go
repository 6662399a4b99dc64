package redisserver

import (
	"errors"
	"net"
	"os"
	"path/filepath"
)

// StartSentinel starts a Sentinel that watches over master by the given name, and
// is alone in deciding whether it is down.
func StartSentinel(name string, master *Server) (*Server, error) {
	var unwritten error
	sentinel, err := start(func(port, dir string) []string {
		file := filepath.Join(dir, "sentinel.conf") // a Sentinel keeps what it knows there
		unwritten = os.WriteFile(file, []byte("bind 127.0.0.1\nport "+port+"\n"), 0o600)
		return []string{file, "--sentinel"}
	})
	if err != nil {
		return nil, errors.Join(unwritten, err)
	}
	host, port, err := net.SplitHostPort(master.Addr())
	if err == nil {
		_, err = sentinel.Ask("SENTINEL", "MONITOR", name, host, port, "1")
	}
	if err != nil {
		sentinel.Stop()
		return nil, err
	}
	return sentinel, nil
}
