package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"runtime/trace"
	"slices"
	"strings"
	"testing"
	"time"

	"cookbook/internal/async"
	"cookbook/internal/catalog"
	"cookbook/internal/command"
	"cookbook/internal/process"
	"cookbook/internal/threading"
	"cookbook/internal/timeline"
	"cookbook/internal/timeline/record"
	"cookbook/internal/transcript"
	"cookbook/internal/waitfor"
)

// withPicture runs something as run --timeline does.
func withPicture(t *testing.T, ctx context.Context, timeout time.Duration, run func(ctx context.Context, out *transcript.Log) error) (string, error) {
	t.Helper()
	var out bytes.Buffer
	a := &app{catalog: fake(t), Streams: Streams{Out: &out, Width: 80}}
	o := runOptions{View: command.View{Timeout: timeout}, timeline: onTerminal, trace: new(string)}
	err := o.record(a, ctx, "ch9.x", run, transcript.Config{Recipe: "ch9.x", Sink: transcript.Plain(&out)})
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
	for _, name := range []string{" reader  ", " writer  "} { // in the order of their lines
		wantInOrder(t, out, "is done", "is done", "A main ", name, "the box ")
	}
}

// timelineOf runs something as run --timeline does and returns what is drawn.
func timelineOf(t *testing.T, run func(ctx context.Context, out *transcript.Log) error) timeline.Timeline {
	t.Helper()
	rec, err := record.Run(t.Context(), run, transcript.Config{Recipe: "ch9.x"}, func(ctx context.Context, run catalog.Run, cfg transcript.Config) error {
		return command.Supervise(ctx, time.Minute, run, cfg)
	})
	if errors.Is(err, record.ErrNoTrace) {
		t.Skipf("this process is traced already: %v", err)
	}
	if errors.Is(err, process.ErrUnsupported) {
		t.Skip(err)
	}
	if err := errors.Join(err, rec.Broken); err != nil {
		t.Fatal(err)
	}
	return rec.Timeline
}

// wantLane looks for a lane in which an actor was in these states, at some time, and said so many lines.
func wantLane(t *testing.T, tl timeline.Timeline, name string, lines int, states ...timeline.Span) {
	t.Helper()
	i := slices.IndexFunc(tl.Lanes, func(l timeline.Lane) bool { return l.Name == name })
	if i < 0 {
		t.Errorf("no lane of %s among %+v", name, tl.Lanes)
		return
	}
	l := tl.Lanes[i]
	if len(l.Lines) != lines {
		t.Errorf("%s said %d lines, want %d", name, len(l.Lines), lines)
	}
	for _, want := range states {
		if !slices.ContainsFunc(l.Spans, func(s timeline.Span) bool { return s.State == want.State && s.For == want.For }) {
			t.Errorf("%s was never in state %d %q", name, want.State, want.For)
		}
	}
}

func TestTasksOfAnEventLoopHaveLanes(t *testing.T) {
	waits := func(on string) timeline.Span { return timeline.Span{State: timeline.Waiting, For: on} }
	runs, ready, sleeps := timeline.Span{State: timeline.Running}, timeline.Span{State: timeline.Ready}, timeline.Span{State: timeline.Sleeping}
	tl := timelineOf(t, func(ctx context.Context, out *transcript.Log) error {
		_, err := async.Run(ctx, func(main *async.Task) (any, error) {
			desk, answer := async.NewLock("desk"), async.CreateFuture[int](main)
			visit := func(t *async.Task) (any, error) {
				defer desk.Release()
				return nil, errors.Join(desk.Acquire(t), t.Sleep(time.Millisecond))
			}
			first := async.CreateTask(main, visit, async.WithName("first"))
			second := async.CreateTask(main, visit, async.WithName("second"))
			third := async.CreateTask(main, func(t *async.Task) (any, error) {
				_, err := answer.Result(t)
				out.Actor(t.Name()).Printf("has the answer")
				return nil, err
			}, async.WithName("third"))
			_, err1 := first.Result(main)
			_, err2 := second.Result(main)
			answer.SetResult(42)
			_, err3 := third.Result(main)
			return nil, errors.Join(err1, err2, err3)
		})
		return err
	})
	wantLane(t, tl, "main", 0, waits("its tasks"))
	wantLane(t, tl, "Task-1", 0, runs, ready, waits("first"), waits("second"), waits("third"))
	wantLane(t, tl, "first", 0, runs, ready, sleeps)
	wantLane(t, tl, "second", 0, runs, ready, waits("lock desk"), sleeps)
	wantLane(t, tl, "third", 1, runs, ready, waits("a future"))
	if len(tl.Lanes) != 5 {
		t.Errorf("%d lanes: %+v", len(tl.Lanes), tl.Lanes)
	}
	var held []string
	for _, h := range tl.Things {
		for _, hold := range h.Holds {
			held = append(held, h.Name+" by "+hold.By)
		}
	}
	if want := []string{"lock desk by first", "lock desk by second"}; !slices.Equal(held, want) {
		t.Errorf("held %q, want %q", held, want)
	}
}

