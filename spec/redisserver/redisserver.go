// Package redisserver starts real redis-servers for tests: a single one with
// Start, a cluster with StartCluster, and a Proxy that puts faults between a
// client and either. It needs no test framework, no configuration and no
// redis-cli: only a redis-server, 7.0 or later, on PATH, or another server that
// KVSTORE_REDIS_SERVER names, such as /usr/bin/valkey-server.
//
// Servers keep nothing on disk, listen on the loopback interface alone and, on
// Linux, die with the process that started them.
package redisserver

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

const (
	startAttempts = 10
	startTimeout  = time.Minute
	pollInterval  = 10 * time.Millisecond
)

// Server is a running redis-server.
type Server struct {
	addr   string
	dir    string
	cmd    *exec.Cmd
	output *bytes.Buffer // what the server logged; to be read after exited is closed
	exited chan struct{}
	kept   atomic.Pointer[connection] // to Ask

	remove sync.Once
}

// Start starts a redis-server on a free port and waits until it answers. Further
// arguments are passed to it as they are, as in Start("--maxmemory", "10mb").
func Start(args ...string) (*Server, error) {
	return start(func(port, dir string) []string {
		return append([]string{
			"--bind", "127.0.0.1", "--port", port, "--dir", dir,
			"--save", "", "--appendonly", "no", "--daemonize", "no",
		}, args...)
	})
}

// arguments makes the command line of a server on a port, with a directory of its own.
type arguments func(port, dir string) []string

// start tries several ports: between finding one free and the server's binding
// it, somebody else may take it.
func start(args arguments) (*Server, error) {
	path, err := exec.LookPath(binary())
	if err != nil {
		return nil, ErrNoServer
	}
	for range startAttempts {
		var s *Server
		if s, err = launch(path, args); err != nil {
			return nil, err
		}
		if err = s.awaitReady(); err == nil {
			return s, nil
		}
		s.Stop()
	}
	return nil, err
}

func launch(path string, args arguments) (*Server, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "redisserver-*")
	if err != nil {
		return nil, err
	}
	s := &Server{
		addr:   net.JoinHostPort("127.0.0.1", strconv.Itoa(port)),
		dir:    dir,
		cmd:    exec.Command(path, args(strconv.Itoa(port), dir)...),
		output: new(bytes.Buffer),
		exited: make(chan struct{}),
	}
	s.cmd.Stdout, s.cmd.Stderr = s.output, s.output
	s.cmd.SysProcAttr = dieWithParent()
	started := make(chan error)
	go s.run(started)
	if err := <-started; err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return s, nil
}

// run keeps its thread for as long as the server lives, since Linux takes the
// end of the thread that started a process for the end of its parent.
func (s *Server) run(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := s.cmd.Start()
	started <- err
	if err != nil {
		return
	}
	_ = s.cmd.Wait() // a killed server's exit status says nothing
	close(s.exited)
}

// awaitReady makes sure that who answers is this server, and not somebody else's on the same port.
func (s *Server) awaitReady() error {
	ours := "process_id:" + strconv.Itoa(s.cmd.Process.Pid)
	return poll(func() error {
		select {
		case <-s.exited:
			return final(fmt.Errorf("redis-server on %s ended: %s", s.addr, lastLine(s.output.Bytes())))
		default:
		}
		info, err := s.fields("INFO", "server")
		if err == nil && !info[ours] {
			return final(fmt.Errorf("%s is taken by another redis-server", s.addr))
		}
		return err
	})
}

func lastLine(output []byte) []byte {
	output = bytes.TrimSpace(output)
	return output[bytes.LastIndexByte(output, '\n')+1:]
}

// Addr is host:port.
func (s *Server) Addr() string { return s.addr }

// Pause freezes the server: connections are accepted by the kernel and nothing
// answers. What was sent meanwhile is executed after Resume.
func (s *Server) Pause() error { return s.freeze(true) }

// Resume ends a Pause.
func (s *Server) Resume() error { return s.freeze(false) }

// Kill ends the server at once, as a crash would, and returns when it is gone.
func (s *Server) Kill() {
	_ = s.cmd.Process.Kill() // fails only where the process is gone already
	<-s.exited
	if kept := s.kept.Swap(nil); kept != nil {
		_ = kept.Close()
	}
}

// Stop ends the server and removes its directory. It may be called twice.
func (s *Server) Stop() {
	s.Kill()
	s.remove.Do(func() { _ = os.RemoveAll(s.dir) })
}
