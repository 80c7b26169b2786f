package cli

import (
	"bytes"
	"testing"

	"cookbook/internal/explore"
	"cookbook/internal/terminal"
	"cookbook/internal/transcript"
)

func TestAScheduleIsDrawnByItsSteps(t *testing.T) {
	said := []explore.Said{{Text: "x", OK: true}}
	trace := &explore.Trace{Actors: []string{"a", "b"}, Steps: []explore.TraceStep{
		{Actor: 0, Kind: transcript.Begin},
		{Actor: 0, Kind: explore.Pause},
		{Actor: 1, Kind: transcript.Begin},
		{Actor: 1, Kind: transcript.Line, Said: said},
		{Actor: -1, Kind: explore.TimeOut},
		{Actor: 0, Kind: transcript.Line, Said: said},
		{Actor: 1, Kind: transcript.Line, Said: said},
		{Actor: 0, Kind: transcript.Line, Said: said},
	}}
	var out bytes.Buffer
	scheduleAsTimeline(trace).Draw(&out, terminal.Style{Width: 37})
	const want = `
     0 steps             5
     ┬───────────────────┬───────────
  a  ████████············██●█▄▄▄▄██●█
  b          ██████●█▄▄▄▄▄▄▄▄██●█

  ● says a line   █ runs
  ▄ ready, waits for its turn
  · sleeps
`
	if out.String() != want {
		t.Errorf("%s\nwant\n%s", out.String(), want)
	}
}
