//go:build !linux

package redisserver

import "syscall"

// dieWithParent is beyond what other systems offer: there Stop must be called.
func dieWithParent() *syscall.SysProcAttr { return nil }
