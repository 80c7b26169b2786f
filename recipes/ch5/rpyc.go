package ch5

import (
	"bytes"
	"context"
	"errors"
	"time"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/distributed/remote"
	"cookbook/internal/process"
	"cookbook/internal/transcript"
)

// A server in another process runs the text that it is sent. Its objects and its output can be used from here.

// # The server

var serveTexts = process.Register("ch5.rpyc", func(ctx context.Context, job serving) (struct{}, error) {
	me := process.Log(ctx).Actor(process.Current(ctx).Name())
	limits := remote.Limits{Steps: uint64(job.Steps), Time: time.Minute, Memory: 512 << 20} // of each request
	s, err := remote.Listen("", job.Secret, remote.WithLimits(limits), remote.WithOutput(lines{me}))
	if err != nil {
		return struct{}{}, err
	}
	defer s.Close()
	me.Printf("server started on %s", s.Addr())
	if err = job.Address.Send(ctx, s.Addr()); err == nil {
		<-ctx.Done()
	}
	return struct{}{}, err
})

// serving is the server's argument. It comes through a pipe, so the secret stands in no list of processes.
type serving struct {
	Secret  []byte
	Steps   int
	Address *process.End[string, string]
}

// lines is an io.Writer that makes lines of the transcript of what is printed.
type lines struct{ speaker transcript.Actor }

func (l lines) Write(text []byte) (int, error) {
	l.speaker.Printf("%s", bytes.TrimSuffix(text, []byte("\n")))
	return len(text), nil
}

// # The book's client: where the output goes

func redirect(ctx context.Context, out *transcript.Log, c *remote.Conn) error {
	if err := c.Execute(ctx, "print('hi python cookbook')"); err != nil {
		return err
	}
	if err := c.Redirect(ctx, lines{out.Actor(transcript.Main)}); err != nil {
		return err
	}
	return c.Execute(ctx, "print('hi here')")
}

// # Objects at the server

func useObjects(ctx context.Context, out *transcript.Log, c *remote.Conn) error {
	words, err := remote.As[*remote.Ref](c.Eval(ctx, "['to', 'be', 'or', 'not']"))
	if err != nil {
		return err
	}
	_, err1 := words.Method(ctx, "append", "be")
	text, err2 := words.Text(ctx)
	n, err3 := words.Len(ctx)
	out.Printf("the server's list: %s", text)
	out.Check("it has what this process appended", n, 5)
	out.Note("A list is mutable, so it stays at the server, and a reference came. Numbers, texts and tuples come by value.")
	math, err4 := c.Module(ctx, "math")
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return err
	}
	pi, err1 := math.Attr(ctx, "pi")
	root, err2 := math.Method(ctx, "sqrt", 2)
	isInt, err3 := c.Eval(ctx, "isinstance(True, int)")
	out.Printf("math.pi is %.6v, math.sqrt(2) is %.6v, isinstance(True, int) is %v", pi, root, isInt)
	return errors.Join(err1, err2, err3)
}

// # The server calls back

const billText = `
def discount(price): return price * 90 // 100
def bill(order, price):
    total = 0
    for title, count in order: total += count * price(title)
    return total
`

func callBack(ctx context.Context, out *transcript.Log, c *remote.Conn) error {
	if err := c.Execute(ctx, billText); err != nil {
		return err
	}
	bill, err := remote.As[*remote.Ref](c.Eval(ctx, "bill"))
	if err != nil {
		return err
	}
	prices := map[any]int{"Go": 37, "Python": 42}
	price := remote.Func(func(ctx context.Context, args remote.Tuple, _ remote.Kwargs) (any, error) {
		reduced, err := c.Call(ctx, "discount", prices[args[0]]) // while the server waits for this function
		out.Actor("price").Printf("%v: %v instead of %d", args[0], reduced, prices[args[0]])
		return reduced, err
	})
	order := remote.Tuple{remote.Tuple{"Go", 2}, remote.Tuple{"Python", 1}}
	total, err1 := bill.Call(ctx, order, price)
	out.Printf("synchronous: %v", total)
	out.Check("client → server → client → server came back", total, any(2*33+37))
	goOn := make(chan struct{})
	late := remote.Func(func(context.Context, remote.Tuple, remote.Kwargs) (any, error) { <-goOn; return 20, nil })
	result := remote.Async(ctx, bill, order, late) // sent, and not waited for
	out.Printf("asynchronous: ready is %v", result.Ready())
	close(goOn)
	total, err2 := result.Value(ctx)
	out.Printf("asynchronous: ready is %v: %v", result.Ready(), total)
	return errors.Join(err1, err2)
}

// # What the server refuses

func tryTheLimits(ctx context.Context, out *transcript.Log, c *remote.Conn) error {
	err := c.Execute(ctx, "load('os', 'remove')")
	out.Printf("%v", err)
	out.Check("what is not offered cannot be loaded", errors.Is(err, remote.ErrNoModule), true)
	err = c.Execute(ctx, "while True: pass")
	out.Printf("%v", err)
	out.Check("a loop without an end is ended by its limit", errors.Is(err, remote.ErrSteps), true)
	return c.Execute(ctx, "bill") // the server and its names are still there
}

// # The run

func runTexts(ctx context.Context, out *transcript.Log, steps int) error {
	g, err := process.NewGroup(ctx, process.WithLog(out))
	if err != nil {
		return err
	}
	defer g.Close()
	here, there, err := process.NewPipe[string, string](g, "address")
	if err != nil {
		return err
	}
	secret := remote.NewSecret()
	server := process.New(g, serveTexts, serving{secret, steps, there}, process.WithName("server"))
	if err := server.Start(); err != nil {
		return err
	}
	address, err := here.Recv(ctx) // io.EOF if the server ends before it listens
	if err != nil {
		return err
	}
	_, refused := remote.Dial(ctx, address, []byte("a guess"))
	out.Check("a client with another secret is refused", errors.Is(refused, remote.ErrRefused), true)
	c, err := remote.Dial(ctx, address, secret)
	if err != nil {
		return err
	}
	defer c.Close()
	for _, part := range []func(context.Context, *transcript.Log, *remote.Conn) error{redirect, useObjects, callBack, tryTheLimits} {
		if err := part(ctx, out, c); err != nil {
			return err
		}
	}
	err = errors.Join(server.Kill(), server.Join(ctx))
	_, gone := c.Eval(ctx, "bill")
	out.Check("the client of a killed server is told", errors.Is(gone, remote.ErrGone), true)
	return err
}

var rpyc = catalog.Recipe{
	ID: "ch5.rpyc", Section: "5.11", Title: "Run source text on a server, and use its objects",
	Python: "RPyC: rpyc.classic", Go: "remote.Listen, remote.Dial: Starlark",
	Needs: []catalog.Need{catalog.Processes, catalog.SharedMemory, catalog.Network},
	New: func(f *pflag.FlagSet) catalog.Run {
		steps := catalog.Int(f, "steps", 1_000_000, 1000, 20_000_000, "steps of the interpreter that a request may take")
		return func(ctx context.Context, out *transcript.Log) error { return runTexts(ctx, out, *steps) }
	},
}
