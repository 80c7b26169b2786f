package cli

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/spf13/cobra"

	"cookbook/internal/catalog"
	"cookbook/internal/command"
	"cookbook/internal/distributed/engine"
	"cookbook/internal/distributed/tasks"
	"cookbook/internal/terminal"
)

// workerOptions are the flags of the command worker.
type workerOptions struct {
	server      serverFlags
	queues      []string
	concurrency int
}

func newWorker(a *app) *cobra.Command {
	o := &workerOptions{}
	cmd := &cobra.Command{
		Use:   "worker",
		Short: "Do tasks of chapter 5 for runs on other machines",
		Long: `Join an engine and do what runs give to it, until Ctrl-C: the tasks, functions and jobs of the recipes in this program. The engine
is one that cookbook engine has started, here or on another machine, or another NATS server with JetStream.

The first Ctrl-C ends it in order: what it has begun is finished or handed back. A second one ends it at once; what it has begun is
then done by another worker. If the engine goes away, the worker waits for it to come back.

In a pipe: kind and name of what it serves, separated by a tab.`,
		Example: `  cookbook worker --engine nats://127.0.0.1:4222 --token-file secret
  cookbook worker --engine tls://a.example.org:4222 --token-file secret --concurrency 8`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := a.world.refuse("worker", "cookbook worker"); err != nil {
				return err
			}
			if len(o.queues) == 0 || slices.ContainsFunc(o.queues, func(name string) bool { return !queueName(name) }) {
				return usagef("--queues wants names of letters, digits, - and _ with commas between them, as in --queues default,mail")
			}
			at, err := o.server.address(a.Env, o.server.url, cmd.Flags())
			if err != nil {
				return err
			}
			return o.run(cmd.Context(), a, at)
		},
	}
	f := cmd.Flags()
	o.server.add(cmd)
	f.StringSliceVar(&o.queues, "queues", []string{tasks.DefaultQueue}, "the `names` of the queues from which it takes tasks")
	catalog.IntVar(f, &o.concurrency, "concurrency", runtime.GOMAXPROCS(0), 1, 1024, "how much is done at the same time, of each kind")
	return cmd
}

// queueName reports whether a queue can have that name. Package tasks looks again, and at its length.
func queueName(name string) bool {
	return name != "" && strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == ""
}

func (o *workerOptions) run(ctx context.Context, a *app, at engine.Address) error {
	at.Space = engine.Shared
	conn, err := engine.Connect(ctx, at)
	if err != nil {
		return lacks(ctx, "worker", catalog.NATS, err)
	}
	defer conn.Close()
	offered := a.services()
	if err := o.announce(a, conn, offered); err != nil {
		return err
	}
	var telling sync.Mutex
	tell := func(format string, args ...any) {
		telling.Lock()
		defer telling.Unlock()
		fmt.Fprintln(a.Err, terminal.Safe(fmt.Sprintf(format, args...)))
	}
	conn.NC.SetDisconnectErrHandler(func(*nats.Conn, error) {
		if ctx.Err() == nil {
			tell("lost the engine; the worker waits for it")
		}
	})
	conn.NC.SetReconnectHandler(func(*nats.Conn) { tell("the engine is back") })
	said := make(chan struct{})
	unsay := context.AfterFunc(ctx, func() {
		defer close(said)
		tell("the worker ends when what it has begun is done; Ctrl-C again ends it at once")
	})
	defer func() {
		if !unsay() {
			<-said
		}
	}()

	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var all sync.WaitGroup
	for _, s := range offered {
		all.Go(func() {
			if err := o.keepServing(ctx, conn, s, tell); err != nil {
				cancel(fmt.Errorf("serve each %s: %w", s.kind, err))
			}
		})
	}
	all.Wait()
	if ctx.Err() == nil {
		return errors.New("this program has nothing that a worker could serve")
	}
	return command.EndedAsTold(ctx)
}

// serveRetry is how long a worker waits before it tries again to serve what has failed, and serveTries how often it tries in a row
// while the engine is there.
const (
	serveRetry = 500 * time.Millisecond
	serveTries = 5
)

// keepServing serves until ctx ends, also if the engine was away for longer than the service could bear.
func (o *workerOptions) keepServing(ctx context.Context, conn *engine.Conn, s service, tell func(string, ...any)) error {
	for tries := 0; ; {
		begun := time.Now()
		err := s.serve(ctx, conn, o, tell)
		if ctx.Err() != nil {
			return nil
		}
		switch {
		case err == nil:
			err = errors.New("it has ended by itself")
		case errors.Is(err, tasks.ErrOption):
			return usageError{err}
		}
		if tries++; time.Since(begun) > serveRetry || !conn.NC.IsConnected() {
			tries = 0
		}
		if tries == serveTries {
			return err
		}
		tell("%s: %v; trying again", s.kind, err)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(serveRetry):
		}
	}
}

// announce says what the worker does and for whom.
func (o *workerOptions) announce(a *app, conn *engine.Conn, offered []service) error {
	if a.OutTTY {
		a.say(terminal.Bold, fmt.Sprintf("The worker serves the engine at %s, %d at a time of each kind, tasks from: %s.",
			conn.Address().Where(), o.concurrency, strings.Join(o.queues, ", ")))
	}
	p := a.Printer("KIND", "NAME")
	row := func(kind, name string) []terminal.Line {
		return []terminal.Line{terminal.Text(0, kind), terminal.Text(terminal.Cyan, name)}
	}
	for _, s := range offered {
		for _, name := range s.names {
			p.Measure(row(s.kind, name)...)
		}
	}
	p.Header()
	for _, s := range offered {
		for _, name := range s.names {
			if err := p.Row(row(s.kind, name), s.kind, name); err != nil {
				return err
			}
		}
	}
	if a.OutTTY {
		a.say(0, "Ctrl-C ends it.")
	}
	return nil
}
