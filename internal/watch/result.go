package watch

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"cookbook/internal/terminal"
	"cookbook/internal/transcript"
)

// State says what came of a save.
type State string

// The states.
const (
	Kept     State = "kept"
	Broken   State = "BROKEN"           // a promise, or a check
	Failed   State = "FAILED"           // the program, in another way
	Late     State = "did not end"      // within the time it had
	Unbuilt  State = "does not compile" // Below is what the compiler says
	Unjudged State = ""                 // it was ended
)

// Result is what came of a save, as it is shown: the state, Rows in two columns, what stands below.
type Result struct {
	State State
	What  string   // behind the state: 7 promises kept in 3.4 ms
	Rows  []Row    // what came, in order, beside what the promise has there
	At    int      // the row that is broken; -1: none, and the last ones are shown
	Fault string   // the broken promise in one line: when it is kept again, this was mended
	Below []string // lines, as they are
}

// Row is a line of a run beside the line of the promise that it stands for. Texts are safe for a terminal.
type Row struct {
	Expected string // "": the promise has none
	Got      string // "": it did not come
	Line     int    // of the promise; 0: not known
	Bad      bool
}

// Table is what is promised beside what came, around what is broken, in so many columns. It is empty if all was kept.
func (r Result) Table(columns int) []terminal.Line {
	s := screen{result: r, columns: columns}
	return s.table(rowsInPipe)
}

// event is an event of a run as --json prints it, as far as it is shown.
type event struct {
	Actor, Text, Claim, Error, Expected, Unmatched string

	Kind    transcript.Kind
	Mark    transcript.Mark
	OK      bool
	Line    int                  `json:"promise_line"`
	Kept    int                  `json:"promises_kept"`
	Elapsed float64              `json:"elapsed_ms"`
	Broken  *transcript.Mismatch `json:"broken"`
}

// Read makes a Result of what a program prints with --json. Lines that are not JSON are passed over. Without an end the state is Failed.
func Read(out io.Reader) Result {
	r := Result{State: Failed, At: -1}
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadBytes('\n')
		var e event
		if json.Unmarshal(line, &e) == nil {
			r.add(e)
		}
		if err != nil {
			return r
		}
	}
}

func (r *Result) add(e event) {
	switch e.Kind {
	case transcript.Line:
		said := strings.TrimLeft(string(e.Mark)+" "+e.Actor+"  "+e.Text, " ")
		r.Rows = append(r.Rows, Row{e.Expected, said, e.Line, e.Mark == transcript.Broken})
	case transcript.Check:
		claim := e.Claim
		if claim == "" {
			claim = e.Text
		}
		mark := transcript.Claim
		if !e.OK {
			mark = transcript.Failed
		}
		r.Rows = append(r.Rows, Row{Expected: string(transcript.Claim) + " " + claim, Got: string(mark) + " " + e.Text, Bad: !e.OK})
	case transcript.End:
		r.end(e)
	}
}

// end settles the result.
func (r *Result) end(e event) {
	took := transcript.Clock(time.Duration(e.Elapsed * float64(time.Millisecond)))
	r.What = fmt.Sprintf("%d promises kept in %s", e.Kept, took)
	if e.Kept == 1 {
		r.What = "1 promise kept in " + took
	}
	if e.Unmatched != "" {
		r.Below = append(r.Below, "Lines are not compared with the promise: "+e.Unmatched+".")
	}
	if e.OK {
		r.State = Kept
		return
	}
	r.Below = append(r.Below, strings.Split(e.Error, "\n")...)
	switch m := e.Broken; {
	case m != nil:
		r.State = Broken
		r.At = r.broken(m)
		if r.Fault = r.Rows[r.At].Got; m.Line > 0 {
			r.Fault = fmt.Sprintf("%s (line %d of %s)", m.Expected, m.Line, m.File)
		}
	default:
		// A failed check goes before a broken line, and an error of the program before both.
		r.At = slices.IndexFunc(r.Rows, func(row Row) bool { return row.Bad && strings.HasPrefix(row.Got, string(transcript.Failed)) })
		if r.At >= 0 && e.Error == "check failed: "+strings.TrimPrefix(r.Rows[r.At].Got, string(transcript.Failed)+" ") {
			r.State, r.Fault = Broken, r.Rows[r.At].Expected
		}
	}
}

// broken returns the row of a broken promise. What never came gets a row of its own, behind what is promised before it.
func (r *Result) broken(m *transcript.Mismatch) int {
	if m.Actor != "" {
		at := slices.IndexFunc(r.Rows, func(row Row) bool { return row.Bad && strings.HasSuffix(row.Got, m.Actor+"  "+m.Got) })
		if at >= 0 {
			return at
		}
	} else if m.Line == 0 { // a check that nobody promised
		for i := range slices.Backward(r.Rows) {
			row := &r.Rows[i]
			if claim, ok := strings.CutPrefix(row.Expected, string(transcript.Claim)+" "); ok && strings.Contains(m.Got, fmt.Sprintf("%q", claim)) {
				row.Expected, row.Bad = "", true
				return i
			}
		}
	}
	at := 0
	for i, row := range r.Rows {
		if row.Line > 0 && row.Line < m.Line && !strings.HasPrefix(row.Expected, string(transcript.Any)) {
			at = i + 1
		}
	}
	r.Rows = slices.Insert(r.Rows, at, Row{Expected: m.Expected, Line: m.Line, Bad: true})
	return at
}
