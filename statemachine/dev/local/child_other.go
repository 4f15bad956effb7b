//go:build !linux

package local

import "syscall"

// childAttributes: outside Linux a child outlives this process if that is
// killed, not if it is interrupted.
func childAttributes() *syscall.SysProcAttr { return nil }
