package local

import "syscall"

// childAttributes makes the kernel end the child when this process is killed
// before it could.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}
