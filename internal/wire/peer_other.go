//go:build !linux

package wire

import "net"

// PeerOf is known on Linux only.
func PeerOf(net.Conn) (pid, user int, ok bool) { return 0, 0, false }
