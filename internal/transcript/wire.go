package transcript

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime/trace"
	"sync"
	"time"

	"cookbook/internal/waitfor"
)

// maxFrame bounds one line of the wire form, so that a stranger cannot make the parent remember for ever.
const maxFrame = 64 << 10

// WireError is something on the wire that is not an event.
type WireError struct {
	Frame string // its beginning
	Msg   string
}

func (e *WireError) Error() string { return fmt.Sprintf("event from a child: %s: %q", e.Msg, e.Frame) }

// hello is the first thing on the wire, from parent to child: how the run is recorded. It is one line of JSON.
type hello struct {
	Recipe string  `json:"recipe"`
	Speed  float64 `json:"speed"`
	Stress bool    `json:"stress"`
	Held   bool    `json:"held,omitempty"` // its calls are: see far.go
	Seed   uint64  `json:"seed"`
}

// frame is one event, from child to parent: one line of JSON, at most 64 KiB. The parent answers each with one byte, '\n',
// when the event is recorded; where the child's calls are held, with a line that says which call, and which choice.
type frame struct {
	Kind  Kind   `json:"kind"`
	Actor string `json:"actor,omitempty"`
	Text  string `json:"text,omitempty"`
	Claim string `json:"claim,omitempty"`
	OK    bool   `json:"ok,omitempty"`
	Done  int    `json:"done,omitempty"`
	Total int    `json:"total,omitempty"`
	asks

	ctx context.Context // of a call that may be cancelled, in the parent
	end context.CancelFunc
}

func (f *frame) event() Event {
	return Event{Kind: f.Kind, Actor: f.Actor, Text: f.Text, Claim: f.Claim, OK: f.OK, Done: f.Done, Total: f.Total}
}

// Serve records what a child process of that name says over conn until conn ends. It returns nil at the end of the stream,
// io.ErrUnexpectedEOF if the stream ends in the middle of an event (the child was killed), a *[WireError] for anything that
// is not an event. To stop it, close conn.
//
// A [Scheduler] of the caller's own, one that neither keeps a pace nor stresses, holds the calls of the child as well: its methods are
// called by a goroutine for each one of the child that calls. Serve returns when they have returned.
func (l *Log) Serve(name string, conn io.ReadWriter) error {
	_, stressed := l.cfg.Scheduler.(*stress)
	held := holds(l.cfg.Scheduler)
	greeting, err := json.Marshal(hello{l.cfg.Recipe, float64(l.cfg.Speed), stressed, held, l.cfg.Seed})
	if err != nil {
		return err
	}
	take := l.takeEvent(conn)
	if held {
		h, end := newHost(l, name, conn)
		defer end()
		take = h.take
	}
	if _, err := conn.Write(append(greeting, '\n')); err != nil {
		return fmt.Errorf("greet a child: %w", err)
	}
	in := bufio.NewReaderSize(conn, maxFrame)
	for {
		line, err := in.ReadSlice('\n')
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			return &WireError{string(line[:80]), fmt.Sprintf("longer than %d bytes", maxFrame)}
		case err == io.EOF && len(line) > 0:
			return io.ErrUnexpectedEOF
		case err == io.EOF:
			return nil
		case err != nil:
			return fmt.Errorf("read an event from a child: %w", err)
		}
		f, err := parseFrame(line, held)
		if err == nil {
			err = take(f)
		}
		switch {
		case errors.Is(err, errGone):
			return nil
		case err != nil:
			return &WireError{string(line[:min(len(line), 80)]), err.Error()}
		}
	}
}

// errGone is that a child is gone; what it said is recorded.
var errGone = errors.New("the child is gone")

// takeEvent records the event of a frame.
func (l *Log) takeEvent(conn io.Writer) func(frame) error {
	return func(f frame) error {
		l.record(f.event())
		if _, err := conn.Write([]byte{'\n'}); err != nil {
			return errGone
		}
		return nil
	}
}

// parseFrame reads one frame and believes nothing it was not told to expect: only a child whose calls are held may ask.
func parseFrame(line []byte, held bool) (frame, error) {
	var f frame
	bad := func(msg string) (frame, error) { return frame{}, errors.New(msg) }
	if err := json.Unmarshal(line, &f); err != nil {
		return bad("not JSON")
	}
	if held {
		if err := parseAsk(&f); err != nil {
			return frame{}, err
		}
	}
	switch {
	case held && (f.Kind == before || f.Kind == after || f.Kind == pause || f.Kind == cancel || f.Kind == choose):
	case f.Kind != Line && f.Kind != Note && f.Kind != Check && f.Kind != Progress:
		return bad("unknown kind")
	case f.Kind == Line && f.Actor == "":
		return bad("a line without an actor")
	case f.Kind == Check && f.Claim == "":
		return bad("a check without a claim")
	case f.Done < 0 || f.Total < 0 || f.Done > f.Total:
		return bad("progress out of range")
	}
	return f, nil
}

// remote is the child's end of the wire.
type remote struct {
	mu   sync.Mutex
	out  io.Writer
	in   *bufio.Reader
	dead bool

	held *guest // not nil: the parent holds the calls
}

// Dial returns a log whose events go to the parent that serves conn. Each call returns when the parent has recorded the
// event, which costs one round trip. When the parent is gone, events are dropped.
func Dial(conn io.ReadWriter) (*Log, error) {
	in := bufio.NewReader(conn)
	line, err := in.ReadBytes('\n')
	if err != nil {
		return nil, fmt.Errorf("wait for the parent's greeting: %w", err)
	}
	var h hello
	if err := json.Unmarshal(line, &h); err != nil || !(h.Speed > 0) {
		return nil, &WireError{string(line[:min(len(line), 80)]), "no greeting"}
	}
	cfg := Config{Recipe: h.Recipe, Speed: Speed(h.Speed), Seed: h.Seed}
	if h.Stress {
		cfg.Scheduler = NewStress(h.Seed)
	}
	r := &remote{out: conn, in: in}
	if h.Held {
		r.held = newGuest(conn, in)
		cfg.Scheduler = r.held
	}
	l := New(cfg)
	l.remote = r
	l.start = time.Now()
	return l, nil
}

func (r *remote) record(e Event) {
	f := frame{Kind: e.Kind, Actor: e.Actor, Text: e.Text, Claim: e.Claim, OK: e.OK, Done: e.Done, Total: e.Total}
	if r.held != nil {
		r.held.ask(context.Background(), f)
		return
	}
	line, err := json.Marshal(f)
	if err != nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.dead {
		return
	}
	traced := e.Kind == Line && trace.IsEnabled()
	if traced {
		trace.Log(context.Background(), waitfor.LogSay, e.Actor)
	}
	if _, err := r.out.Write(append(line, '\n')); err != nil {
		r.dead = true
		return
	}
	if _, err := r.in.ReadByte(); err != nil {
		r.dead = true
	}
	if traced {
		trace.Log(context.Background(), waitfor.LogHeard, e.Actor)
	}
}
