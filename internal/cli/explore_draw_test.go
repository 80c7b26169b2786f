package cli

import (
	"bytes"
	"strings"
	"testing"

	"cookbook/internal/explore"
	"cookbook/internal/transcript"
)

// lostUpdate is a schedule that breaks a promise, and one that does not.
func lostUpdate() *explore.Fault {
	said := func(actor string, mark transcript.Mark, text string) []explore.Said {
		return []explore.Said{{Actor: actor, Mark: mark, Text: text, OK: mark != transcript.Broken}}
	}
	reads := func(actor int, name, what string) explore.TraceStep {
		return explore.TraceStep{Actor: actor, Kind: transcript.Line, Said: said(name, transcript.Ordered, "reads "+what)}
	}
	return &explore.Fault{
		Kind: explore.Broken, Text: "the sum is 1", Preemptions: 1, Steps: 5, Fewest: true, Decisive: 1,
		Trace: &explore.Trace{Actors: []string{"adder", "subtracter", "main"}, Steps: []explore.TraceStep{
			{Actor: 0, Kind: transcript.Begin},
			{Actor: 1, Kind: explore.Pause, Preempts: true},
			{Actor: -1, Kind: explore.TimeOut},
			reads(1, "someone", "0 before the other one has written"),
			{Actor: 2, Kind: transcript.Line, Said: said("main", transcript.Broken, "the sum is 1")},
		}},
		Passes: &explore.Trace{Actors: []string{"adder", "main"}, Steps: []explore.TraceStep{
			{Actor: 0, Kind: transcript.Begin},
			reads(0, "adder", "0"),
			{Actor: 1, Kind: transcript.Line, Said: said("main", transcript.Exact, "the sum is 2")},
		}},
	}
}

func TestAFaultIsDrawnInColumnsAsFarAsTheyHaveRoom(t *testing.T) {
	for width, want := range map[int]string{
		140: `
     adder               subtracter                                           main            │      adder      main
  1  begins                                                                                   │
»⇄2                      pauses                                                               │  »2  ~ reads 0
  3  (a time-out comes)                                                                       │   3             = the sum is 2
  4                      ~ someone: reads 0 before the other one has written                  │
  5                                                                           ! the sum is 1  │
`,
		80: `
     adder               subtracter                               main
  1  begins
»⇄2                      pauses
  3  (a time-out comes)
  4                      ~ someone: reads 0 before the other one
                         has written
  5                                                               ! the sum is 1

The nearest order that passes goes on from step 2:

     adder               subtracter                               main
 »2  ~ reads 0
  3                                                               = the sum is 2
`,
		40: `
  1 adder      begins
»⇄2 subtracter pauses
  3            (a time-out comes)
  4 subtracter ~ someone: reads 0 before
               the other one has written
  5 main       ! the sum is 1

The nearest order that passes goes on
from step 2:

»2 adder ~ reads 0
 3 main  = the sum is 2
`,
	} {
		var out bytes.Buffer
		a := &app{Streams: Streams{Out: &out, Width: width}}
		newPicture(a, lostUpdate()).draw()
		if got := "\n" + out.String(); !strings.HasPrefix(got, want) || !strings.Contains(got, "\n⇄ takes the turn") {
			t.Errorf("%d columns:\n%s\nwant\n%s", width, got, want)
		}
	}
}

func TestOfALongScheduleThePartAroundTheDecisiveStepIsDrawn(t *testing.T) {
	f := lostUpdate()
	for range 500 {
		f.Trace.Steps = append([]explore.TraceStep{f.Trace.Steps[0]}, f.Trace.Steps...)
	}
	f.Decisive, f.Passes = 400, f.Trace
	var out bytes.Buffer
	newPicture(&app{Streams: Streams{Out: &out, Width: 80}}, f).draw()
	for _, want := range []string{"… 370 steps before these; all are in --json\n", "\n 371  begins", "»401  begins", " 460  begins", "\n… 45 steps more; all are in --json\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), " 461 ") {
		t.Error("more is drawn")
	}
}
