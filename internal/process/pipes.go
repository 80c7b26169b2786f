package process

import (
	"bufio"
	"errors"
	"io"
	"os"

	"cookbook/internal/process/worker"
	"cookbook/internal/wire"
)

// pipes are the pipes between a process and its parent, as the parent holds them. That orders is open keeps the child
// alive.
type pipes struct {
	orders, answers *os.File
	recorded, said  *os.File // of the log; nil if nobody hears it
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
	if g.space != nil {
		l.theirs = append(l.theirs, g.space.File())
	}
	return l, nil
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
}

// Read and Write use the two pipes of the log.
func (l *pipes) Read(p []byte) (int, error)  { return l.said.Read(p) }
func (l *pipes) Write(p []byte) (int, error) { return l.recorded.Write(p) }

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