func TestChildProcessesHaveLanes(t *testing.T) {
	tl := timelineOf(t, func(ctx context.Context, out *transcript.Log) error {
		g, err := process.NewGroup(ctx, process.WithLog(out))
		if err != nil {
			return err
		}
		defer g.Close()
		var d desk
		var errs [3]error
		d.Desk, errs[0] = process.NewLock(g, "desk")
		d.Taken, errs[1] = process.NewEvent(g, "taken")
		d.Leave, errs[2] = process.NewEvent(g, "leave")
		child := process.New(g, sitAt, d, process.WithName("child"))
		if err := errors.Join(errors.Join(errs[:]...), child.Start(), d.Taken.Wait(ctx)); err != nil {
			return err
		}
		go func() {
			for ctx.Err() == nil && !slices.ContainsFunc(waitfor.FromContext(ctx).Waits(), func(w waitfor.Wait) bool { return w.For == "desk" }) {
				time.Sleep(time.Millisecond)
			}
			d.Leave.Set()
		}()
		return errors.Join(d.Desk.Acquire(ctx), d.Desk.Release(), child.Join(ctx))
	})
	wantLane(t, tl, "child", 1, timeline.Span{State: timeline.Apart})
	wantLane(t, tl, "main", 0, timeline.Span{State: timeline.Waiting, For: "desk"})
	if len(tl.Lanes) != 2 {
		t.Errorf("%d lanes, want main and child: %+v", len(tl.Lanes), tl.Lanes)
	}
}

func TestWaitsForOtherProcessesHaveNames(t *testing.T) {
	tl := timelineOf(t, func(ctx context.Context, out *transcript.Log) error {
		pool, err := process.NewPool(ctx, 1)
		if err != nil {
			return err
		}
		defer pool.Terminate()
		_, err1 := process.Apply(ctx, pool, negate, 1)
		manager, err := process.NewManager(ctx)
		if err != nil {
			return err
		}
		defer manager.Close()
		lock, err := process.NewManagedLock(ctx, manager)
		if err != nil {
			return err
		}
		err2 := lock.Acquire(ctx)
		impatient, cancel := context.WithTimeout(ctx, 5*time.Millisecond)
		defer cancel()
		if err := lock.Acquire(impatient); !errors.Is(err, context.DeadlineExceeded) { // a short wait does not sleep
			t.Errorf("acquire a lock that is held: %v", err)
		}
		return errors.Join(err1, err2, lock.Release())
	})
	for _, on := range []string{"the pool", "the manager"} {
		wantLane(t, tl, "main", 0, timeline.Span{State: timeline.Waiting, For: on})
	}
}

var negate = process.Register("cli.negate", func(_ context.Context, n int) (int, error) { return -n, nil })

type desk struct {
	Desk         *process.Lock
	Taken, Leave *process.Event
}

// sitAt holds a lock until it is told to leave.
var sitAt = process.Register("cli.sitAt", func(ctx context.Context, d desk) (struct{}, error) {
	if err := d.Desk.Acquire(ctx); err != nil {
		return struct{}{}, err
	}
	d.Taken.Set()
	process.Log(ctx).Actor(process.Current(ctx).Name()).Printf("sits")
	return struct{}{}, errors.Join(d.Leave.Wait(ctx), d.Desk.Release())
})

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
			cancel(command.InterruptedError{})
			<-ctx.Done()
			return context.Cause(ctx)
		}, command.InterruptedError{}},
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

func TestASecondTraceIsAnError(t *testing.T) {
	if err := trace.Start(io.Discard); err != nil {
		t.Skipf("this process is traced already: %v", err)
	}
	defer trace.Stop()
	code, out, stderr := cookbook(t, false, nil, "run", "good", "--timeline")
	if code != exitFailed || out != "" || !strings.Contains(stderr, "--timeline and --trace need Go's execution trace") {
		t.Errorf("exit code %d, output %q, stderr %q", code, out, stderr)
	}
}
