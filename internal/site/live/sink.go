package live

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"time"

	"cookbook/internal/command"
	"cookbook/internal/transcript"
)

// MaxEvents is how many lines, notes and checks of a run a page gets. Of those that come later it gets the number.
const MaxEvents = 5000

// Result is what came of a run, the last thing of a stream.
type Result struct {
	OK       bool    `json:"ok"`
	Code     int     `json:"code"` // as the exit code of cookbook run
	Error    string  `json:"error"`
	Elapsed  float64 `json:"elapsed_ms"`
	Promises int     `json:"promises"` // lines and checks that kept their promise
}

// progress is how far long work is.
type progress struct {
	Text  string `json:"text"`
	Done  int    `json:"done"`
	Total int    `json:"total"`
}

// message is a line of the stream. One of its fields is set.
type message struct {
	HTML     string    `json:"html,omitempty"`
	Progress *progress `json:"progress,omitempty"`
	Timeline string    `json:"timeline,omitempty"`
	End      *Result   `json:"end,omitempty"`
}

// Sink shows a run as a stream of JSON lines, each in one Write. After the run its owner calls Timeline, if there is one, and End.
// After End, or a write that failed, it writes nothing: a recipe that was left behind may go on speaking.
type Sink struct {
	mu     sync.Mutex
	w      io.Writer
	paint  *painter
	shown  int // lines, notes and checks
	hidden int
	over   *Result // the event End has come
	held   string  // the end of a run that said nothing: it may be one that does not make sense, which a page says elsewhere
	ended  bool
	err    error // of the first write that failed
}

var _ transcript.Sink = (*Sink)(nil)

// NewSink returns a sink that writes to w. The heading is used as by [HTML].
func NewSink(w io.Writer, h transcript.Heading) *Sink { return &Sink{w: w, paint: newPainter(h)} }

// Event shows one event.
func (s *Sink) Event(e transcript.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.over != nil:
	case e.Kind == transcript.Progress:
		s.write(message{Progress: &progress{e.Text, e.Done, e.Total}})
	case e.Kind == transcript.End:
		s.end(e)
	case s.shown == MaxEvents:
		s.hidden++
	default:
		s.shown++
		s.paint.event(e)
		s.write(message{HTML: s.paint.take()})
	}
}

// end shows the end of the run.
func (s *Sink) end(e transcript.Event) {
	s.over = &Result{OK: e.OK, Promises: e.Kept, Elapsed: float64(e.At.Microseconds()) / 1000}
	if s.hidden > 0 {
		fmt.Fprintf(s.paint, "<div class=\"note\">A page shows %d lines; %d more came.</div>\n", MaxEvents, s.hidden)
	}
	s.paint.event(e)
	if html := s.paint.take(); e.Err != nil && s.shown == 0 {
		s.held = html
	} else {
		s.write(message{HTML: html})
	}
}

// Timeline shows a picture, an svg element.
func (s *Sink) Timeline(svg []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.write(message{Timeline: string(svg)})
}

// End ends the stream: the run ended with err, and a command would exit with code. If the recipe did not come to its end, it says so
// in its place. Of a run that said nothing because its flags make no sense, [command.ExitUsage], only the last line tells. It returns the first error of a write.
func (s *Sink) End(code int, err error, elapsed time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over == nil {
		s.end(transcript.Event{Kind: transcript.End, At: elapsed, OK: err == nil, Err: err})
	}
	if s.held != "" && code != command.ExitUsage {
		s.write(message{HTML: s.held})
	}
	s.over.Code, s.over.OK = code, err == nil
	if err != nil {
		s.over.Error = err.Error()
	}
	s.write(message{End: s.over})
	s.ended = true
	return s.err
}

// write writes a line of the stream.
func (s *Sink) write(m message) {
	if s.ended || s.err != nil {
		return
	}
	var line bytes.Buffer
	enc := json.NewEncoder(&line)
	enc.SetEscapeHTML(false)
	if s.err = enc.Encode(m); s.err == nil {
		_, s.err = s.w.Write(line.Bytes())
	}
}
