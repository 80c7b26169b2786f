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
	conn, ns, err := locate(ctx, part.At)
	if err != nil {
		return struct{}{}, err
	}
	defer conn.Close()
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

// A network is what a run of objects stands on: an engine, processes, and the name server.
type network struct {
	engine *engine.Engine
	group  *process.Group
	conn   *engine.Conn
	names  *objects.NameServer
}

// openNetwork opens the engine of a run, whose store stays if it is named, and a group of processes.
func openNetwork(ctx context.Context, out *transcript.Log, store string) (n *network, err error) {
	n = &network{}
	if store == "" {
		n.engine, err = engine.Open(ctx)
	} else {
		n.engine, err = engine.OpenDir(ctx, store)
	}
	if err != nil {
		return nil, err
	}
	if n.group, err = process.NewGroup(ctx, process.WithLog(out)); err == nil {
		n.conn, n.names, err = locate(ctx, n.engine.Address())
	}
	if err != nil {
		return nil, errors.Join(err, n.close())
	}
	return n, nil
}

// close ends the processes first, then what they are connected to.
func (n *network) close() (err error) {
	if n.group != nil {
		err = n.group.Close()
	}
	if n.conn != nil {
		n.conn.Close()
	}
	return errors.Join(err, n.engine.Close())
}

func closeChain(ctx context.Context, out *transcript.Log, servers int, patience time.Duration) (err error) {
	n, err := openNetwork(ctx, out, "")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, n.close()) }()
	for i := range servers {
		part := chainPart{n.engine.Address(), strconv.Itoa(i + 1), strconv.Itoa((i+1)%servers + 1)}
		if err := process.New(n.group, serveLink, part, process.WithName("server "+part.Number)).Start(); err != nil {
			return err
		}
	}
	for i := range 2 * servers { // a link is there when it is registered
		if _, err := n.names.Wait(ctx, fmt.Sprintf("%s.%d", []string{chainName, serialName}[i%2], i/2+1)); err != nil {
			return err
		}
	}

	first, err := n.names.Lookup(ctx, chainName+".1")
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
	first, err = n.names.Lookup(ctx, serialName+".1")
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
