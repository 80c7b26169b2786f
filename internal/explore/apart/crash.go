package apart

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"cookbook/internal/explore"
	"cookbook/internal/transcript"
)

// ledger is a file in which the child notes each schedule before it runs it, so that it is known when the child dies of it.
type ledger struct{ *os.File }

func newLedger() (ledger, error) {
	f, err := os.CreateTemp("", "cookbook-schedule-")
	if err != nil {
		return ledger{}, fmt.Errorf("note the schedule that runs: %w", err)
	}
	return ledger{f}, nil
}

// remove closes and removes the file.
func (l ledger) remove() {
	l.Close()
	os.Remove(l.Name())
}

// openLedger opens in the child what the parent has made. Where a file that is open can be removed, it has no name from now on, so
// that nothing is left of it if the parent is killed.
func openLedger(name string) (*os.File, error) {
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err == nil {
		os.Remove(name)
	}
	return f, err
}

// note writes a schedule in one call, its length first: what a longer one has left behind does not count.
func note(w io.WriterAt, s *explore.Schedule) {
	text, err := json.Marshal(s)
	if err == nil {
		w.WriteAt(append(binary.BigEndian.AppendUint32(nil, uint32(len(text))), text...), 0)
	}
}

// last is the schedule that ran last; false: none did.
func (l ledger) last() (s explore.Schedule, ok bool) {
	length := make([]byte, 4)
	if _, err := l.ReadAt(length, 0); err != nil {
		return s, false
	}
	text := make([]byte, binary.BigEndian.Uint32(length))
	_, err := l.ReadAt(text, 4)
	return s, err == nil && json.Unmarshal(text, &s) == nil
}

// crash is a child that died.
type crash struct {
	err  error  // how it ended
	said string // on the standard error
	late bool   // it was killed, because it took too long
}

func (c *crash) Error() string {
	if message, _ := c.panicked(); message != "" {
		return message
	}
	if c.late {
		return "it runs on and on, and says nothing"
	}
	return strings.TrimSpace(fmt.Sprintf("%v %s", cmp.Or(c.err, errQuit), strings.TrimSpace(c.said)))
}

var errQuit = errors.New("it has ended its own process, as os.Exit does")

// panicked returns what a panic, or an error of the Go runtime that ends a process, said, and the calls of the goroutine, those of
// the runtime and what started the goroutine left out; "" if there was none.
func (c *crash) panicked() (message, stack string) {
	rest := c.said
	for _, begins := range []string{"panic: ", "fatal error: "} {
		if i := strings.Index("\n"+rest, "\n"+begins); i >= 0 && message == "" {
			message, rest, _ = strings.Cut(rest[i+len(begins):], "\n\n")
		}
	}
	if message == "" {
		return "", ""
	}
	message, _, _ = strings.Cut(message, "\n[signal ")
	message, _, _ = strings.Cut(message, " [recovered") // and again by what has started the goroutine
	rest, _, _ = strings.Cut(rest, "\n\n")              // the other goroutines
	lines := strings.Split(strings.TrimRight(rest, "\n"), "\n")
	if end := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, "created by ") }); end >= 0 {
		lines = lines[:end]
	}
	if len(lines) > 0 && strings.HasPrefix(lines[0], "goroutine ") {
		lines = lines[1:]
	}
	for len(lines) > 2 && isRuntime(lines[0]) {
		lines = lines[2:]
	}
	for len(lines) > 2 && isRuntime(lines[len(lines)-2]) {
		lines = lines[:len(lines)-2]
	}
	return message, strings.Join(lines, "\n")
}

// isRuntime reports whether a line of a stack is a call inside the runtime.
func isRuntime(call string) bool {
	return slices.ContainsFunc([]string{"panic(", "runtime.", "internal/", "sync."}, func(p string) bool { return strings.HasPrefix(call, p) })
}

// afterCrash is the result of a search that ended the child. The schedule is run once more for its lines, which ends another child.
// Then the search is made again up to this schedule, without running it, because the child has taken all it knew with it.
func afterCrash(ctx context.Context, start Command, p explore.Program, q *Question, last explore.Progress, schedule explore.Schedule, died *crash) *explore.Result {
	fault := explore.Fault{Kind: explore.Panicked, Schedule: schedule, Text: died.Error(), Preemptions: -1, Decisive: -1}
	if died.late {
		fault.Kind = explore.Endless
	}
	if message, stack := died.panicked(); message != "" {
		fault.Text = strings.TrimRight(message+"\n"+stack, "\n")
	}
	fault.Token, _ = schedule.Token(p)
	again := *q
	again.Schedule, again.Budget, again.Ledger = &schedule, 0, ""
	t := &explore.Trace{Err: fault.Text}
	if _, err := ask(ctx, start, &again, func(r Answer) {
		if r.Line != nil {
			tell(t, *r.Line)
		}
	}); err != nil {
		fault.Trace, fault.Steps = t, len(t.Steps)
	}
	if q.Skip == nil && schedule.Number == 0 && ctx.Err() == nil {
		again.Schedule, again.Budget, again.Skip = nil, q.Budget, []explore.Fault{fault}
		if r, err := ask(ctx, start, &again, func(Answer) {}); err == nil && len(r.Result.Faults) > 0 {
			return r.Result
		}
	}
	return &explore.Result{
		Verdict: explore.Bounded, Schedules: last.Schedules + 1, Orders: last.Orders, Elapsed: last.Elapsed, Faults: []explore.Fault{fault},
		Bound: explore.Bound{Preemptions: -1, Departures: -1},
	}
}

// tell adds a line or a check to a trace.
func tell(t *explore.Trace, e transcript.Event) {
	if e.Kind != transcript.Line && e.Kind != transcript.Check {
		return
	}
	name := cmp.Or(e.Actor, transcript.Main)
	actor := slices.Index(t.Actors, name)
	if actor < 0 {
		actor = len(t.Actors)
		t.Actors = append(t.Actors, name)
	}
	said := explore.Said{Actor: e.Actor, Mark: e.Mark, Text: e.Text, OK: e.Mark != transcript.Broken}
	if e.Kind == transcript.Check {
		if said.Mark, said.OK = transcript.Claim, e.OK; !e.OK {
			said.Mark = transcript.Failed
		}
	}
	t.Steps = append(t.Steps, explore.TraceStep{Actor: actor, Kind: e.Kind, Said: []explore.Said{said}})
}

// tail keeps the first and the last of what is written.
type tail struct{ first, last bytes.Buffer }

const mostOfTail = 64 << 10

func (t *tail) Write(b []byte) (int, error) {
	n := len(b)
	if room := mostOfTail - t.first.Len(); room > 0 {
		taken := min(room, len(b))
		t.first.Write(b[:taken])
		b = b[taken:]
	}
	t.last.Write(b)
	if over := t.last.Len() - mostOfTail; over > mostOfTail {
		t.last.Next(over)
	}
	return n, nil
}

func (t *tail) String() string { return t.first.String() + t.last.String() }
