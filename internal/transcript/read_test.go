package transcript

import (
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
)

// readAll reads a run, and the error that ends it.
func readAll(text string) (events []Event, err error) {
	for e, err := range ReadJSON(strings.NewReader(text)) {
		if err != nil {
			return events, err
		}
		events = append(events, e)
	}
	return events, nil
}

// told is an error of a run that was told to end.
type told struct{ error }

func (told) Stopped() bool { return true }

// endings are runs in which every kind of event comes, with every field, and in which a run ends in every way.
func endings() map[string]func(l *Log) error {
	all := func(l *Log) {
		l.Actor("a <b>").Printf("one \x1b[31m & \u202e行")
		l.Actor("a <b>").Printf("more")
		l.Note("why")
		l.Check("sum", 1, 1)
		l.Check("true", true, true)
		l.Progress("work", 1, 2)
		l.Progress("work", 3, 0)
	}
	return map[string]func(l *Log) error{
		"kept":    func(l *Log) error { all(l); l.Rand(); return l.End(nil) },
		"broken":  func(l *Log) error { all(l); l.Printf("nobody promised this"); return l.End(nil) },
		"failed":  func(l *Log) error { all(l); l.Check("sum", 1, 2); return l.End(nil) },
		"error":   func(l *Log) error { all(l); return l.End(errors.New("a\n\tb \x1b")) },
		"stopped": func(l *Log) error { return l.End(told{errors.New("interrupted")}) },
	}
}

func TestReadJSONReadsWhatJSONWrites(t *testing.T) {
	text := "= {who:word} <b>  one {:text}\n* a <b>  more\n✓ sum\n✓ true"
	for name, run := range endings() {
		for _, p := range []*Promise{promise(t, strings.ReplaceAll(text, "{who:word}", "a")), promise(t, "unmatched the names are yours")} {
			t.Run(name+p.Unmatched, func(t *testing.T) {
				var written, again strings.Builder
				var sent []Event
				json := JSON(&written)
				run(New(Config{Recipe: "ch0.x", Promise: p, Seed: 7, Sink: SinkFunc(func(e Event) {
					json.Event(e)
					sent = append(sent, e)
				})}))
				events, err := readAll(written.String())
				if err != nil {
					t.Fatalf("%v in\n%s", err, written.String())
				}
				for _, e := range events {
					JSON(&again).Event(e)
				}
				if written.String() != again.String() && name != "error" { // whose control characters have become pictures
					t.Errorf("wrote\n%s\nand what was read is written as\n%s", written.String(), again.String())
				}
				if len(events) != len(sent) {
					t.Fatalf("%d events of %d", len(events), len(sent))
				}
				for i := range events {
					compareEvents(t, events[i], sent[i])
				}
			})
		}
	}
}

// compareEvents compares what is read with what was sent.
func compareEvents(t *testing.T, got, sent Event) {
	t.Helper()
	line, at := got.Expected()
	if wantLine, wantAt := sent.Expected(); line != wantLine || at != wantAt {
		t.Errorf("%q of line %d, want %q of line %d", line, at, wantLine, wantAt)
	}
	if got.Stopped() != sent.Stopped() {
		t.Errorf("stopped %v, want %v", got.Stopped(), sent.Stopped())
	}
	if (got.Err == nil) != (sent.Err == nil) {
		t.Errorf("error %v, want %v", got.Err, sent.Err)
	}
	var broken, wantBroken *Mismatch
	if errors.As(got.Err, &broken) != errors.As(sent.Err, &wantBroken) || !reflect.DeepEqual(broken, wantBroken) {
		t.Errorf("broken is %v, want %v", broken, wantBroken)
	}
	sent.At = sent.At.Truncate(1000)
	sent.Err, got.Err, sent.expected, got.expected, sent.Place = nil, nil, nil, nil, 0
	if !sent.Seeded {
		sent.Seed = 0
	}
	if !reflect.DeepEqual(got, sent) {
		t.Errorf("got\n%+v, want\n%+v", got, sent)
	}
}

func TestReadJSONRefusesWhatNoSinkWrites(t *testing.T) {
	const end = `{"recipe":"x","at_ms":1,"kind":"end","ok":true,"promises_kept":0,"elapsed_ms":1}`
	for name, text := range map[string]string{
		"not JSON":                    "cookbook: no",
		"not an object":               "[]",
		"another key":                 `{"recipe":"x","at_ms":1,"kind":"note","text":"a","html":"<b>"}`,
		"two on a line":               end + end,
		"a brace too many":            end + "}",
		"an unknown kind":             `{"recipe":"x","at_ms":1,"kind":"shout"}`,
		"an unknown mark":             `{"recipe":"x","at_ms":1,"kind":"line","actor":"a","mark":"?"}`,
		"a mark that is not a line's": `{"recipe":"x","at_ms":1,"kind":"line","actor":"a","mark":"✓"}`,
		"a line without an actor":     `{"recipe":"x","at_ms":1,"kind":"line","text":"a"}`,
		"a note with an actor":        `{"recipe":"x","at_ms":1,"kind":"note","actor":"a","text":"a"}`,
		"a time below 0":              `{"recipe":"x","at_ms":-1,"kind":"note"}`,
		"a time without end":          `{"recipe":"x","at_ms":1e300,"kind":"note"}`,
		"a check that says not":       `{"recipe":"x","at_ms":1,"kind":"check","text":"a"}`,
		"a note that is ok":           `{"recipe":"x","at_ms":1,"kind":"note","ok":true}`,
		"an end without a count":      `{"recipe":"x","at_ms":1,"kind":"end","ok":true}`,
		"a failure without an error":  `{"recipe":"x","at_ms":1,"kind":"end","ok":false,"promises_kept":1}`,
		"more done than there is":     `{"recipe":"x","at_ms":1,"kind":"progress","done":3,"total":2}`,
		"a line break":                `{"recipe":"x","at_ms":1,"kind":"line","actor":"a","text":"a\nb"}`,
		"a line without end":          strings.Repeat("x", maxJSON+1),
	} {
		t.Run(name, func(t *testing.T) {
			events, err := readAll(text + "\n")
			if wire := new(WireError); !errors.As(err, &wire) || len(events) > 0 {
				t.Errorf("got %v, %v; want a *WireError and no event", events, err)
			}
		})
	}
	if _, err := readAll(end + "\nno"); err != nil {
		t.Errorf("what comes behind the end is read: %v", err)
	}
	if _, err := readAll(""); err != io.ErrUnexpectedEOF {
		t.Errorf("a run without an end: %v", err)
	}
}

func FuzzReadJSON(f *testing.F) {
	f.Add(`{"recipe":"x","at_ms":1,"actor":"a","kind":"line","mark":"=","text":"a","expected":"= a  {n:int}","promise_line":3}`)
	f.Add(`{"recipe":"x","at_ms":1,"kind":"end","ok":false,"error":"no","promises_kept":0,"stopped":true,"elapsed_ms":1}`)
	f.Fuzz(func(t *testing.T, text string) {
		events, _ := readAll(text)
		var out strings.Builder
		for _, e := range events {
			JSON(&out).Event(e)
		}
		again, err := readAll(out.String())
		if len(again) != len(events) {
			t.Errorf("%d events are read again as %d: %v\n%s", len(events), len(again), err, out.String())
		}
	})
}
