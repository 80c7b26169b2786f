package timeline

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"cookbook/internal/golden"
)

// traceEvent is an event of the trace event format, with all that any kind of it may have.
type traceEvent struct {
	Name  string         `json:"name"`
	Phase string         `json:"ph"`
	Kind  string         `json:"cat"`
	At    *float64       `json:"ts"`
	For   *float64       `json:"dur"`
	PID   *int           `json:"pid"`
	TID   *int           `json:"tid"`
	ID    *int           `json:"id"`
	Scope string         `json:"s"`
	Bind  string         `json:"bp"`
	Args  map[string]any `json:"args"`
}

// validate holds a trace against the rules of the format, and of Perfetto where it is stricter, and returns its events.
func validate(t testing.TB, tl Timeline) []traceEvent {
	t.Helper()
	var b bytes.Buffer
	if err := tl.Perfetto(&b, "a run"); err != nil {
		t.Fatal(err)
	}
	var file struct {
		Unit   string            `json:"displayTimeUnit"`
		Events []traceEvent      `json:"traceEvents"`
		Other  map[string]string `json:"otherData"`
	}
	d := json.NewDecoder(&b)
	d.DisallowUnknownFields()
	if err := d.Decode(&file); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Token(); err != io.EOF {
		t.Fatalf("behind the trace: %v", err)
	}
	if file.Unit != "ms" && file.Unit != "ns" {
		t.Errorf("displayTimeUnit %q", file.Unit)
	}
	type track struct{ pid, tid int }
	processes, threads := map[int]bool{}, map[track]bool{}
	onTrack := map[track][]traceEvent{}
	begun := map[int]traceEvent{}
	for _, e := range file.Events {
		for _, us := range []*float64{e.At, e.For} {
			if us != nil {
				*us = float64(asPerfetto(*us)) / 1000
			}
		}
		bad := func(why string) { t.Errorf("%s: %+v", why, e) }
		if e.PID == nil || e.TID == nil || e.Name == "" {
			bad("without pid, tid or name")
			continue
		}
		at := track{*e.PID, *e.TID}
		if e.Phase == "M" {
			name, _ := e.Args["name"].(string)
			switch {
			case e.At != nil, name == "":
				bad("metadata with a time, or without a name")
			case e.Name == "process_name" && !processes[at.pid]:
				processes[at.pid] = true
			case e.Name == "thread_name" && processes[at.pid] && !threads[at]:
				threads[at] = true
			default:
				bad("metadata of another name, or again")
			}
			continue
		}
		if e.At == nil || *e.At < 0 || !threads[at] || e.Kind == "" {
			bad("without a time, a category, or a name of its thread")
			continue
		}
		switch e.Phase {
		case "X":
			if e.For == nil || *e.For < 0 {
				bad("a slice without a length")
				continue
			}
			onTrack[at] = append(onTrack[at], e)
		case "i":
			if e.Scope != "t" {
				bad("an instant without a scope")
			}
		case "s":
			if _, again := begun[*e.ID]; again || *e.ID == 0 {
				bad("a flow that has begun")
			}
			begun[*e.ID] = e
		case "f":
			from, ok := begun[*e.ID]
			if !ok || from.Name != e.Name || from.Kind != e.Kind || *from.At > *e.At || e.Bind != "e" {
				bad("the end of another flow, or before its begin")
			}
			delete(begun, *e.ID)
		default:
			bad("of an unknown phase")
		}
	}
	for _, e := range begun {
		t.Errorf("a flow without an end: %+v", e)
	}
	for at, all := range onTrack {
		nests(t, all)
		for _, e := range file.Events {
			if (e.Phase == "s" || e.Phase == "f") && (track{*e.PID, *e.TID}) == at &&
				!slices.ContainsFunc(all, func(s traceEvent) bool { return *s.At <= *e.At && *e.At <= *s.At+*s.For+1e-3 }) {
				t.Errorf("no slice is around the end of a flow: %+v", e)
			}
		}
	}
	return file.Events
}

