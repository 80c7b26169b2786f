package ch5

import (
	"context"
	"errors"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/distributed"
	"cookbook/internal/distributed/engine"
	"cookbook/internal/distributed/objects"
	"cookbook/internal/process"
	"cookbook/internal/transcript"
)

// An object in one process is called from another one, which finds it by its name.

// # The server

// A greeter is the book's object.
type greeter struct{ stop context.CancelFunc }

// WelcomeMessage is exported, so it can be called from elsewhere.
func (g greeter) WelcomeMessage(name string) string { return g.prefix() + name }

// Shutdown ends the server.
func (g greeter) Shutdown() { g.stop() }

// prefix is not exported.
func (greeter) prefix() string { return "Hi welcome " }

// serveGreeter registers a greeter under the name server, and serves it until it is told to shut down.
var serveGreeter = process.Register("ch5.pyro_server", func(ctx context.Context, at engine.Address) (struct{}, error) {
	ns, err := objects.Dial(ctx, at)
	if err != nil {
		return struct{}{}, err
	}
	defer ns.Close()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	s := objects.NewServer(ns)
	if err := s.Register(ctx, "server", greeter{stop}); err != nil {
		return struct{}{}, err
	}
	process.Log(ctx).Actor("server").Printf("Ready. The object's name is server")
	return struct{}{}, s.Serve(ctx)
})

// # The client

// A visit is the argument of a client.
type visit struct {
	At   engine.Address
	Name string
}

// visitServer waits for the object, wherever it is, and calls its method.
var visitServer = process.Register("ch5.pyro_client", func(ctx context.Context, v visit) (struct{}, error) {
	ns, err := objects.Dial(ctx, v.At)
	if err != nil {
		return struct{}{}, err
	}
	defer ns.Close()
	server, err := ns.Wait(ctx, "server")
	if err != nil {
		return struct{}{}, err
	}
	welcome, err := objects.Call[string](ctx, server, "WelcomeMessage", v.Name)
	if err != nil {
		return struct{}{}, err
	}
	process.Log(ctx).Actor("client").Printf("%s", welcome)
	return struct{}{}, nil
})

// # What is refused

// tryWhatIsWrong asks for a name that nobody has and calls what cannot be called.
func tryWhatIsWrong(ctx context.Context, out *transcript.Log, ns *objects.NameServer) error {
	_, err := ns.Lookup(ctx, "sever")
	out.Printf("%v", err)
	out.Check("a name that is not registered is an error", errors.Is(err, objects.ErrUnknown), true)

	server, err := ns.Lookup(ctx, "server")
	if err != nil {
		return err
	}
	_, err = objects.Call[string](ctx, server, "prefix")
	out.Printf("%v", err)
	out.Check("a method that is not exposed is refused", errors.Is(err, objects.ErrNoMethod), true)

	_, err = objects.Call[string](ctx, server, "WelcomeMessage", 7)
	out.Printf("%v", err)
	out.Check("so is an argument of another type", errors.Is(err, objects.ErrArguments), true)
	return nil
}

// # The run

func greetFromAfar(ctx context.Context, out *transcript.Log, name string) (err error) {
	run, err := distributed.Open(ctx, out)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, run.Close()) }()
	out.Note("The client may be started first: it waits until the name is registered.")
	client, err := distributed.Start(run, "client", visitServer, visit{run.Address(), name})
	if err != nil {
		return err
	}
	server, err := distributed.Start(run, "server", serveGreeter, run.Address())
	if err != nil {
		return err
	}
	if err := errors.Join(client.Join(ctx), client.Err()); err != nil {
		return err
	}
	ns, err := objects.Locate(ctx, run.Conn)
	if err != nil {
		return err
	}
	if err := tryWhatIsWrong(ctx, out, ns); err != nil {
		return err
	}

	out.Note("The server ends when it has answered, and gives its names back.")
	object, err := ns.Lookup(ctx, "server")
	if err != nil {
		return err
	}
	if err := objects.Send(ctx, object, "Shutdown"); err != nil {
		return err
	}
	if err := errors.Join(server.Join(ctx), server.Err()); err != nil {
		return err
	}
	_, err = ns.Lookup(ctx, "server")
	out.Printf("%v", err)
	out.Check("the name has gone with its server", errors.Is(err, objects.ErrUnknown), true)
	return nil
}

var pyro = catalog.Recipe{
	ID: "ch5.pyro", Section: "5.6", Title: "Call an object in another process by its name",
	Python: "Pyro4.Daemon, locateNS, Proxy", Go: "objects.Server, NameServer, Call",
	Needs:  []catalog.Need{catalog.Processes, catalog.Network},
	Engine: string(catalog.NATS),
	New: func(f *pflag.FlagSet) catalog.Run {
		name := f.String("name", "Rashmi", "name of the visitor that the object welcomes")
		return func(ctx context.Context, out *transcript.Log) error { return greetFromAfar(ctx, out, *name) }
	},
}
