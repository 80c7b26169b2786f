package manager

import (
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// sendFile sends a byte and a file with it.
func sendFile(conn net.Conn, word byte, f *os.File) error {
	c, ok := conn.(*net.UnixConn)
	if !ok {
		return unix.EOPNOTSUPP
	}
	_, _, err := c.WriteMsgUnix([]byte{word}, unix.UnixRights(int(f.Fd())), nil)
	return err
}

// receiveFile receives a byte, and the file that came with it: nil if there was none, or this process may not open another one.
func receiveFile(conn net.Conn) (word byte, f *os.File, err error) {
	c, ok := conn.(*net.UnixConn)
	if !ok {
		return receiveByte(conn)
	}
	said, rights := make([]byte, 1), make([]byte, unix.CmsgSpace(4)) // which is room for two
	_, n, _, _, err := c.ReadMsgUnix(said, rights)
	if err != nil {
		return 0, nil, err
	}
	messages, _ := unix.ParseSocketControlMessage(rights[:n])
	for i := range messages {
		files, _ := unix.ParseUnixRights(&messages[i])
		for _, fd := range files {
			f.Close()
			f = os.NewFile(uintptr(fd), "memory for messages")
		}
	}
	return said[0], f, nil
}
