package wire

import (
	"net"

	"golang.org/x/sys/unix"
)

// PeerOf returns the number and the user of the process at the other end of a Unix socket: the one that called connect, or
// listen. The kernel says so, and nothing has to be said to the peer. The number is 0 if the process is not to be seen from
// here. ok is false for another kind of connection, and on another system.
func PeerOf(conn net.Conn) (pid, user int, ok bool) {
	c, ok := conn.(*net.UnixConn)
	if !ok {
		return 0, 0, false
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return 0, 0, false
	}
	var cred *unix.Ucred
	controlled := raw.Control(func(fd uintptr) { cred, err = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED) })
	if controlled != nil || err != nil {
		return 0, 0, false
	}
	return int(cred.Pid), int(cred.Uid), true
}
