package remote

import (
	"context"
	"net"
	"net/rpc"
	"testing"
)

// Adder is what net/rpc calls.
type Adder struct{}

// Add is the method that net/rpc calls.
func (Adder) Add(args [2]int, sum *int) error {
	*sum = args[0] + args[1]
	return nil
}

// BenchmarkCall adds two numbers at the other end of a connection on loopback: here, and by net/rpc, whose method is compiled.
func BenchmarkCall(b *testing.B) {
	b.Run("remote", func(b *testing.B) {
		c := pair(b)
		if err := c.Execute(b.Context(), "def add(x, y): return x + y"); err != nil {
			b.Fatal(err)
		}
		add, err := As[*Ref](c.Eval(b.Context(), "add"))
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if sum, err := As[int](add.Call(b.Context(), 2, 3)); sum != 5 || err != nil {
				b.Fatal(sum, err)
			}
		}
	})
	b.Run("net_rpc", func(b *testing.B) {
		server := rpc.NewServer()
		if err := server.Register(Adder{}); err != nil {
			b.Fatal(err)
		}
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			b.Fatal(err)
		}
		defer l.Close()
		go func() {
			if conn, err := l.Accept(); err == nil {
				server.ServeConn(conn)
			}
		}()
		c, err := rpc.Dial("tcp", l.Addr().String())
		if err != nil {
			b.Fatal(err)
		}
		defer c.Close()
		for b.Loop() {
			var sum int
			if err := c.Call("Adder.Add", [2]int{2, 3}, &sum); sum != 5 || err != nil {
				b.Fatal(sum, err)
			}
		}
	})
}

// BenchmarkCallback is a call whose text calls the client once.
func BenchmarkCallback(b *testing.B) {
	c := pair(b)
	f := Func(func(context.Context, Tuple, Kwargs) (any, error) { return 1, nil })
	if err := c.Set(b.Context(), "f", f); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if v, err := c.Eval(b.Context(), "f()"); v != 1 || err != nil {
			b.Fatal(v, err)
		}
	}
}

// BenchmarkExecute sends a text of one line.
func BenchmarkExecute(b *testing.B) {
	c := pair(b)
	for b.Loop() {
		if err := c.Execute(b.Context(), "x = 1"); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDial connects and hangs up.
func BenchmarkDial(b *testing.B) {
	s := listen(b)
	for b.Loop() {
		c, err := Dial(b.Context(), s.Addr(), secret)
		if err != nil {
			b.Fatal(err)
		}
		c.Close()
	}
}
