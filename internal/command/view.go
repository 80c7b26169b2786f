package command

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/pflag"
	"golang.org/x/term"

	"cookbook/internal/catalog"
	"cookbook/internal/transcript"
)

// View is the flags of every run of a recipe. They say how it is run and shown.
type View struct {
	Speed   transcript.Speed
	Seed    uint64
	Plain   bool
	JSON    bool
	Timeout time.Duration
}

// Add declares the flags.
func (v *View) Add(f *pflag.FlagSet) {
	v.Speed = transcript.DefaultSpeed
	SpeedFlag(f, &v.Speed)
	SeedFlag(f, &v.Seed, "repeat the random numbers of another run; 0 makes new ones")
	f.BoolVar(&v.Plain, "plain", false, "only the program's own lines")
	f.BoolVar(&v.JSON, "json", false, "one JSON object a line")
	TimeoutFlag(f, &v.Timeout, "give up after this long and say who waits for what")
}

// Check is a usage error if the flags make no sense together.
func (v *View) Check() error {
	if v.Plain && v.JSON {
		return catalog.Usagef("--plain and --json exclude each other: choose one")
	}
	return nil
}

// Sink shows a run on s. The heading is asked for when the first event comes, so that a usage error stands alone; if the run is not
// shown with its promise, it is not asked for.
func (v *View) Sink(s Streams, heading func() transcript.Heading) transcript.Sink {
	switch {
	case v.JSON:
		return transcript.JSON(s.Out)
	case v.Plain:
		return transcript.WithBar(s.Bar(), transcript.Plain(s.Out))
	}
	var sink transcript.Sink
	return transcript.WithBar(s.Bar(), transcript.SinkFunc(func(ev transcript.Event) {
		if sink == nil {
			if ev.Kind == transcript.End && ev.Err != nil {
				return
			}
			sink = transcript.Annotated(s.Out, heading(), s.Style())
		}
		sink.Event(ev)
	}))
}

// WithTerminal returns a context in which a recipe may ask the person at s.In, if that is a terminal.
func (s Streams) WithTerminal(ctx context.Context) context.Context {
	if in, ok := s.In.(*os.File); ok && term.IsTerminal(int(in.Fd())) {
		return catalog.WithTerminal(ctx, in)
	}
	return ctx
}

// Legend says what each mark of a run means, a line each.
func Legend() string {
	var b strings.Builder
	for _, info := range transcript.Marks() {
		fmt.Fprintf(&b, "  %s  %s\n", info.Mark, info.Meaning)
	}
	return b.String()
}
