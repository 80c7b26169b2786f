package cli

import (
	"bytes"
	"context"
	"errors"
	"runtime/trace"
	"strings"
	"testing"
	"time"

	"cookbook/internal/threading"
	"cookbook/internal/timeline"
	"cookbook/internal/transcript"
)

// withPicture runs something as run --timeline does.
func withPicture(t *testing.T, ctx context.Context, timeout time.Duration, run func(ctx context.Context, out *transcript.Log) error) (string, error) {
	t.Helper()
	var out bytes.Buffer
	a := &app{catalog: fake(t), Streams: Streams{Out: &out, Width: 80}}
	err := withTimeline(a, ctx, timeout, run, transcript.Config{Recipe: "ch9.x", Sink: transcript.Plain(&out)})
	return out.String(), err
}

// wantInOrder looks for texts, one after another.
func wantInOrder(t *testing.T, s string, texts ...string) {
	t.Helper()
	rest := s
	for _, text := range texts {
		i := strings.Index(rest, text)
		if i < 0 {
			t.Fatalf("no %q, in its place, in\n%s", text, s)
		}
		rest = rest[i+len(text):]
	}
}

func TestTheTimelineStandsBelowTheTranscript(t *testing.T) {
	code, out, stderr := cookbook(t, false, nil, "run", "good", "--timeline")
	if code != exitOK || stderr != "" {
		t.Fatalf("exit code %d, stderr %q", code, stderr)
	}
	wantInOrder(t, out, "hello 1", "2 promises kept", "0 ms", "\n  main  ", "● says a line")
}

func TestADeadlockIsDrawnAtTheTimeout(t *testing.T) {
	code, out, stderr := cookbook(t, false, nil, "run", "waiting", "--timeline", "--timeout", "800ms")
	if code != exitTimeout || !strings.Contains(stderr, "holds the lock, waits for the lock") {
		t.Fatalf("exit code %d, stderr %q", code, stderr)
	}
	wantInOrder(t, out, "0 ms", "A main ", "\n    the lock ", "░ waits", "├A┤ held by A")
}

func TestThreadsAndTheirLocksAreDrawn(t *testing.T) {
	out, err := withPicture(t, t.Context(), time.Minute, func(ctx context.Context, out *transcript.Log) error {
		main := threading.Main(ctx)
		box := threading.NewRLock("the box")
		var threads []*threading.Thread
		for _, name := range []string{"reader", "writer"} {
			threads = append(threads, threading.NewThread(main, func(t *threading.Thread) error {
				for range 2_000 {
					if err := threading.With(t, box, func() error { return nil }); err != nil {
						return err
					}
				}
				out.Actor(name).Printf("%s is done", name)
				return nil
			}, threading.WithName(name)))
		}
		for _, th := range threads {
			if err := th.Start(); err != nil {
				return err
			}
		}
		return errors.Join(threads[0].Join(main), threads[1].Join(main))
	})
	if err != nil {
		t.Fatal(err)
	}
	wantInOrder(t, out, "is done", "is done", "A main ", "B reader ", "C writer ", "the box ")
}

func TestTheTimelineIsDrawnHoweverTheRunEnds(t *testing.T) {
	failure := errors.New("it went wrong")
	ctx, cancel := context.WithCancelCause(t.Context())
	for _, tt := range []struct {
		name string
		run  func(ctx context.Context, out *transcript.Log) error
		want error
	}{
		{"with an error", func(context.Context, *transcript.Log) error { return failure }, failure},
		{"by a panic", func(context.Context, *transcript.Log) error { panic(failure) }, errors.New("the recipe panicked: it went wrong")},
		{"by Ctrl-C", func(ctx context.Context, _ *transcript.Log) error {
			cancel(interruptedError{})
			<-ctx.Done()
			return context.Cause(ctx)
		}, interruptedError{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out, err := withPicture(t, ctx, time.Minute, tt.run)
			if err == nil || !strings.HasPrefix(err.Error(), tt.want.Error()) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
			wantInOrder(t, out, "0 ms", "\n  main")
		})
	}
}

func TestAUsageErrorStandsAlone(t *testing.T) {
	code, out, _ := cookbook(t, false, nil, "run", "good", "--timeline", "--n", "-5")
	if code != exitUsage || out != "" {
		t.Errorf("exit code %d, output %q", code, out)
	}
}

func TestARecipeLeftBehindDoesNotWriteIntoThePicture(t *testing.T) {
	written := 0
	sink := &tracedSink{next: transcript.SinkFunc(func(transcript.Event) { written++ })}
	sink.Event(transcript.Event{Kind: transcript.Line})
	sink.close()
	sink.Event(transcript.Event{Kind: transcript.Line})
	if written != 1 {
		t.Errorf("%d events came through, want the one before the end", written)
	}
}

func TestASecondTraceIsAnError(t *testing.T) {
	rec, err := record(maxTrace)
	if err != nil {
		t.Skipf("this process is traced already: %v", err)
	}
	defer rec.stop()
	code, out, stderr := cookbook(t, false, nil, "run", "good", "--timeline")
	if code != exitFailed || out != "" || !strings.Contains(stderr, "--timeline needs Go's execution trace") {
		t.Errorf("exit code %d, output %q, stderr %q", code, out, stderr)
	}
}

func TestATraceThatIsFullEndsAndCanBeRead(t *testing.T) {
	rec, err := record(1 << 10)
	if err != nil {
		t.Skipf("this process is traced already: %v", err)
	}
	ctx, task := trace.NewTask(t.Context(), transcript.Main)
	for trace.IsEnabled() {
		trace.Log(ctx, timeline.LogLine, transcript.Main)
	}
	task.End()
	tl, err := timeline.ReadTrace(bytes.NewReader(rec.stop()))
	if err != nil || !rec.full.Load() || len(tl.Lanes) != 1 || len(tl.Lanes[0].Lines) == 0 {
		t.Errorf("full %v, error %v, %d lanes", rec.full.Load(), err, len(tl.Lanes))
	}
}
