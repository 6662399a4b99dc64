//go:build !unix

package redisserver

import "errors"

func (s *Server) freeze(bool) error { return errors.ErrUnsupported }
