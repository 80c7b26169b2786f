package record

import (
	"context"
	"runtime/trace"
	"sync"

	"cookbook/internal/timeline"
	"cookbook/internal/transcript"
)

// sink notes each line in the trace, too, on the goroutine that says it. Closed, it takes no more events: a recipe that was left
// behind must not write into the picture.
type sink struct {
	mu     sync.Mutex
	next   transcript.Sink
	closed bool
	said   map[string][]string // by actor
}

// Event passes an event on.
func (s *sink) Event(e transcript.Event) {
	if e.Kind == transcript.Line {
		trace.Log(context.Background(), timeline.LogLine, e.Actor)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	if e.Kind == transcript.Line {
		s.said[e.Actor] = append(s.said[e.Actor], e.Text)
	}
	s.next.Event(e)
}

func (s *sink) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
}
