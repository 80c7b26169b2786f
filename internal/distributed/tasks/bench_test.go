package tasks

import (
	"context"
	"fmt"
	"io"
	"runtime/trace"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"cookbook/internal/distributed/engine"
	"cookbook/internal/distributed/engine/enginetest"
	"cookbook/internal/process"
)

// workerProcess is a worker in a process of its own.
var workerProcess = process.Register("test.worker", func(ctx context.Context, at engine.Address) (struct{}, error) {
	conn, err := engine.Connect(ctx, at)
	if err != nil {
		return struct{}{}, err
	}
	defer conn.Close()
	return struct{}{}, Serve(ctx, conn, WithConcurrency(4))
})

// startWorker starts a worker in a process of its own and returns when it answers.
func startWorker(t testing.TB, e *engine.Engine, app *App) *process.Process {
	t.Helper()
	g, err := process.NewGroup(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Close() })
	p := process.New(g, workerProcess, e.Address())
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := app.Ping(limited(t), 1); err != nil {
		t.Fatal(err)
	}
	return p
}

func pairs(n int) []pair {
	all := make([]pair, n)
	for i := range all {
		all[i] = pair{i, 1}
	}
	return all
}

// BenchmarkTask is one call from its sending to its result, done by a worker in another process; -Plain a message in a stream
// and the answer of a goroutine.
func BenchmarkTask(b *testing.B) {
	e := enginetest.Open(b)
	app := client(b, e)
	startWorker(b, e, app)
	for b.Loop() {
		r, err := add.Delay(b.Context(), app, pair{1, 2})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := r.Get(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkTaskRecorded is the same while the client takes an execution trace.
func BenchmarkTaskRecorded(b *testing.B) {
	if err := trace.Start(io.Discard); err != nil {
		b.Skipf("no second trace in one process: %v", err)
	}
	defer trace.Stop()
	BenchmarkTask(b)
}

func BenchmarkTaskPlain(b *testing.B) {
	conn := enginetest.Conn(b, enginetest.Open(b))
	consumer := plainQueue(b, conn)
	answers, err := conn.NC.SubscribeSync(nats.NewInbox())
	if err != nil {
		b.Fatal(err)
	}
	consuming, err := consumer.Consume(func(m jetstream.Msg) {
		conn.NC.Publish(answers.Subject, m.Data())
		m.Ack()
	})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := conn.JS.Publish(b.Context(), "plain", []byte(`{"X":1,"Y":2}`)); err != nil {
			b.Fatal(err)
		}
		if _, err := answers.NextMsg(time.Second); err != nil {
			b.Fatal(err)
		}
	}
	consuming.Stop()
	<-consuming.Closed()
}

// BenchmarkTasks is many calls at once, and then all their results; -Ignored the same without results, -Plain messages in a
// work queue that a goroutine acknowledges.
func BenchmarkTasks(b *testing.B) { benchmarkTasks(b) }

func BenchmarkTasksIgnored(b *testing.B) { benchmarkTasks(b, WithIgnoreResult()) }

func benchmarkTasks(b *testing.B, options ...Option) {
	e := enginetest.Open(b)
	app := client(b, e)
	startWorker(b, e, app)
	b.ResetTimer()
	results, err := add.ApplyAll(b.Context(), app, pairs(b.N), options...)
	if err != nil {
		b.Fatal(err)
	}
	sent := b.Elapsed()
	drained(b, app)
	done := b.Elapsed()
	b.ReportMetric(float64(b.N)/sent.Seconds(), "sent/s")
	b.ReportMetric(float64(b.N)/done.Seconds(), "done/s")
	if len(options) > 0 {
		return
	}
	for i, r := range results {
		if sum, err := r.Get(b.Context()); sum != i+1 || err != nil {
			b.Fatal(sum, err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "results/s")
}

func BenchmarkTasksPlain(b *testing.B) {
	conn := enginetest.Conn(b, enginetest.Open(b))
	consumer := plainQueue(b, conn)
	b.ResetTimer()
	done := make(chan struct{})
	n := 0
	consuming, err := consumer.Consume(func(m jetstream.Msg) {
		m.Ack()
		if n++; n == b.N {
			close(done)
		}
	})
	if err != nil {
		b.Fatal(err)
	}
	for i := range b.N {
		if _, err := conn.JS.PublishAsync("plain", fmt.Appendf(nil, `{"X":%d,"Y":1}`, i)); err != nil {
			b.Fatal(err)
		}
	}
	<-conn.JS.PublishAsyncComplete()
	<-done
	consuming.Stop()
	<-consuming.Closed()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "done/s")
}

func plainQueue(b *testing.B, conn *engine.Conn) jetstream.Consumer {
	stream, err := conn.Stream(b.Context(), jetstream.StreamConfig{Name: "plain", Subjects: []string{"plain"}, Retention: jetstream.WorkQueuePolicy})
	if err != nil {
		b.Fatal(err)
	}
	consumer, err := stream.CreateConsumer(b.Context(), jetstream.ConsumerConfig{Durable: "c", AckPolicy: jetstream.AckExplicitPolicy, MaxAckPending: -1})
	if err != nil {
		b.Fatal(err)
	}
	return consumer
}
