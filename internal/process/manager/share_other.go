//go:build !linux

package manager

import (
	"errors"
	"net"
	"os"
)

// sendFile is not called where there is no memory to share.
func sendFile(net.Conn, byte, *os.File) error { return errors.ErrUnsupported }

func receiveFile(conn net.Conn) (word byte, f *os.File, err error) { return receiveByte(conn) }
