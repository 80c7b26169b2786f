package manager

import (
	"io"
	"net"
	"os"
	"time"

	"cookbook/internal/process/duplex"
	"cookbook/internal/wire"
)

// After the introduction, client and manager agree whether they share memory, through which requests and answers then go:
//
//	manager  yes, and with it a file, or no
//	client   yes, if it can use the file, or no; nothing if there is none
//
// The manager makes the memory. So it never uses a file that a client could shorten, and a stranger costs it nothing. If one of
// the two may open no more files, or the system has no such memory, the connection carries all.
const (
	yes = 'y'
	no  = 'n'
)

// offer is the manager's part. It waits no longer than an introduction may take.
func offer(conn net.Conn) (*duplex.Conn, error) {
	conn.SetDeadline(time.Now().Add(wire.HelloLimit))
	memory, _ := duplex.NewMemory() // an error says that there is none
	defer memory.Close()
	shared := memory
	if memory != nil && sendFile(conn, yes, memory) != nil {
		shared = nil
	}
	word, err := []byte{no}, error(nil)
	if shared == nil {
		_, err = conn.Write(word)
	} else if _, err = io.ReadFull(conn, word); word[0] != yes {
		shared = nil
	}
	if err == nil {
		err = conn.SetDeadline(time.Time{})
	}
	if err != nil {
		return nil, err
	}
	return duplex.New(duplex.Second, shared, conn, conn)
}

// accept is the client's part. It blocks until the manager has made its offer: set a deadline.
func accept(conn net.Conn) (*duplex.Conn, error) {
	word, memory, err := receiveFile(conn)
	if err != nil {
		return nil, err
	}
	defer memory.Close()
	answer := []byte{yes}
	way, err := duplex.New(duplex.First, memory, conn, conn)
	if memory == nil || err != nil {
		answer[0] = no
	}
	if err != nil {
		way, err = duplex.New(duplex.First, nil, conn, conn)
	}
	if word == yes && err == nil {
		_, err = conn.Write(answer)
	}
	return way, err
}

// receiveByte is receiveFile where no file can come.
func receiveByte(conn net.Conn) (word byte, none *os.File, err error) {
	said := make([]byte, 1)
	_, err = io.ReadFull(conn, said)
	return said[0], nil, err
}
