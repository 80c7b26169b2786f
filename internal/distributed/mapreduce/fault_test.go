package mapreduce

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"cookbook/internal/distributed/engine"
	"cookbook/internal/distributed/engine/enginetest"
	"cookbook/internal/process"
)

func TestAMapperThatIsKilledChangesNoCount(t *testing.T) {
	for stage, name := range map[Stage]string{Taken: "before map", Mapped: "after map", Published: "before the acknowledgement"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := enginetest.Open(t)
			conn := enginetest.Conn(t, e)
			g := group(t)
			random := rand.New(rand.NewPCG(uint64(stage), 1))
			text := randomText(random, 3000)
			start(t, g, serveArgs{At: e.Address(), Role: Reducer, SaveAfter: 500})
			var died []*process.Process
			for range 2 {
				died = append(died, start(t, g, serveArgs{At: e.Address(), Role: Mapper, DieAt: stage, DieIn: 2}))
			}
			go func() {
				for _, p := range died {
					p.Join(t.Context())
				}
				start(t, g, serveArgs{At: e.Address(), Role: Mapper})
			}()
			pairs, err := Run(t.Context(), conn, words, Reader("text", bytes.NewReader(text)), WithSplitSize(100+random.IntN(200)), WithPartitions(1+random.IntN(3)))
			if got, want := counts(t, pairs), plainCount(text); err != nil || !maps.Equal(got, want) {
				t.Errorf("%v, %v; want %v", got, err, want)
			}
			for _, p := range died {
				if code, ended := p.ExitCode(); !ended || code == 0 {
					t.Errorf("a mapper was not killed: %d, %v", code, ended)
				}
			}
		})
	}
}

func TestAReducerThatIsKilledChangesNoCount(t *testing.T) {
	e := enginetest.Open(t)
	conn := enginetest.Conn(t, e)
	g := group(t)
	text := randomText(rand.New(rand.NewPCG(2, 2)), 8000)
	first := start(t, g, serveArgs{At: e.Address(), Role: Reducer, SaveAfter: 400})
	start(t, g, serveArgs{At: e.Address(), Role: Mapper})
	killed := false
	pairs, err := Run(t.Context(), conn, words, Reader("text", bytes.NewReader(text)), WithSplitSize(200), WithProgress(func(p Progress) {
		if p.Done >= 8 && !killed {
			killed = true
			first.Kill()
			start(t, g, serveArgs{At: e.Address(), Role: Reducer, SaveAfter: 400})
		}
	}))
	if got, want := counts(t, pairs), plainCount(text); err != nil || !maps.Equal(got, want) || !killed {
		t.Errorf("killed %v: %v, %v; want %v", killed, got, err, want)
	}
	left(t, conn)
}

func TestASplitThatKillsEveryMapperEndsTheJob(t *testing.T) {
	e := enginetest.Open(t)
	conn := enginetest.Conn(t, e)
	g := group(t)
	start(t, g, serveArgs{At: e.Address(), Role: Reducer})
	ctx, cancel := context.WithCancel(t.Context())
	var starts int
	done := make(chan struct{})
	go func() { // somebody who starts mappers again and again
		defer close(done)
		for ; ctx.Err() == nil; starts++ {
			p := process.New(g, serve, serveArgs{At: e.Address(), Role: Mapper})
			if p.Start() != nil {
				return
			}
			p.Join(ctx)
		}
	}()
	_, err := Run(t.Context(), conn, faulty, Reader("notes", strings.NewReader("good\nkill\nfine\n")), WithSplitSize(5), WithAttempts(2))
	cancel()
	<-done
	var split *SplitError
	if !errors.As(err, &split) || split.Offset != 5 || split.Attempts != 2 || starts != 3 {
		t.Errorf("%v, after %d mappers", err, starts)
	}
	left(t, conn)
}

func TestAnEngineThatStartsAgainChangesNoCount(t *testing.T) {
	e := enginetest.Open(t)
	conn := enginetest.Conn(t, e)
	work(t, e, 1, 1, func(w *worker) { w.saveAfter = 500 })
	text := randomText(rand.New(rand.NewPCG(4, 4)), 8000)
	again := make(chan error, 1)
	restarted := false
	pairs, err := Run(t.Context(), conn, words, Reader("text", bytes.NewReader(text)), WithSplitSize(200), WithProgress(func(p Progress) {
		if p.Done >= 8 && !restarted {
			restarted = true
			go func() { again <- e.Restart(t.Context()) }()
		}
	}))
	if err := <-again; err != nil {
		t.Fatal(err)
	}
	if got, want := counts(t, pairs), plainCount(text); err != nil || !maps.Equal(got, want) {
		t.Errorf("%v, %v; want %v", got, err, want)
	}
}

