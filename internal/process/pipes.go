package process

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"

	"cookbook/internal/process/duplex"
	"cookbook/internal/process/worker"
	"cookbook/internal/wire"
)

// pipes are the pipes between a process and its parent, as the parent holds them. That orders is open keeps the child
// alive.
type pipes struct {
	orders, answers *os.File
	recorded, said  *os.File // of the log; nil if nobody hears it
	lines           *lines   // over these two
	theirs          []*os.File
}

func newPipes(g *Group) (*pipes, error) {
	l := new(pipes)
	ends := []**os.File{&l.orders, &l.answers}
	if g.heard {
		ends = append(ends, &l.recorded, &l.said)
	}
	for i, end := range ends {
		r, w, err := os.Pipe()
		if err != nil {
			l.closeTheirs(nil)
			l.close()
			return nil, err
		}
		if i%2 == 0 {
			*end, l.theirs = w, append(l.theirs, r)
		} else {
			*end, l.theirs = r, append(l.theirs, w)
		}
	}
	if g.heard {
		if err := l.hear(); err != nil {
			l.closeTheirs(nil)
			l.close()
			return nil, err
		}
	}
	if g.space != nil {
		l.theirs = append(l.theirs, g.space.File())
	}
	return l, nil
}

// hear makes the way for the lines of the child.
func (l *pipes) hear() error {
	memory, err := duplex.NewMemory()
	if err != nil {
		return err
	}
	if memory != nil {
		l.theirs = append(l.theirs, memory)
	}
	l.lines, err = newLines(duplex.First, memory, l.said, l.recorded)
	return err
}

// closeTheirs closes the child's ends, which the child has as well now.
func (l *pipes) closeTheirs(g *Group) {
	for _, f := range l.theirs {
		if g == nil || g.space == nil || f != g.space.File() {
			f.Close()
		}
	}
}

func (l *pipes) close() {
	for _, f := range []*os.File{l.orders, l.answers, l.recorded, l.said} {
		if f != nil {
			f.Close()
		}
	}
	if l.lines != nil {
		l.lines.c.Close()
	}
}

// lines are what a process says to the log of its parent, and that it was recorded, as two streams.
type lines struct {
	c           *duplex.Conn
	frame, last []byte // to be sent again, and received
	rest        []byte // of last, to be read
}

// linesInherit is how many files a child inherits for its lines.
const linesInherit = 2 + duplex.Memories

func newLines(end int, memory, in, out *os.File) (*lines, error) {
	c, err := duplex.New(end, memory, in, out)
	return &lines{c: c}, err
}

func (l *lines) Write(p []byte) (int, error) {
	l.frame = append(wire.NewFrame(l.frame), p...)
	return len(p), l.c.Send(l.frame)
}

func (l *lines) Read(p []byte) (int, error) {
	for len(l.rest) == 0 {
		next, err := l.c.Receive(context.Background(), l.last)
		if err != nil {
			return 0, err
		}
		l.last, l.rest = next, next
	}
	n := copy(p, l.rest)
	l.rest = l.rest[n:]
	return n, nil
}

// converse gives the order and returns the answer, nil if there is none because the process has ended. The error is that
// it says something else.
func (l *pipes) converse(order []byte) ([]byte, error) {
	if wire.WriteFrame(l.orders, order, wire.MaxFrame) != nil {
		return nil, nil
	}
	in := bufio.NewReader(l.answers)
	answer, err := wire.ReadFrame(in, nil, wire.MaxFrame)
	if err == io.EOF {
		return nil, nil
	}
	if err == nil && !worker.IsAnswer(answer) {
		err = wire.ErrNonsense
	}
	if errors.Is(err, wire.ErrNonsense) {
		return nil, err
	} else if err != nil {
		return nil, nil // it was killed while it spoke
	}
	if _, err := in.ReadByte(); err == nil {
		return nil, wire.ErrNonsense
	}
	return answer, nil
}
