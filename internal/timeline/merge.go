package timeline

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"golang.org/x/exp/trace"
)

// sameClock is how far the two clocks of a snapshot may be apart if they are one: a process may be interrupted for that long.
const sameClock = time.Second

// maxParts is how many children are read.
const maxParts = 256

// A source is the trace of one process, which is read event by event.
//
// The traces of a machine have one clock: the monotonic one of the system. Where events have another one, the trace begins with a
// snapshot of both. It is not used where they have the same, as on Linux: the process may have been interrupted between the readings.
type source struct {
	in     *process
	events *trace.Reader
	e      trace.Event   // the next one
	at     time.Duration // when it happened, on the clock of the machine
	last   trace.Time    // of the event before
	late   bool          // the next one happened earlier than its time says
	shift  time.Duration // between the two clocks
	err    error         // why there is no next one; io.EOF at the end
}

func newSource(in *process, r io.Reader) *source {
	s := &source{in: in}
	buffered := bufio.NewReader(r)
	if head, _ := buffered.Peek(len("go 1.22")); string(head) < "go 1.22" || string(head) > "go 1.99" {
		s.err = errors.New("read a trace: want a trace of Go 1.22 or later")
		return s
	}
	if s.events, s.err = trace.NewReader(buffered); s.err != nil {
		s.err = fmt.Errorf("read a trace: %w", s.err)
		return s
	}
	s.advance()
	return s
}

// advance goes on to the next event.
func (s *source) advance() {
	defer func() {
		if p := recover(); p != nil { // the reader panics at some traces that are inconsistent in themselves
			s.err = fmt.Errorf("read a trace: it is inconsistent: %v", p)
		}
	}()
	e, err := s.events.ReadEvent()
	for ; err == nil && e.Kind() == trace.EventSync; e, err = s.events.ReadEvent() { // its own time may be unknown
		if c := e.Sync().ClockSnapshot; c != nil && !s.in.seen {
			if s.shift = time.Duration(c.Mono) - time.Duration(c.Trace); s.shift.Abs() < sameClock {
				s.shift = 0
			}
		}
	}
	if err != nil {
		if s.err = err; err != io.EOF {
			line, _, _ := strings.Cut(err.Error(), "\n") // the rest is a dump of the reader's state
			s.err = fmt.Errorf("read a trace: %s", line)
		}
		return
	}
	// Where an event has to come after one of a later time, the reader moves it behind that.
	s.late, s.last = e.Time() == s.last+1, e.Time()
	s.e, s.at = e, time.Duration(e.Time())+s.shift
}

// earliest returns the source whose next event comes first, nil if there are no more.
func earliest(sources []*source) *source {
	var first *source
	for _, s := range sources {
		if s.err == nil && (first == nil || s.at < first.at) {
			first = s
		}
	}
	return first
}
