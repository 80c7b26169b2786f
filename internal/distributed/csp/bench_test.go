package csp

import (
	"context"
	"testing"

	"cookbook/internal/distributed/engine"
	"cookbook/internal/distributed/engine/enginetest"
)

func BenchmarkChannel(b *testing.B) {
	b.Run("limit", func(b *testing.B) {
		c := make(chan int)
		go func() {
			for range b.N {
				c <- 1
			}
		}()
		for range b.N {
			<-c
		}
	})
	b.Run("here", func(b *testing.B) {
		c := NewChannel[int](One2One, "A", 0)
		pass(b, c.Writer(), c.Reader())
	})
	b.Run("elsewhere", func(b *testing.B) {
		e := enginetest.Open(b)
		here := enginetest.Conn(b, e)
		h, err := Stretch(here, NewChannel[int](One2One, "A", 0))
		if err != nil {
			b.Fatal(err)
		}
		defer h.Close()
		there, err := engine.Connect(b.Context(), e.Address()) // over the network
		if err != nil {
			b.Fatal(err)
		}
		defer there.Close()
		in, err := h.Reader().Open(b.Context(), there)
		if err != nil {
			b.Fatal(err)
		}
		pass(b, h.c.Writer(), in)
	})
}

func pass(b *testing.B, out Out[int], in In[int]) {
	var n Network
	n.Spawn(b.Context(), func(ctx context.Context) (err error) {
		defer Leave(&err, out)
		for range b.N {
			if err := out.Write(ctx, 1); err != nil {
				return err
			}
		}
		return nil
	})
	for {
		if _, err := in.Read(b.Context()); err != nil {
			break
		}
	}
	in.Retire()
	if err := n.Wait(); err != nil {
		b.Error(err)
	}
}
