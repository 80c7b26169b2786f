package manager

import (
	"context"
	"errors"
	"io"
	"net"
	"runtime"
	"runtime/trace"
	"strconv"
	"sync"

	"cookbook/internal/process/duplex"
	"cookbook/internal/process/worker"
	"cookbook/internal/waitfor"
	"cookbook/internal/wire"
)

// startServer makes a worker a manager, which serves until the process ends, and returns its address.
var startServer = worker.Register("process.Manager", func(_ context.Context, secret []byte) (string, error) {
	network, address := "tcp", "127.0.0.1:0"
	if runtime.GOOS == "linux" {
		network, address = "unix", newName() // which leaves no file behind, and can carry one
	}
	l, err := net.Listen(network, address)
	if err != nil {
		return "", err
	}
	k := new(keeper)
	wire.Listen(l, secret, 0, func(conn net.Conn, _ []byte) { k.serve(conn) })
	return network + " " + l.Addr().String(), nil
})

// A keeper is a manager as it sees itself.
type keeper struct {
	mu      sync.Mutex
	objects []*heldObject
}

// A session is a connection as the manager sees it.
type session struct {
	k       *keeper
	way     *duplex.Conn
	granted func() // called when the lock that it waits for is its own
	holds   map[*heldObject]bool
	exchange
}

// serve serves one connection, whose client has shown that it knows the secret, until it ends.
func (k *keeper) serve(conn net.Conn) error {
	way, err := offer(conn)
	if err != nil {
		return err
	}
	defer way.Close()
	defer conn.Close()
	if trace.IsEnabled() {
		_, task := trace.NewTask(context.Background(), waitfor.ProcessTask) // to answer is what this process is for
		defer task.End()
	}
	return k.talk(way)
}

// talk answers requests until there are no more, or one of them says what no client says.
func (k *keeper) talk(way *duplex.Conn) error {
	s := &session{k: k, way: way, holds: map[*heldObject]bool{}}
	defer s.end()
	var body, frame []byte
	for {
		var err error
		if body, err = way.Receive(context.Background(), wire.Keep(body)); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		what, id, fields, err := cutRequest(body)
		if err != nil {
			return err
		}
		switch what {
		case doGiveUp:
			continue // what was granted meanwhile
		case doName:
			if len(fields) != 1 || len(fields[0]) > longestName {
				return wire.ErrNonsense
			}
			s.exchange = exchange{name: fields[0]}
			continue
		}
		s.next()
		s.isAsked()
		answer, refused, err := s.obey(what, id, fields)
		if err != nil {
			return err
		}
		if wire.FitFields(wire.MaxFrame-1, answer...) != nil { // before memory is taken for it
			answer, refused = nil, wire.ErrTooLarge
		}
		frame = wire.AppendFields(append(wire.NewFrame(frame), codeOf(refused)), answer...)
		s.answers(what)
		err = way.Send(frame)
		if errors.Is(err, wire.ErrTooLarge) {
			err = way.Send(append(wire.NewFrame(frame), codeOf(wire.ErrTooLarge)))
		}
		if err != nil {
			return err
		}
		frame = wire.Keep(frame)
	}
}

// obey does what a request says. It returns the answer, or what is wrong with the request, or that it is nonsense.
func (s *session) obey(what byte, id uint64, fields []string) (answer []string, refused, err error) {
	s.k.mu.Lock()
	defer s.k.mu.Unlock()
	if what == doMake {
		if len(fields) != 1 || fields[0] != ofDict && fields[0] != ofList && fields[0] != ofLock {
			return nil, nil, wire.ErrNonsense
		}
		s.k.objects = append(s.k.objects, &heldObject{kind: fields[0]})
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
		refused, err = s.lock(o, what)
		return nil, refused, err
	}
	return nil, errNoObject, nil
}