var runForever = process.Register("test.run", func(ctx context.Context, at engine.Address) (struct{}, error) {
	conn, err := engine.Connect(ctx, at)
	if err != nil {
		return struct{}{}, err
	}
	defer conn.Close()
	_, err = Run(ctx, conn, words, Reader("text", &endless{text: []byte("a b c\n")}), WithSplitSize(1000), WithProgress(func(p Progress) {
		if p.Done == 5 {
			killMe()
		}
	}))
	return struct{}{}, err
})

func TestAReducerRemovesTheJobOfAClientThatIsGone(t *testing.T) {
	e := enginetest.Open(t)
	conn := enginetest.Conn(t, e)
	work(t, e, 1, 1, func(w *worker) { w.clientTTL = time.Millisecond })
	g := group(t)
	p := process.New(g, runForever, e.Address())
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	p.Join(t.Context())
	for { // until the reducer has asked for it
		names := 0
		for range conn.JS.StreamNames(t.Context()).Name() {
			names++
		}
		if names == 1 {
			break
		}
		if t.Context().Err() != nil {
			t.Fatal("the job is still there")
		}
	}
	pairs, err := Run(t.Context(), conn, words, Reader("text", strings.NewReader("a\n")))
	if err != nil || len(pairs) != 1 {
		t.Errorf("the next job: %v, %v", pairs, err)
	}
	left(t, conn)
}

func TestMessagesOfStrangersDoNoHarm(t *testing.T) {
	e := enginetest.Open(t)
	conn := enginetest.Conn(t, e)
	if _, _, _, err := queues(t.Context(), conn); err != nil {
		t.Fatal(err)
	}
	r := run{conn, "x"}
	for _, meta := range []string{"", "{", "[]", "{}", `{"Run":"x","Partitions":1000000000}`, `{"Run":"x","Partitions":2,"Partition":-1}`} {
		for _, kind := range []string{"map", "reduce"} {
			if _, err := conn.Publish(t.Context(), &nats.Msg{Subject: r.task(kind), Header: nats.Header{metaHeader: {meta}}, Data: []byte("a\n")}); err != nil {
				t.Fatal(err)
			}
		}
	}
	work(t, e, 1, 1)
	pairs, err := Run(t.Context(), conn, words, Reader("text", strings.NewReader("a\n")))
	if err != nil || len(pairs) != 1 {
		t.Errorf("%v, %v", pairs, err)
	}
	left(t, conn)
}

func TestWhatIsNotOfTheShuffleEndsTheJob(t *testing.T) {
	e := enginetest.Open(t)
	conn := enginetest.Conn(t, e)
	spoil := enginetest.Conn(t, e)
	work(t, e, 1, 1, WithHook(func(ctx context.Context, stage Stage, s Split) {
		if stage != Taken {
			return
		}
		for name := range spoil.JS.StreamNames(ctx).Name() {
			if id, ok := strings.CutPrefix(name, spoil.Name(streamName)+"_"); ok {
				spoil.Publish(ctx, message(run{spoil, id}.shuffle(0), "", shuffled{Split: 7, Parts: 1}, []byte("nonsense")))
			}
		}
	}))
	_, err := Run(t.Context(), conn, words, Reader("text", strings.NewReader("a\n")))
	var failed *ReduceError
	if !errors.As(err, &failed) || !strings.Contains(err.Error(), ErrMalformed.Error()) {
		t.Error(err)
	}
}

// FuzzShuffle gives a reducer any message: an error, but no panic and no memory beyond the message's.
func FuzzShuffle(f *testing.F) {
	f.Add(`{"Split":0,"Attempt":"a","Part":0,"Parts":1}`, []byte{1, 1, 'a'})
	f.Add(`{"Split":-1}`, []byte{})
	f.Add(`{"Split":1,"Part":3,"Parts":1000000000000}`, []byte{0})
	f.Add(`{"Splits":-5}`, []byte{})
	conn := &engine.Conn{NC: &nats.Conn{}}
	f.Fuzz(func(t *testing.T, meta string, data []byte) {
		j, err := jobs.Find("test.words")
		if err != nil {
			t.Fatal(err)
		}
		r := &reducer{run: run{conn, "x"}, reduced: j.reduction(), pending: map[attempt]*partial{}}
		r.tell()
		err = r.take(&fake{header: nats.Header{metaHeader: {meta}}, data: data})
		if err != nil && !errors.As(err, new(*reduceFault)) {
			t.Error(err)
		}
	})
}

