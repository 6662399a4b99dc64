//go:build unix

package redisserver

import "syscall"

func (s *Server) freeze(frozen bool) error {
	if frozen {
		return s.cmd.Process.Signal(syscall.SIGSTOP)
	}
	return s.cmd.Process.Signal(syscall.SIGCONT)
}
