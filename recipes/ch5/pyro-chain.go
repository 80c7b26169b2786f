package ch5

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/distributed"
	"cookbook/internal/distributed/engine"
	"cookbook/internal/distributed/objects"
	"cookbook/internal/process"
	"cookbook/internal/transcript"
)

// Objects in different processes stand in a ring. Each passes a message on to the next one, until it is back at the first.

// # A link of the chain

// A link passes a message on. Its name is its number.
type link struct {
	names *objects.NameServer
	chain string // example.chain.1 is the object 1 of example.chain
	name  string
	next  string
	say   func(format string, args ...any)
}

// Process puts the name of the link at the end of the message and passes it on, unless the link has had it already.
func (l *link) Process(ctx context.Context, message []string) ([]string, error) {
	if slices.Contains(message, l.name) {
		l.say("Back at %s; the chain is closed!", l.name)
		return []string{"complete at " + l.name}, nil
	}
	l.say("%s forwarding the message to the object %s", l.name, l.next)
	next, err := l.names.Lookup(ctx, l.chain+"."+l.next)
	if err != nil {
		return nil, err
	}
	result, err := objects.Call[[]string](ctx, next, "Process", append(message, l.name)) // the call to this link is still open
	if err != nil {
		return nil, err
	}
	return slices.Insert(result, 0, "passed on from "+l.name), nil
}

// # The servers

// The names of the two rings: one of objects that do calls at the same time, one of objects that do one after the other.
const (
	chainName  = "example.chain"
	serialName = "example.serial"
)

// A chainPart says which part of both rings a process serves.
type chainPart struct {
	At           engine.Address
	Number, Next string
}

// serveLink serves one link of each ring.
var serveLink = process.Register("ch5.chain_server", func(ctx context.Context, part chainPart) (struct{}, error) {
	ns, err := objects.Dial(ctx, part.At)
	if err != nil {
		return struct{}{}, err
	}
	defer ns.Close()
	say := process.Log(ctx).Actor(process.Current(ctx).Name()).Printf
	parallel, serial := objects.NewServer(ns), objects.NewServer(ns, objects.WithSerial())
	for name, s := range map[string]*objects.Server{chainName: parallel, serialName: serial} {
		l := &link{names: ns, chain: name, name: part.Number, next: part.Next, say: say}
		if err := s.Register(ctx, name+"."+part.Number, l); err != nil {
			return struct{}{}, err
		}
	}
	return struct{}{}, errors.Join(parallel.Serve(ctx), serial.Serve(ctx))
})

// # The run

func closeChain(ctx context.Context, out *transcript.Log, servers int, patience time.Duration) (err error) {
	run, err := distributed.Open(ctx, out)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, run.Close()) }()
	for i := range servers {
		part := chainPart{run.Address(), strconv.Itoa(i + 1), strconv.Itoa((i+1)%servers + 1)}
		if _, err := distributed.Start(run, "server "+part.Number, serveLink, part); err != nil {
			return err
		}
	}
	ns, err := objects.Locate(ctx, run.Conn)
	if err != nil {
		return err
	}
	for i := range 2 * servers { // a link is there when it is registered
		if _, err := ns.Wait(ctx, fmt.Sprintf("%s.%d", []string{chainName, serialName}[i%2], i/2+1)); err != nil {
			return err
		}
	}

	first, err := ns.Lookup(ctx, chainName+".1")
	if err != nil {
		return err
	}
	result, err := objects.Call[[]string](ctx, first, "Process", []string{"hello"})
	if err != nil {
		return err
	}
	out.Printf("Result=[%s]", strings.Join(result, ", "))
	var want []string
	for i := range servers {
		want = append(want, fmt.Sprintf("passed on from %d", i+1))
	}
	out.Check("every server has passed it on, and the first has closed the chain", result, append(want, "complete at 1"))

	out.Note("The same ring of objects that do one call after the other. The last one calls the first, whose call is still open.")
	first, err = ns.Lookup(ctx, serialName+".1")
	if err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	_, err = objects.Call[[]string](limited, first, "Process", []string{"hello"})
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	out.Printf("%v", err)
	out.Check("a ring of serial objects waits for itself until the deadline", errors.Is(err, context.DeadlineExceeded), true)
	return nil
}

var pyroChain = catalog.Recipe{
	ID: "ch5.pyro-chain", Section: "5.7", Title: "Chain objects of several servers into a ring",
	Python: "Pyro4.Proxy in a remote method", Go: "objects.Call in a remote method, WithSerial",
	Needs:  []catalog.Need{catalog.Processes, catalog.Network},
	Engine: string(catalog.NATS),
	New: func(f *pflag.FlagSet) catalog.Run {
		servers := catalog.Int(f, "servers", 3, 1, 20, "servers in the ring, each in a process of its own")
		patience := catalog.Duration(f, "patience", 200*time.Millisecond, time.Millisecond, time.Minute, "how long the caller of the serial ring waits")
		return func(ctx context.Context, out *transcript.Log) error { return closeChain(ctx, out, *servers, *patience) }
	},
}