// A fake is a message that no engine has sent.
type fake struct {
	jetstream.Msg
	header nats.Header
	data   []byte
}

func (f *fake) Data() []byte         { return f.data }
func (f *fake) Headers() nats.Header { return f.header }
func (f *fake) Subject() string      { return "x" }
func (f *fake) Metadata() (*jetstream.MsgMetadata, error) {
	return &jetstream.MsgMetadata{Sequence: jetstream.SequencePair{Stream: 1}}, nil
}

// An engine that closes may answer with an error of its own, in place of that the stream is not there.
func TestAStreamThatIsNotValidIsGone(t *testing.T) {
	for answer, want := range map[error]bool{
		jetstream.ErrStreamNotFound: true,
		&jetstream.APIError{Code: 500, ErrorCode: 10096, Description: "stream not valid"}: true,
		&jetstream.APIError{Code: 503, ErrorCode: 10008}:                                  false,
		nats.ErrConnectionClosed: false,
	} {
		if got := noStream(fmt.Errorf("read x: %w", answer)); got != want {
			t.Errorf("%v: gone is %v", answer, got)
		}
	}
}

// An engine that goes and does not come back ends the job with an error that says so, also where no work is left to be sent.
// What the engine says of the job's stream while it closes may come before it is known that the engine has gone.
func TestAnEngineThatHasGoneEndsTheJob(t *testing.T) {
	for name, lose := range map[string]bool{"at once": false, "after the job": true} {
		t.Run(name, func(t *testing.T) {
			e := enginetest.Open(t)
			done := runUntilBegun(t, enginetest.Conn(t, e), lose)
			if err := e.Close(); err != nil {
				t.Error(err)
			}
			if err := <-done; !errors.Is(err, engine.ErrNoServer) {
				t.Error(err)
			}
		})
	}
}

func TestAJobThatTheEngineHasLostEnds(t *testing.T) {
	e := enginetest.Open(t)
	work(t, e, 1, 1)
	conn := enginetest.Conn(t, e)
	await(t, conn, 1, 1)
	if err := <-runUntilBegun(t, conn, true); !errors.Is(err, ErrLost) {
		t.Error(err)
	}
}

// lines is an input of lines that does not end.
type lines struct{}

func (lines) Read(b []byte) (int, error) { return copy(b, "a\n"), nil }

// runUntilBegun runs a job over an endless input, with little patience, and returns when it has sent its first split. lose: the engine
// has lost the job's stream then.
func runUntilBegun(t *testing.T, conn *engine.Conn, lose bool) (done <-chan error) {
	t.Helper()
	begun := make(chan struct{})
	var once sync.Once
	ended := make(chan error, 1)
	go func() {
		_, err := Run(t.Context(), conn, words, Reader("text", lines{}), func(o *options) { o.patience = time.Second },
			WithSplitSize(100), WithProgress(func(Progress) { once.Do(func() { close(begun) }) }))
		ended <- err
	}()
	<-begun
	if lose {
		for name := range conn.JS.StreamNames(t.Context()).Name() {
			if strings.HasPrefix(name, conn.Name(streamName)+"_") {
				if err := conn.JS.DeleteStream(t.Context(), name); err != nil {
					t.Error(err)
				}
			}
		}
	}
	return ended
}

func TestAWorkerMakesTheQueuesAgainThatAnEngineHasLost(t *testing.T) {
	e := enginetest.Open(t)
	conn := enginetest.Conn(t, e)
	work(t, e, 1, 1)
	stream, _, _, err := queues(t.Context(), conn)
	if err != nil {
		t.Fatal(err)
	}
	await(t, conn, 1, 1)
	// As an engine that starts again loses them, before any client asks for them.
	if err := conn.JS.DeleteStream(t.Context(), stream.CachedInfo().Config.Name); err != nil {
		t.Fatal(err)
	}
	for { // until the workers have made them, and wait again
		if _, err := conn.JS.Stream(t.Context(), stream.CachedInfo().Config.Name); err == nil {
			break
		} else if !errors.Is(err, jetstream.ErrStreamNotFound) {
			t.Fatal(err)
		}
	}
	text := randomText(rand.New(rand.NewPCG(4, 4)), 500)
	pairs, err := Run(t.Context(), conn, words, Reader("text", bytes.NewReader(text)))
	if got, want := counts(t, pairs), plainCount(text); err != nil || !maps.Equal(got, want) {
		t.Errorf("%v, %v; want %v", got, err, want)
	}
}
