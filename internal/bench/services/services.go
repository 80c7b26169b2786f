// Package services has the operations of chapter 5 that cookbook bench measures beside Python: those that need the engine, which a
// child of chapter 3 should not have to initialise. See package primitive.
package services

import (
	"context"
	"errors"
	"time"

	"cookbook/internal/bench/primitive"
	"cookbook/internal/distributed/engine"
	"cookbook/internal/distributed/tasks"
	"cookbook/internal/process"
)

// All are the operations. The other side of each is in a process of its own.
func All() []primitive.Primitive {
	all := []primitive.Primitive{
		{Name: "task, to its result", Script: "celery_bench.py", Key: "celery_task", Go: oneByOne},
		{Name: "tasks, with results", Script: "celery_bench.py", Key: "celery_tasks", Go: allAtOnce},
		{Name: "tasks, without results", Script: "celery_bench.py", Key: "celery_ignored", Go: ignored},
		{Name: "remote object, call", Script: "pyro_bench.py", Key: "pyro_call", Go: callObject, Plain: callRPC, PlainIs: "net/rpc"},
		{Name: "RPyC, call", Script: "rpyc_bench.py", Key: "call", Go: callRemote, Plain: callRPC, PlainIs: "net/rpc"},
		{Name: "RPyC, a call that calls back", Script: "rpyc_bench.py", Key: "callback", Go: callBack},
		{Name: "RPyC, execute", Script: "rpyc_bench.py", Key: "execute", Go: execute},
	}
	for i := range all {
		all[i].Chapter = 5
	}
	return all
}

// beside starts a function in a process of its own, has a body work, and ends the process.
func beside[A any](ctx context.Context, f func(context.Context, A) (struct{}, error), arg func(g *process.Group) (A, error),
	body func() (time.Duration, error)) (took time.Duration, err error) {
	g, err := process.NewGroup(ctx)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, g.Close()) }()
	a, err := arg(g)
	if err != nil {
		return 0, err
	}
	if err := process.New(g, f, a).Start(); err != nil {
		return 0, err
	}
	return body()
}

// onEngine gives a body an engine, and a connection to it.
func onEngine(ctx context.Context, body func(e *engine.Engine, c *engine.Conn) (time.Duration, error)) (took time.Duration, err error) {
	e, err := engine.Open(ctx)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	c, err := e.Connect(ctx)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	return body(e, c)
}

func repeat(n int, one func() error) (time.Duration, error) {
	begun := time.Now()
	for range n {
		if err := one(); err != nil {
			return 0, err
		}
	}
	return time.Since(begun), nil
}

// pair is what a task adds.
type pair struct{ X, Y int }

var add = tasks.Register("bench.add", func(_ context.Context, p pair) (int, error) { return p.X + p.Y, nil })

var worker = process.Register("bench.worker", func(ctx context.Context, at engine.Address) (struct{}, error) {
	conn, err := engine.Connect(ctx, at)
	if err != nil {
		return struct{}{}, err
	}
	defer conn.Close()
	return struct{}{}, tasks.Serve(ctx, conn, tasks.WithConcurrency(4))
})

// withWorker has a client work, with a worker of four goroutines in another process.
func withWorker(ctx context.Context, body func(app *tasks.App) (time.Duration, error)) (time.Duration, error) {
	return onEngine(ctx, func(e *engine.Engine, c *engine.Conn) (time.Duration, error) {
		app, err := tasks.NewApp(ctx, c)
		if err != nil {
			return 0, err
		}
		return beside(ctx, worker, func(*process.Group) (engine.Address, error) { return e.Address(), nil }, func() (time.Duration, error) {
			if _, err := app.Ping(ctx, 1); err != nil {
				return 0, err
			}
			return body(app)
		})
	})
}

func oneByOne(ctx context.Context, n int) (time.Duration, error) {
	return withWorker(ctx, func(app *tasks.App) (time.Duration, error) {
		return repeat(n, func() error {
			r, err := add.Delay(ctx, app, pair{1, 2})
			if err != nil {
				return err
			}
			_, err = r.Get(ctx)
			return err
		})
	})
}

func pairs(n int) []pair {
	all := make([]pair, n)
	for i := range all {
		all[i] = pair{i, 1}
	}
	return all
}

func allAtOnce(ctx context.Context, n int) (time.Duration, error) {
	return withWorker(ctx, func(app *tasks.App) (time.Duration, error) {
		begun := time.Now()
		results, err := add.ApplyAll(ctx, app, pairs(n))
		if err != nil {
			return 0, err
		}
		for _, r := range results {
			if _, err := r.Get(ctx); err != nil {
				return 0, err
			}
		}
		return time.Since(begun), nil
	})
}

// As in the script, the last call's result is waited for: it comes when all others are done.
func ignored(ctx context.Context, n int) (time.Duration, error) {
	return withWorker(ctx, func(app *tasks.App) (time.Duration, error) {
		begun := time.Now()
		if _, err := add.ApplyAll(ctx, app, pairs(n-1), tasks.WithIgnoreResult()); err != nil {
			return 0, err
		}
		r, err := add.Delay(ctx, app, pair{1, 2})
		if err != nil {
			return 0, err
		}
		_, err = r.Get(ctx)
		return time.Since(begun), err
	})
}
