package services

import (
	"context"
	"crypto/rand"
	"net"
	"net/rpc"
	"strings"
	"time"

	"cookbook/internal/process"

	"cookbook/internal/distributed/engine"
	"cookbook/internal/distributed/objects"
	"cookbook/internal/distributed/remote"
)

// Adder is the object whose method is called.
type Adder struct{}

// Sum adds.
func (Adder) Sum(x, y int) int { return x + y }

// Add is the same in the form that net/rpc wants.
func (Adder) Add(of [2]int, sum *int) error {
	*sum = of[0] + of[1]
	return nil
}

var serveObject = process.Register("bench.object", func(ctx context.Context, at engine.Address) (struct{}, error) {
	conn, err := engine.Connect(ctx, at)
	if err != nil {
		return struct{}{}, err
	}
	defer conn.Close()
	return struct{}{}, objects.Serve(ctx, conn, "adder", Adder{})
})

func callObject(ctx context.Context, n int) (time.Duration, error) {
	return onEngine(ctx, func(e *engine.Engine, c *engine.Conn) (time.Duration, error) {
		ns, err := objects.Locate(ctx, c)
		if err != nil {
			return 0, err
		}
		return beside(ctx, serveObject, func(*process.Group) (engine.Address, error) { return e.Address(), nil }, func() (time.Duration, error) {
			p, err := ns.Wait(ctx, "adder")
			if err != nil {
				return 0, err
			}
			return repeat(n, func() error {
				_, err := objects.Call[int](ctx, p, "Sum", 1, 2)
				return err
			})
		})
	})
}

// tell is by which a server tells its address.
type tell = *process.End[string, struct{}]

// besideServer starts a server in another process and gives a body its address.
func besideServer(ctx context.Context, serve func(context.Context, tell) (struct{}, error), body func(address string) (time.Duration, error)) (time.Duration, error) {
	var here *process.End[struct{}, string]
	return beside(ctx, serve, func(g *process.Group) (there tell, err error) {
		there, here, err = process.NewPipe[string, struct{}](g, "address")
		return there, err
	}, func() (time.Duration, error) {
		address, err := here.Recv(ctx)
		if err != nil {
			return 0, err
		}
		return body(address)
	})
}

var serveRPC = process.Register("bench.rpc", func(ctx context.Context, there tell) (struct{}, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return struct{}{}, err
	}
	stop := context.AfterFunc(ctx, func() { l.Close() })
	defer stop()
	server := rpc.NewServer()
	if err := server.Register(Adder{}); err != nil {
		return struct{}{}, err
	}
	if err := there.Send(ctx, l.Addr().String()); err != nil {
		return struct{}{}, err
	}
	server.Accept(l)
	return struct{}{}, nil
})

func callRPC(ctx context.Context, n int) (time.Duration, error) {
	return besideServer(ctx, serveRPC, func(address string) (time.Duration, error) {
		client, err := rpc.Dial("tcp", address)
		if err != nil {
			return 0, err
		}
		defer client.Close()
		return repeat(n, func() error {
			var sum int
			return client.Call("Adder.Add", [2]int{1, 2}, &sum)
		})
	})
}

// The server lasts as long as a measurement. What it tells is its address and a secret that keeps strangers out.
var serveRemote = process.Register("bench.remote", func(ctx context.Context, there tell) (struct{}, error) {
	secret := rand.Text()
	s, err := remote.Listen("", []byte(secret))
	if err != nil {
		return struct{}{}, err
	}
	defer s.Close()
	if err := there.Send(ctx, s.Addr()+" "+secret); err != nil {
		return struct{}{}, err
	}
	<-ctx.Done()
	return struct{}{}, nil
})

// withRemote gives a body a connection to a server in another process.
func withRemote(ctx context.Context, body func(c *remote.Conn) (time.Duration, error)) (time.Duration, error) {
	return besideServer(ctx, serveRemote, func(told string) (time.Duration, error) {
		address, secret, _ := strings.Cut(told, " ")
		c, err := remote.Dial(ctx, address, []byte(secret))
		if err != nil {
			return 0, err
		}
		defer c.Close()
		return body(c)
	})
}

func callRemote(ctx context.Context, n int) (time.Duration, error) {
	return withRemote(ctx, func(c *remote.Conn) (time.Duration, error) {
		if err := c.Execute(ctx, "def add(x, y): return x + y"); err != nil {
			return 0, err
		}
		sum, err := remote.As[*remote.Ref](c.Eval(ctx, "add"))
		if err != nil {
			return 0, err
		}
		return repeat(n, func() error {
			_, err := remote.As[int](sum.Call(ctx, 2, 3))
			return err
		})
	})
}

func callBack(ctx context.Context, n int) (time.Duration, error) {
	return withRemote(ctx, func(c *remote.Conn) (time.Duration, error) {
		f := remote.Func(func(context.Context, remote.Tuple, remote.Kwargs) (any, error) { return 1, nil })
		if err := c.Set(ctx, "f", f); err != nil {
			return 0, err
		}
		return repeat(n, func() error {
			_, err := c.Eval(ctx, "f()")
			return err
		})
	})
}

func execute(ctx context.Context, n int) (time.Duration, error) {
	return withRemote(ctx, func(c *remote.Conn) (time.Duration, error) {
		return repeat(n, func() error { return c.Execute(ctx, "x = 1") })
	})
}
