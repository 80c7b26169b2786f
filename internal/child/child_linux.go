package child

import "syscall"

// endWithParent has the kernel tell the child to end when the thread that starts it is gone, which a killed process cannot do.
func endWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGTERM }
