package redisserver

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
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

// Replicated is a master with a replica that a Sentinel makes the master in its stead.
type Replicated struct {
	Master, Replica, Sentinel *Server
	name                      string
}

// StartReplicated starts them, and waits until the Sentinel, which watches over the master by the given name, knows
// the replica. It takes no server for dead before Suspect.
func StartReplicated(name string) (*Replicated, error) {
	r := &Replicated{name: name}
	if err := r.start(); err != nil {
		r.Stop()
		return nil, err
	}
	return r, nil
}

func (r *Replicated) start() (err error) {
	if r.Master, err = Start("--repl-diskless-sync-delay", "0"); err != nil {
		return err
	}
	host, port, err := net.SplitHostPort(r.Master.Addr())
	if err != nil {
		return err
	}
	if r.Replica, err = Start("--repl-diskless-sync-delay", "0", "--replicaof", host+" "+port); err != nil {
		return err
	}
	says := func(server *Server, what string, args ...string) error {
		return poll(func() error {
			answer, err := server.Ask(args...)
			if err == nil && !strings.Contains(answer, what) {
				err = fmt.Errorf("%v says nothing of %q: %q", args, what, answer)
			}
			return err
		})
	}
	if err := says(r.Replica, "master_link_status:up", "INFO", "replication"); err != nil {
		return err
	}
	if err := says(r.Master, "state=online", "INFO", "replication"); err != nil { // which is when Sentinel learns of it
		return err
	}
	if r.Sentinel, err = StartSentinel(r.name, r.Master); err != nil {
		return err
	}
	if err := r.deadAfter(time.Minute); err != nil {
		return err
	}
	return says(r.Sentinel, "slave-priority\n100", "SENTINEL", "REPLICAS", r.name)
}

// Suspect has the Sentinel take a server for dead that has been silent for half a second. On a busy machine any may be.
func (r *Replicated) Suspect() error { return r.deadAfter(time.Second / 2) }

func (r *Replicated) deadAfter(silence time.Duration) error {
	_, err := r.Sentinel.Ask("SENTINEL", "SET", r.name, "down-after-milliseconds", strconv.FormatInt(silence.Milliseconds(), 10))
	return err
}

// Stop ends all of them.
func (r *Replicated) Stop() {
	for _, server := range []*Server{r.Sentinel, r.Replica, r.Master} {
		if server != nil {
			server.Stop()
		}
	}
}
