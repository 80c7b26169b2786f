package process

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/signal"
	"time"

	"cookbook/internal/process/duplex"
	"cookbook/internal/process/shm"
	"cookbook/internal/process/worker"
	"cookbook/internal/timeline/children"
	"cookbook/internal/transcript"
	"cookbook/internal/turn"
	"cookbook/internal/wire"
)

// An order is what a process is told when it begins. The argument follows it.
type order struct {
	name, id, function    string
	daemon, shared, heard bool // shared and heard: whether it inherits memory, and pipes to the log
	slot                  int
}

// The flags of an order.
const (
	orderDaemon = 1 << iota
	orderShared
	orderHeard
	orderFlags = 1<<iota - 1 // all of them
)

func appendOrder(frame []byte, o order) []byte {
	var flags byte
	if o.daemon {
		flags |= orderDaemon
	}
	if o.shared {
		flags |= orderShared
	}
	if o.heard {
		flags |= orderHeard
	}
	frame = binary.AppendUvarint(append(frame, flags), uint64(o.slot))
	return wire.AppendField(wire.AppendField(wire.AppendField(frame, o.name), o.id), o.function)
}

// cutOrder reads what appendOrder wrote.
func cutOrder(body []byte) (o order, argument []byte, err error) {
	if len(body) == 0 || body[0] > orderFlags {
		return order{}, nil, wire.ErrNonsense
	}
	o.daemon, o.shared, o.heard = body[0]&orderDaemon != 0, body[0]&orderShared != 0, body[0]&orderHeard != 0
	body = body[1:]
	slot, size := binary.Uvarint(body)
	if size <= 0 || slot > math.MaxInt32 {
		return order{}, nil, wire.ErrNonsense
	}
	o.slot, body = int(slot), body[size:]
	for _, text := range []*string{&o.name, &o.id, &o.function} {
		if *text, body, err = wire.CutField[string](body); err != nil {
			return order{}, nil, err
		}
	}
	return o, body, nil
}

// live is the life of a process in a group, which inherits these files. It returns if there is nothing to live for.
func live(files []*os.File) error {
	signal.Ignore(os.Interrupt) // Ctrl-C reaches parent and child alike, and the parent decides what ends
	orders, answers := bufio.NewReader(files[0]), files[1]
	body, err := wire.ReadFrame(orders, nil, wire.MaxFrame)
	if err == io.EOF {
		os.Exit(1) // its parent was gone, or had changed its mind
	} else if err != nil {
		return fmt.Errorf("read the order: %w", err)
	}
	o, argument, err := cutOrder(body)
	if err != nil {
		return fmt.Errorf("read the order: %w", err)
	}
	ctx, gone := context.WithCancelCause(context.Background())
	defer gone(nil)
	g, err := enter(ctx, o, files[2:])
	if err != nil {
		return fmt.Errorf("%s cannot join its group: %w", o.name, err)
	}
	go func() {
		orders.ReadByte() // there is nothing more to come but the end
		gone(ErrParentGone)
		time.Sleep(worker.Grace)
		os.Exit(1)
	}()
	code := obey(g, o.function, argument, answers)
	children.End()
	os.Exit(code)
	return nil
}

// enter makes the group of the parent known to this process, the one that the order is for.
func enter(ctx context.Context, o order, files []*os.File) (*Group, error) {
	g := &Group{ctx: ctx}
	var err error
	g.me = &Process{group: g, name: o.name, id: o.id, function: o.function, daemon: o.daemon, done: make(chan struct{})}
	want := 0
	if o.heard {
		want = linesInherit
	}
	if o.shared {
		want++
	}
	if len(files) != want {
		return nil, fmt.Errorf("it inherits %d files where %d were announced", len(files), want)
	}
	if o.heard {
		if g.log, err = dialLog(files); err != nil {
			return nil, err
		}
		g.heard, files = true, files[linesInherit:]
		g.ctx = g.log.Context(ctx)
	}
	if o.shared {
		if g.space, err = shm.Open(ctx, files[0], o.slot); err != nil {
			return nil, err
		}
	}
	this.Store(g.me)
	g.begin()
	return g, nil
}

// dialLog opens the log of the parent: the pipe that says what was recorded, the one for what is said, and the memory, if any.
func dialLog(files []*os.File) (*transcript.Log, error) {
	var memory *os.File
	if duplex.Memories > 0 {
		memory = files[2]
		defer memory.Close()
	}
	l, err := newLines(duplex.Second, memory, files[0], files[1])
	if err != nil {
		return nil, err
	}
	return transcript.Dial(l)
}

// obey calls the function, sends what came of it, waits for this process's own children, and returns the exit code.
func obey(g *Group, function string, argument []byte, answers io.Writer) (code int) {
	s := worker.NewServer(answers)
	ctx, cancel := context.WithCancel(context.WithValue(g.ctx, processKey{}, g.me))
	returned := make(chan struct{})
	go func() {
		defer close(returned) // deferred, because the function may leave by runtime.Goexit
		ctx, end := children.Main(ctx)
		defer end()
		turn.Begin(ctx, g.me.name)
		s.Call(ctx, function, argument)
	}()
	<-returned
	cancel()
	if result, err := s.Send(); err != nil || !result {
		code = 1
	}
	if err := g.Join(g.ctx); errors.Is(err, ErrParentGone) {
		code = 1
	}
	return code
}
