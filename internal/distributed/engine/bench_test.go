package engine

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// fill puts b.N messages of 64 bytes into a work queue and returns its consumer.
func fill(b *testing.B, c *Conn) jetstream.Consumer {
	b.Helper()
	s, err := c.Stream(b.Context(), jetstream.StreamConfig{Name: "jobs", Subjects: []string{c.Subject("jobs", ">")}, Retention: jetstream.WorkQueuePolicy})
	if err != nil {
		b.Fatal(err)
	}
	consumer, err := s.CreateOrUpdateConsumer(b.Context(), jetstream.ConsumerConfig{Durable: "workers", AckPolicy: jetstream.AckExplicitPolicy, AckWait: AckWait, MaxAckPending: -1})
	if err != nil {
		b.Fatal(err)
	}
	body := make([]byte, 64)
	for range b.N {
		if _, err := c.JS.PublishAsync(c.Subject("jobs", "a"), body); err != nil {
			b.Fatal(err)
		}
	}
	<-c.JS.PublishAsyncComplete()
	return consumer
}

// overTCP is an engine in this process and a connection to it over the network, as another process has one.
func overTCP(b *testing.B) *Conn {
	b.Helper()
	e, err := Open(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { e.Close() })
	c, err := Connect(b.Context(), e.Address())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(c.Close)
	return c
}

// BenchmarkMessage is one message from a work queue, acknowledged. The limit beside it is nats.go's own Consume, which does
// not keep alive what it has fetched ahead.
func BenchmarkMessage(b *testing.B) {
	b.Run("Work", func(b *testing.B) {
		c := overTCP(b)
		consumer := fill(b, c)
		ctx, stop := context.WithCancel(b.Context())
		defer stop()
		var done atomic.Int64
		b.ResetTimer()
		err := c.Work(ctx, consumer, Work{Slots: 4, Prefetch: 256}, func(_ context.Context, m jetstream.Msg) {
			m.Ack()
			if done.Add(1) == int64(b.N) {
				stop()
			}
		})
		if err != nil {
			b.Fatal(err)
		}
	})
	b.Run("Consume", func(b *testing.B) {
		c := overTCP(b)
		consumer := fill(b, c)
		done := make(chan struct{})
		n := 0
		b.ResetTimer()
		consuming, err := consumer.Consume(func(m jetstream.Msg) {
			m.Ack()
			if n++; n == b.N {
				close(done)
			}
		})
		if err != nil {
			b.Fatal(err)
		}
		<-done
		consuming.Stop()
		<-consuming.Closed()
	})
}

// BenchmarkPublish is one message stored, its acknowledgement waited for.
func BenchmarkPublish(b *testing.B) {
	for name, publish := range map[string]func(c *Conn, m *nats.Msg) error{
		"Publish":   func(c *Conn, m *nats.Msg) error { _, err := c.Publish(b.Context(), m); return err },
		"JetStream": func(c *Conn, m *nats.Msg) error { _, err := c.JS.PublishMsg(b.Context(), m); return err },
	} {
		b.Run(name, func(b *testing.B) {
			c := overTCP(b)
			if _, err := c.Stream(b.Context(), jetstream.StreamConfig{Name: "jobs", Subjects: []string{c.Subject("jobs", ">")}}); err != nil {
				b.Fatal(err)
			}
			body := make([]byte, 64)
			for b.Loop() {
				if err := publish(c, &nats.Msg{Subject: c.Subject("jobs", "a"), Data: body}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkRequest is a request and its answer.
func BenchmarkRequest(b *testing.B) {
	e, err := Open(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer e.Close()
	for name, connect := range map[string]func() (*Conn, error){
		"in the process": func() (*Conn, error) { return e.Connect(b.Context()) },
		"TCP":            func() (*Conn, error) { return Connect(b.Context(), e.Address()) },
	} {
		b.Run(name, func(b *testing.B) {
			server, err := connect()
			if err != nil {
				b.Fatal(err)
			}
			defer server.Close()
			client, err := connect()
			if err != nil {
				b.Fatal(err)
			}
			defer client.Close()
			if _, err := server.NC.Subscribe(server.Subject("echo"), func(m *nats.Msg) { m.Respond(m.Data) }); err != nil {
				b.Fatal(err)
			}
			server.NC.Flush()
			for b.Loop() {
				if _, err := client.NC.RequestWithContext(b.Context(), client.Subject("echo"), []byte("hello")); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
