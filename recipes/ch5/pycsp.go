package ch5

import (
	"context"
	"errors"
	"math"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/distributed"
	"cookbook/internal/distributed/csp"
	"cookbook/internal/distributed/engine"
	"cookbook/internal/process"
	"cookbook/internal/transcript"
)

// Processes that share nothing and speak by channels: in plain Go, with what PyCSP has beside, and over several processes.

// countInGo needs no package: close ends the range.
func countInGo(me transcript.Actor, count int) {
	a := make(chan int)
	go func() {
		defer close(a)
		for i := range count {
			a <- i
		}
	}()
	for i := range a {
		me.Printf("%d", i)
	}
}

// # Processes

// countTo is the book's counter: it writes 0, 1, … and poisons its channel.
func countTo(ctx context.Context, me transcript.Actor, to csp.Out[int], count int) error {
	defer to.Poison()
	for i := range count {
		if err := to.Write(ctx, i); err != nil {
			me.Printf("ends: %v", err)
			return err
		}
	}
	return nil
}

// printFrom is the book's printer. It ends when its channel does. This one may also have enough, and poison it.
func printFrom(ctx context.Context, me transcript.Actor, from csp.In[int], enough int) error {
	defer from.Poison()
	for range enough {
		i, err := from.Read(ctx)
		if err != nil {
			me.Printf("ends: %v", err)
			return err
		}
		me.Printf("%d", i)
	}
	return nil
}

// square stands between two channels. Leave passes the poison of one on to the other.
func square(ctx context.Context, me transcript.Actor, from csp.In[int], to csp.Out[int]) (err error) {
	defer csp.Leave(&err, from, to)
	for {
		i, err := from.Read(ctx)
		if err == nil {
			err = to.Write(ctx, i*i)
		}
		if err != nil {
			me.Printf("ends: %v", err)
			return err
		}
	}
}

// # The four kinds

// exchange lets all writers write and all readers read, and returns what was read.
func exchange(ctx context.Context, kind csp.Kind, writers, readers, each int) (got []int, err error) {
	c, all := csp.NewChannel[int](kind, "c", 0), csp.NewChannel[int](csp.Any2One, "all", writers*each)
	result := all.Reader()
	var network csp.Network // owns the processes
	for range writers {
		w := c.Writer()
		network.Spawn(ctx, func(ctx context.Context) (err error) {
			defer csp.Leave(&err, w) // retires: the channel ends when the last writer has
			for i := range each {
				if err := w.Write(ctx, i); err != nil {
					return err
				}
			}
			return nil
		})
	}
	for range readers {
		r, w := c.Reader(), all.Writer()
		network.Spawn(ctx, func(ctx context.Context) error { return csp.Copy(ctx, r, w) })
	}
	err = network.Wait()
	for i, end := result.Read(ctx); end == nil; i, end = result.Read(ctx) {
		got = append(got, i)
	}
	return got, err
}

// # Alternation

// alternate chooses seven times between two channels, in which six values lie ready, and a guard that needs none.
func alternate(ctx context.Context, choose func(*csp.Alternation, context.Context) (int, error)) (order []string, err error) {
	names := []string{"urgent", "routine", "skip"}
	var guards []csp.Guard
	for _, name := range names[:2] {
		c := csp.NewChannel[int](csp.One2One, name, 3)
		w := c.Writer()
		for i := range 3 {
			err = errors.Join(err, w.Write(ctx, i))
		}
		guards = append(guards, csp.Input(c.Reader(), new(int)))
	}
	a := csp.Alternate(append(guards, csp.Skip())...) // Skip is ready always: what default is in Go's select
	for range 7 {
		i, err := choose(a, ctx)
		if err != nil {
			return nil, err
		}
		order = append(order, names[i])
	}
	return order, err
}

// # Over processes

// squareElsewhere is square, with its two ends in another process. The channels stay here.
func squareElsewhere(ctx context.Context, out *transcript.Log, a, b *csp.Channel[int]) (err error) {
	defer a.Poison()
	defer b.Poison()
	run, err := distributed.Open(ctx, out)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, run.Close()) }()
	homeA, err := csp.Stretch(run.Conn, a)
	if err != nil {
		return err
	}
	defer homeA.Close()
	homeB, err := csp.Stretch(run.Conn, b)
	if err != nil {
		return err
	}
	defer homeB.Close()
	p, err := distributed.Start(run, "squares", squareThere, twoEnds{run.Address(), homeA.Reader(), homeB.Writer()})
	if err != nil {
		return err
	}
	return errors.Join(p.Join(ctx), p.Err())
}

// twoEnds is plain data: the ends can travel as an argument.
type twoEnds struct {
	At   engine.Address
	From csp.RemoteReader[int]
	To   csp.RemoteWriter[int]
}

