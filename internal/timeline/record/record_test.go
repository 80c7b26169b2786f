package record

import (
	"bytes"
	"context"
	"errors"
	"runtime/trace"
	"testing"

	"cookbook/internal/catalog"
	"cookbook/internal/timeline"
	"cookbook/internal/transcript"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// plainly runs a recipe without looking after it.
func plainly(ctx context.Context, run catalog.Run, cfg transcript.Config) error {
	return catalog.Start(ctx, run, cfg)
}

func TestTheLinesOfARunStandInItsTimeline(t *testing.T) {
	var out bytes.Buffer
	r, err := Run(t.Context(), func(ctx context.Context, out *transcript.Log) error {
		out.Actor(transcript.Main).Printf("hello")
		return errors.ErrUnsupported
	}, transcript.Config{Recipe: "ch9.x", Sink: transcript.Plain(&out)}, plainly)
	if !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("error %v, want that of the run", err)
	}
	if r == nil || r.Broken != nil || r.Full || len(r.Timeline.Lanes) != 1 || len(r.Timeline.Lanes[0].Lines) != 1 {
		t.Fatalf("recording %+v", r)
	}
	if said := r.Timeline.Lanes[0].Said; len(said) != 1 || said[0] != "hello" {
		t.Errorf("main said %q", said)
	}
	if again, err := timeline.ReadTrace(bytes.NewReader(r.Trace)); err != nil || len(again.Lanes) != 1 {
		t.Errorf("the raw trace has %d lanes, error %v", len(again.Lanes), err)
	}
	if out.String() != "hello\n" {
		t.Errorf("the sink got %q", &out)
	}
}

func TestARecipeLeftBehindDoesNotWriteIntoThePicture(t *testing.T) {
	written := 0
	s := &sink{said: map[string][]string{}, next: transcript.SinkFunc(func(transcript.Event) { written++ })}
	s.Event(transcript.Event{Kind: transcript.Line})
	s.close()
	s.Event(transcript.Event{Kind: transcript.Line})
	if written != 1 {
		t.Errorf("%d events came through, want the one before the end", written)
	}
}

func TestASecondTraceIsAnError(t *testing.T) {
	_, err := Run(t.Context(), func(ctx context.Context, _ *transcript.Log) error {
		r, err := Run(ctx, func(context.Context, *transcript.Log) error { panic("it ran") }, transcript.Config{Recipe: "ch9.y"}, plainly)
		if r != nil {
			t.Errorf("there are two recordings")
		}
		return err
	}, transcript.Config{Recipe: "ch9.x"}, plainly)
	if !errors.Is(err, ErrNoTrace) {
		t.Errorf("error %v", err)
	}
}

func TestATraceThatIsFullEndsAndCanBeRead(t *testing.T) {
	r, err := record(t.Context(), 1<<10, func(ctx context.Context, out *transcript.Log) error {
		for trace.IsEnabled() {
			out.Actor(transcript.Main).Printf("on")
		}
		return nil
	}, transcript.Config{Recipe: "ch9.x"}, plainly)
	if err != nil {
		t.Fatal(err)
	}
	if r.Broken != nil || !r.Full || len(r.Timeline.Lanes) != 1 || len(r.Timeline.Lanes[0].Lines) == 0 {
		t.Errorf("full %v, error %v, %d lanes", r.Full, r.Broken, len(r.Timeline.Lanes))
	}
}

func TestARunThatPanicsEndsTheTrace(t *testing.T) {
	defer func() {
		if recover() == nil || trace.IsEnabled() {
			t.Error("the trace goes on")
		}
	}()
	Run(t.Context(), nil, transcript.Config{Recipe: "ch9.x"}, func(context.Context, catalog.Run, transcript.Config) error { panic("ended") })
}