// nests reports slices of one track that overlap without one being in the other.
func nests(t testing.TB, all []traceEvent) {
	t.Helper()
	const exact = 1e-4 // microseconds
	slices.SortStableFunc(all, func(x, y traceEvent) int {
		switch {
		case *x.At != *y.At:
			return int(max(-1, min(1, 1e6*(*x.At-*y.At))))
		case *x.For != *y.For:
			return int(max(-1, min(1, 1e6*(*y.For-*x.For))))
		}
		return 0
	})
	var open []float64
	for _, e := range all {
		for len(open) > 0 && open[len(open)-1] <= *e.At+exact {
			open = open[:len(open)-1]
		}
		end := *e.At + *e.For
		if len(open) > 0 && end > open[len(open)-1]+exact {
			t.Errorf("a slice ends behind the one around it, at %v: %+v", open[len(open)-1], e)
		}
		open = append(open, end)
	}
}

func count(all []traceEvent, phase, kind string) int {
	n := 0
	for _, e := range all {
		if e.Phase == phase && e.Kind == kind {
			n++
		}
	}
	return n
}

func TestATraceForPerfettoIsValidWhateverHappened(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 300 {
		tl := anyTimeline(r)
		all := validate(t, tl)
		if got := count(all, "f", "message"); got != len(tl.Messages) {
			t.Errorf("%d messages, want %d", got, len(tl.Messages))
		}
		if t.Failed() {
			t.Fatalf("of %+v", tl)
		}
	}
}

func TestATraceForPerfettoHasEverything(t *testing.T) {
	tl := told()
	tl.Lanes = append(tl.Lanes, Lane{Name: "a child/helper", Spans: []Span{{0, msec, Running, "a job"}}})
	all := validate(t, tl)
	var got []string
	for _, e := range all {
		switch e.Phase {
		case "M":
			got = append(got, fmt.Sprintf("%d %s %v", *e.PID, e.Name, e.Args["name"]))
		case "i":
			got = append(got, e.Name)
		}
	}
	text := strings.Join(got, "\n")
	for _, want := range []string{
		"1 process_name a run", "1 thread_name main", "2 process_name a child", "2 thread_name a child", "2 thread_name helper", "3 process_name held",
		"3 thread_name lock 1", "both have eaten", "hello & <goodbye>", "released", "acquired",
	} {
		if !strings.Contains("\n"+text+"\n", "\n"+want+"\n") {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	for kind, want := range map[string]int{"state": 19, "hold": 13} {
		if got := count(all, "X", kind); got != want {
			t.Errorf("%d slices of kind %s, want %d", got, kind, want)
		}
	}
}

func TestATraceForPerfettoIsAsApproved(t *testing.T) {
	var b bytes.Buffer
	if err := (Timeline{End: msec, Lanes: []Lane{
		{Name: "a", Spans: []Span{{0, msec, Running, ""}}, Lines: []time.Duration{1500}, Said: []string{"hi"}}, {Name: "b"},
	}, Messages: []Message{{"a", "b", 1000, 2000, "one", 0, 0}}, Things: []Thing{{Name: "lock", Holds: []Hold{{0, 1500, "a"}}}}}).Perfetto(&b, "a run"); err != nil {
		t.Fatal(err)
	}
	golden.Compare(t, "perfetto.json", b.String())
}

// asPerfetto is the time in nanoseconds that Perfetto's trace processor takes a number of microseconds for.
func asPerfetto(us float64) time.Duration { return time.Duration(int64(us * 1000)) }

func TestPerfettoGetsEachNanosecond(t *testing.T) {
	short := 0
	random := rand.New(rand.NewPCG(1, 2))
	for range 100_000 {
		want := time.Duration(random.Int64N(int64(time.Hour)))
		us, err := micros(want).Float64()
		if err != nil || asPerfetto(us) != want {
			t.Fatalf("%s: %v is %v for Perfetto", micros(want), int64(want), int64(asPerfetto(us)))
		}
		plain, _ := json.Number(fmt.Sprintf("%d.%03d", want/1000, want%1000)).Float64()
		if asPerfetto(plain) != want {
			short++
		}
	}
	if short == 0 {
		t.Error("no number of three places comes out short: the fourth is not needed")
	}
}