var squareThere = process.Register("ch5.square", func(ctx context.Context, a twoEnds) (none struct{}, err error) {
	conn, err := engine.Connect(ctx, a.At)
	if err != nil {
		return none, err
	}
	defer conn.Close()
	from, err1 := a.From.Open(ctx, conn)
	to, err2 := a.To.Open(ctx, conn)
	if err := errors.Join(err1, err2); err != nil {
		return none, err
	}
	me := process.Log(ctx).Actor(process.Current(ctx).Name())
	return none, csp.Sequence(ctx, func(ctx context.Context) error { return square(ctx, me, from, to) })
})

// # The run

func communicate(ctx context.Context, out *transcript.Log, count, each int, stretch bool) error {
	countInGo(out.Actor("plain Go"), count)

	a := csp.NewChannel[int](csp.One2One, "A", 0)
	to, from := a.Writer(), a.Reader()
	if err := csp.Parallel(ctx,
		func(ctx context.Context) error { return countTo(ctx, out.Actor("counter"), to, count) },
		func(ctx context.Context) error { return printFrom(ctx, out.Actor("printer"), from, math.MaxInt) },
	); err != nil {
		return err
	}
	right := true
	for kind, ends := range [][2]int{csp.One2One: {1, 1}, csp.One2Any: {1, 3}, csp.Any2One: {3, 1}, csp.Any2Any: {3, 3}} {
		got, err := exchange(ctx, csp.Kind(kind), ends[0], ends[1], each)
		if err != nil {
			return err
		}
		out.Printf("%s, %d to %d: %d values", csp.Kind(kind), ends[0], ends[1], len(got))
		slices.Sort(got)
		right = right && len(got) == ends[0]*each
		for i, v := range got {
			right = right && v == i/ends[0]
		}
	}
	out.Check("whatever the kind, every value is read once", right, true)
	out.Check("the only reading end is given once", panics(func() { a.Reader() }), true)

	out.Note("Three values lie ready in either channel. Go's select has no order of preference and would take any.")
	byPriority, err1 := alternate(ctx, (*csp.Alternation).PriSelect)
	inTurn, err2 := alternate(ctx, (*csp.Alternation).FairSelect)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	out.Printf("PriSelect:  %s", strings.Join(byPriority, " "))
	out.Printf("FairSelect: %s", strings.Join(inTurn, " "))

	out.Note("The printer has enough after three values and poisons B. The poison goes on to A, against the stream, to a counter without end.")
	if err := pipeline(ctx, out, func(ctx context.Context, a, b *csp.Channel[int]) error {
		return square(ctx, out.Actor("squares"), a.Reader(), b.Writer())
	}); err != nil {
		return err
	}
	if !stretch {
		out.Note("Left out: the same network with its middle in another process (--stretch).")
		return nil
	}
	out.Note("The same network. The process in the middle is another process of the machine, and nothing else has changed.")
	return pipeline(ctx, out, func(ctx context.Context, a, b *csp.Channel[int]) error { return squareElsewhere(ctx, out, a, b) })
}

// pipeline is three processes and the channels A and B between them.
func pipeline(ctx context.Context, out *transcript.Log, middle func(ctx context.Context, a, b *csp.Channel[int]) error) error {
	a, b := csp.NewChannel[int](csp.One2One, "A", 0), csp.NewChannel[int](csp.One2One, "B", 0)
	to, from := a.Writer(), b.Reader()
	return csp.Parallel(ctx,
		func(ctx context.Context) error { return countTo(ctx, out.Actor("counter"), to, math.MaxInt) },
		func(ctx context.Context) error { return middle(ctx, a, b) },
		func(ctx context.Context) error { return printFrom(ctx, out.Actor("printer"), from, 3) })
}

func panics(f func()) (did bool) {
	defer func() { did = recover() != nil }()
	f()
	return false
}

var pycsp = catalog.Recipe{
	ID: "ch5.pycsp", Section: "5.9", Title: "Let processes speak by channels alone",
	Python: "PyCSP: Parallel, Channel, poison", Go: "goroutines, channels, select; csp.Channel, csp.Alternation",
	Engine: string(catalog.NATS),
	New: func(f *pflag.FlagSet) catalog.Run {
		count := catalog.Int(f, "count", 5, 0, 1000, "numbers that the counter writes")
		each := catalog.Int(f, "each", 20, 0, 10_000, "values of each writer, for each kind of channel")
		stretch := f.Bool("stretch", runtime.GOOS != "js", "end with channels between processes; a page in a browser has none")
		return func(ctx context.Context, out *transcript.Log) error {
			return communicate(ctx, out, *count, *each, *stretch)
		}
	},
	Bare: pycspBare,
}
