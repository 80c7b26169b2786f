package transcript

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"strings"
	"time"

	"cookbook/internal/terminal"
)

// maxJSON bounds one line that ReadJSON reads, in bytes. An error may be as long as the stacks of many goroutines.
const maxJSON = 1 << 20

// RunError is the error of a run as another process has printed it.
type RunError struct {
	Msg    string
	Broken *Mismatch // if that is the error
	Told   bool      // the run did not fail but was told to end
}

func (e *RunError) Error() string { return e.Msg }

// Stopped says whether the run was told to end.
func (e *RunError) Stopped() bool { return e.Told }

// Unwrap returns the broken promise, if that is the error.
func (e *RunError) Unwrap() error {
	if e.Broken == nil {
		return nil
	}
	return e.Broken
}

// ReadJSON reads what the sink of [JSON] has written, event by event, as the lines come. It reads to the event End or to the first error:
// a *[WireError] for a line that is not such an event, io.ErrUnexpectedEOF if the stream ends before the run, or the error of r. Place is
// 0 in all events, Err is a *[RunError], and Matched is set unless the promise says why not. Texts are as safe to show as those of a [Log].
func ReadJSON(r io.Reader) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		lines := bufio.NewScanner(r)
		lines.Buffer(nil, maxJSON)
		for lines.Scan() {
			e, err := readEvent(lines.Bytes())
			if err != nil {
				yield(Event{}, &WireError{head(lines.Text()), err.Error()})
				return
			}
			if !yield(e, nil) || e.Kind == End {
				return
			}
		}
		switch err := lines.Err(); {
		case errors.Is(err, bufio.ErrTooLong):
			yield(Event{}, &WireError{"", fmt.Sprintf("longer than %d bytes", maxJSON)})
		case err != nil:
			yield(Event{}, fmt.Errorf("read a run: %w", err))
		default:
			yield(Event{}, io.ErrUnexpectedEOF)
		}
	}
}

// head is the beginning of a line, for an error.
func head(line string) string { return terminal.Cut(terminal.Safe(line), 80) }

// readEvent reads one line.
func readEvent(line []byte) (Event, error) {
	var in jsonEvent
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&in); err != nil {
		return Event{}, fmt.Errorf("not an event: %w", err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return Event{}, errors.New("more than one event")
	}
	if err := in.check(); err != nil {
		return Event{}, err
	}
	return in.event(), nil
}

// check says what no sink writes.
func (in *jsonEvent) check() error {
	const longest = float64(math.MaxInt64 / int64(time.Millisecond)) // in ms
	spoken := in.Mark == Unmarked || in.Mark.Info().Spoken
	switch {
	case in.Kind != Line && in.Kind != Note && in.Kind != Check && in.Kind != Progress && in.Kind != End:
		return errors.New("unknown kind")
	case !(in.At >= 0 && in.At < longest):
		return errors.New("at_ms is out of range")
	case in.Kind == Line && (in.Actor == "" || !spoken), in.Kind != Line && (in.Actor != "" || in.Mark != Unmarked):
		return errors.New("a line has an actor and may have a mark; nothing else has")
	case (in.Kind == Check || in.Kind == End) != (in.OK != nil):
		return errors.New("a check and the end are ok or not; nothing else is")
	case (in.Kind == End) != (in.Kept != nil), in.Kept != nil && *in.Kept < 0:
		return errors.New("the end says how many promises were kept; nothing else does")
	case in.Kind == End && *in.OK != (in.Error == ""):
		return errors.New("a run that is not ok has an error")
	case in.Done < 0 || in.Done > in.Total && in.Total > 0:
		return errors.New("progress is out of range")
	case strings.Contains(in.Text+in.Actor+in.Claim+in.Expected, "\n"):
		return errors.New("a text has a line break")
	}
	return nil
}

// event is the event that has been written so.
func (in *jsonEvent) event() Event {
	e := Event{
		Recipe: clean(in.Recipe, maxName), At: time.Duration(math.Round(in.At*1000)) * time.Microsecond, Kind: in.Kind,
		Actor: clean(in.Actor, maxName), Mark: in.Mark, Text: clean(in.Text, maxText), Done: in.Done, Total: in.Total,
	}
	switch in.Kind {
	case Line:
		if in.Expected != "" {
			e.expected = readExpected(in.Expected, in.Line)
		}
	case Check:
		e.OK, e.Claim = *in.OK, clean(in.Claim, maxText)
		if e.Claim == "" {
			e.Claim = e.Text
		}
	case End:
		e.OK, e.Kept, e.Matched, e.Unmatched = *in.OK, *in.Kept, in.Unmatched == "", clean(in.Unmatched, maxText)
		if in.Error != "" {
			e.Err = &RunError{terminal.Safe(in.Error), in.Broken, in.Stopped}
		}
		if in.Seed != nil {
			e.Seeded, e.Seed = true, *in.Seed
		}
	}
	return e
}

// readExpected is the line of a promise that its String has written so.
func readExpected(line string, at int) *expected {
	mark, rest := splitMark(terminal.Safe(line))
	actor, text := splitActor(rest)
	return &expected{at: at, mark: mark, actor: actor, text: text}
}

// Expected returns the line of the promise in whose place a line stands, and where it is in the file; "" if there is none.
func (e Event) Expected() (line string, at int) {
	if e.expected == nil {
		return "", 0
	}
	return e.expected.String(), e.expected.at
}
