package live

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"cookbook/internal/golden"
	"cookbook/internal/transcript"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// sample is a run that broke its promise, with everything in it.
const sample = `{"recipe":"x","at_ms":0.1,"actor":"main","kind":"line","mark":"=","text":"a <b> & \"c\"","expected":"= main  a {:text}","promise_line":1}
{"recipe":"x","at_ms":0.2,"kind":"note","text":"why: 1 < 2"}
{"recipe":"x","at_ms":1.5,"actor":"<script>","kind":"line","mark":"~","text":"two"}
{"recipe":"x","at_ms":1.6,"kind":"progress","text":"work","done":1,"total":3}
{"recipe":"x","at_ms":1.7,"actor":"t2","kind":"line","text":"three"}
{"recipe":"x","at_ms":1.8,"actor":"t2","kind":"line","mark":"!","text":"four","expected":"= t2  {n:int}","promise_line":3}
{"recipe":"x","at_ms":1.9,"kind":"check","text":"left: 0","ok":true,"claim":"left"}
{"recipe":"x","at_ms":2,"kind":"check","text":"<sum>: got 1, want 2","ok":false,"claim":"<sum>"}
{"recipe":"x","at_ms":2000,"kind":"end","ok":false,"error":"t2 said \"four\"\n<but>","promises_kept":2,"unmatched":"a & b","seed":7,"elapsed_ms":2000}
`

// events are those of a run that is written as JSON lines.
func events(t *testing.T, text string) (all []transcript.Event) {
	t.Helper()
	for e, err := range transcript.ReadJSON(strings.NewReader(text)) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, e)
	}
	return all
}

func TestATranscriptIsHTML(t *testing.T) {
	golden.Compare(t, "failed.html", HTML(events(t, sample), transcript.Heading{Actors: []string{"main", "t2"}, Legend: true}))
	golden.Compare(t, "steps.html", HTML(events(t, sample), transcript.Heading{Steps: true}))
}

// stream reads what a sink has written.
func stream(t *testing.T, r io.Reader) (all []message) {
	t.Helper()
	for lines := bufio.NewScanner(r); lines.Scan(); {
		var m message
		dec := json.NewDecoder(strings.NewReader(lines.Text()))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&m); err != nil {
			t.Fatalf("%v in %s", err, lines.Text())
		}
		all = append(all, m)
	}
	return all
}

func TestAStreamIsTheTranscriptPieceByPiece(t *testing.T) {
	var b strings.Builder
	h := transcript.Heading{Actors: []string{"main", "t2"}, Legend: true}
	s := NewSink(&b, h)
	for _, e := range events(t, sample) {
		s.Event(e)
	}
	s.Timeline([]byte("<svg></svg>"))
	if err := s.End(1, errors.New("t2 said"), time.Second); err != nil {
		t.Fatal(err)
	}
	s.Event(events(t, sample)[0]) // of a recipe that was left behind
	var pieces, order string
	for _, m := range stream(t, strings.NewReader(b.String())) {
		pieces += m.HTML
		switch {
		case m.HTML != "":
			order += "h"
		case m.Progress != nil:
			order += "p"
			if *m.Progress != (progress{"work", 1, 3}) {
				t.Errorf("progress is %+v", *m.Progress)
			}
		case m.Timeline != "":
			order += "t"
		case m.End != nil:
			order += "e"
			if want := (Result{false, 1, "t2 said", 2000, 2}); *m.End != want {
				t.Errorf("the end is %+v, want %+v", *m.End, want)
			}
		}
	}
	if want := "hhhphhhhhte"; order != want {
		t.Errorf("the order is %s, want %s", order, want)
	}
	if want := HTML(events(t, sample), h); pieces != want {
		t.Errorf("the pieces are\n%s\nwant\n%s", pieces, want)
	}
}

func TestAStreamSaysWhenARecipeDidNotEnd(t *testing.T) {
	var b strings.Builder
	s := NewSink(&b, transcript.Heading{})
	s.Event(events(t, sample)[0])
	if err := s.End(124, errors.New("x did not end"), time.Second); err != nil {
		t.Fatal(err)
	}
	all := stream(t, strings.NewReader(b.String()))
	if last := all[len(all)-1].End; last == nil || *last != (Result{false, 124, "x did not end", 1000, 0}) {
		t.Errorf("the end is %+v", last)
	}
	if !strings.Contains(all[1].HTML, "FAILED after 1.00 s") || !strings.Contains(all[1].HTML, "x did not end") {
		t.Errorf("the page shows %q", all[1].HTML)
	}
}

func TestAStreamIsBounded(t *testing.T) {
	var b strings.Builder
	s := NewSink(&b, transcript.Heading{})
	for range MaxEvents + 3 {
		s.Event(transcript.Event{Kind: transcript.Line, Actor: "main", Text: "again"})
	}
	s.Event(transcript.Event{Kind: transcript.End, OK: true})
	if err := s.End(0, nil, 0); err != nil {
		t.Fatal(err)
	}
	all := stream(t, strings.NewReader(b.String()))
	if len(all) != MaxEvents+2 || !strings.Contains(all[MaxEvents].HTML, "A page shows 5000 lines; 3 more came.") {
		t.Errorf("%d lines, the end is shown as %q", len(all), all[MaxEvents].HTML)
	}
}

// broken is a writer that fails.
type broken struct{ writes int }

func (b *broken) Write([]byte) (int, error) {
	b.writes++
	return 0, io.ErrClosedPipe
}

func TestAStreamEndsWhereNobodyReadsIt(t *testing.T) {
	var b broken
	s := NewSink(&b, transcript.Heading{})
	for _, e := range events(t, sample) {
		s.Event(e)
	}
	if err := s.End(0, nil, 0); !errors.Is(err, io.ErrClosedPipe) || b.writes != 1 {
		t.Errorf("%v after %d writes", err, b.writes)
	}
}
