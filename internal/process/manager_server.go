package process

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"runtime"
	"strconv"
	"sync"
	"time"
)

// helloLimit is how long a manager waits for the word of one who has called.
const helloLimit = 5 * time.Second

// startServer makes a worker a manager, which serves until the process ends, and returns its address.
var startServer = Register("process.Manager", func(_ context.Context, secret []byte) (string, error) {
	network, address := "tcp", "127.0.0.1:0"
	if runtime.GOOS == "linux" {
		network, address = "unix", "" // a name that leaves no file behind, and twice as fast
	}
	l, err := net.Listen(network, address)
	if err != nil {
		return "", err
	}
	k := &keeper{hello: string(secret[:secretSize]), answer: string(secret[secretSize:])}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				time.Sleep(10 * time.Millisecond) // too many files are open: some will be closed
				continue
			}
			go func() {
				defer conn.Close()
				k.serve(conn)
			}()
		}
	}()
	return network + " " + l.Addr().String(), nil
})

// A keeper is a manager as it sees itself.
type keeper struct {
	hello, answer string

	mu      sync.Mutex
	objects []*heldObject
}

// A session is a connection as the manager sees it.
type session struct {
	k       *keeper
	granted chan struct{} // the lock it waits for is its own
	heard   chan error    // not nil: somebody waits for the client's next word, and has to be waited for
	holds   map[*heldObject]bool
}

// serve serves one connection until it ends, or says what no client says.
func (k *keeper) serve(conn net.Conn) error {
	conn.SetReadDeadline(time.Now().Add(helloLimit))
	in := bufio.NewReader(conn)
	if err := expect(in, k.hello); err != nil {
		return err
	}
	conn.SetReadDeadline(time.Time{})
	if _, err := io.WriteString(conn, k.answer); err != nil {
		return err
	}
	return k.talk(in, conn)
}

func (k *keeper) talk(in *bufio.Reader, out io.Writer) error {
	s := &session{k: k, granted: make(chan struct{}, 1), holds: map[*heldObject]bool{}}
	defer s.end()
	var body, frame []byte
	for {
		if s.heard != nil {
			<-s.heard
			s.heard = nil
		}
		n, err := readHeader(in)
		if err == io.EOF {
			return nil
		} else if err == nil {
			body, err = readBody(in, n, keep(body))
		}
		if err != nil {
			return err
		}
		what, id, fields, err := cutErrand(body)
		if err != nil {
			return err
		}
		if what == doGiveUp {
			continue // what was granted meanwhile
		}
		answer, refused, err := s.obey(what, id, fields, in)
		if err != nil {
			return err
		}
		frame = appendFields(append(newFrame(frame), codeOf(refused)), answer)
		if err := writeFrame(out, frame); errors.Is(err, ErrTooLarge) {
			err = writeFrame(out, append(newFrame(frame), codeOf(ErrTooLarge)))
			if err != nil {
				return err
			}
		} else if err != nil {
			return err
		}
		frame = keep(frame)
	}
}

// obey does what a request says. It returns the answer, or what is wrong with the request, or that it is nonsense.
func (s *session) obey(what byte, id uint64, fields []string, in *bufio.Reader) (answer []string, refused, err error) {
	s.k.mu.Lock()
	defer s.k.mu.Unlock()
	if what == doMake {
		if len(fields) != 1 {
			return nil, nil, errNonsense
		}
		s.k.objects = append(s.k.objects, &heldObject{kind: fields[0], values: map[string]string{}})
		return []string{strconv.Itoa(len(s.k.objects) - 1)}, nil, nil
	}
	if id >= uint64(len(s.k.objects)) {
		return nil, errNoObject, nil
	}
	o := s.k.objects[id]
	switch o.kind {
	case ofDict:
		return o.dict(what, fields)
	case ofList:
		return o.list(what, fields)
	case ofLock:
		refused, err = s.lock(o, what, in)
		return nil, refused, err
	}
	return nil, errNoObject, nil
}
