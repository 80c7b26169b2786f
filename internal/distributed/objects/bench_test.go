package objects

import (
	"context"
	"net"
	"net/rpc"
	"slices"
	"testing"
	"time"

	"cookbook/internal/process"
)

// BenchmarkCall is a call of a method of an object in another process, with two numbers and their sum, beside net/rpc over TCP.
func BenchmarkCall(b *testing.B) {
	b.Run("object", func(b *testing.B) {
		e, ns := locate(b)
		start(b, process.New(group(b), hold, e.Address()))
		p, err := ns.Wait(b.Context(), "box")
		if err != nil {
			b.Fatal(err)
		}
		percentiles(b, func() error {
			_, err := Call[int](b.Context(), p, "Add", 1, 2)
			return err
		})
	})
	b.Run("limit net rpc", func(b *testing.B) {
		g := group(b)
		here, there, err := process.NewPipe[string, string](g, "address")
		if err != nil {
			b.Fatal(err)
		}
		start(b, process.New(g, serveRPC, there))
		address, err := here.Recv(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		client, err := rpc.Dial("tcp", address)
		if err != nil {
			b.Fatal(err)
		}
		defer client.Close()
		percentiles(b, func() error {
			var sum int
			return client.Call("Adder.Add", [2]int{1, 2}, &sum)
		})
	})
}

// percentiles reports how long half of the calls take, and 99 of 100.
func percentiles(b *testing.B, call func() error) {
	var times []time.Duration
	for b.Loop() {
		begin := time.Now()
		if err := call(); err != nil {
			b.Fatal(err)
		}
		times = append(times, time.Since(begin))
	}
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)/2].Nanoseconds()), "p50-ns")
	b.ReportMetric(float64(times[len(times)*99/100].Nanoseconds()), "p99-ns")
}

func group(b *testing.B) *process.Group {
	g, err := process.NewGroup(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { g.Close() })
	return g
}

func start(b *testing.B, p *process.Process) {
	if err := p.Start(); err != nil {
		b.Fatal(err)
	}
}

// serveRPC serves an Adder by net/rpc until its context ends.
var serveRPC = process.Register("objects_test.rpc", func(ctx context.Context, tell *process.End[string, string]) (struct{}, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return struct{}{}, err
	}
	context.AfterFunc(ctx, func() { l.Close() })
	server := rpc.NewServer()
	if err := server.Register(Adder{}); err != nil {
		return struct{}{}, err
	}
	if err := tell.Send(ctx, l.Addr().String()); err != nil {
		return struct{}{}, err
	}
	server.Accept(l)
	return struct{}{}, nil
})

// Adder is an object of net/rpc.
type Adder struct{}

// Add has the form that net/rpc wants.
func (Adder) Add(of [2]int, sum *int) error {
	*sum = of[0] + of[1]
	return nil
}

// BenchmarkNames is what the name server costs.
func BenchmarkNames(b *testing.B) {
	b.Run("register", func(b *testing.B) {
		_, ns := locate(b)
		for b.Loop() {
			s := NewServer(ns)
			if err := s.Register(b.Context(), "box", holder{}); err != nil {
				b.Fatal(err)
			}
			if err := s.Close(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("look up", func(b *testing.B) {
		_, ns := locate(b)
		serve(b, ns, "box", holder{})
		for b.Loop() {
			lookup(b, ns, "box")
		}
	})
}
