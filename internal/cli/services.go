package cli

import (
	"context"
	"slices"

	"cookbook/internal/distributed/engine"
	"cookbook/internal/distributed/futures"
	"cookbook/internal/distributed/mapreduce"
	"cookbook/internal/distributed/tasks"
)

// A service is one kind of work that a worker does.
type service struct {
	kind  string   // of what it does, as in "task"
	names []string // of what it can do

	// serve works until ctx ends; then it finishes what it has begun or hands it back. It tells what it does.
	serve func(ctx context.Context, conn *engine.Conn, o *workerOptions, tell func(format string, args ...any)) error
}

// services are what this program can do for others.
func services() []service {
	all := []service{{
		kind: "task", names: tasks.Registered(),
		serve: func(ctx context.Context, conn *engine.Conn, o *workerOptions, tell func(string, ...any)) error {
			return tasks.Serve(ctx, conn, tasks.WithConcurrency(o.concurrency), tasks.WithQueues(o.queues...),
				tasks.WithObserver(func(e tasks.Event) { tell("%s", e) }))
		},
	}, {
		kind: "function", names: futures.Names(),
		serve: func(ctx context.Context, conn *engine.Conn, o *workerOptions, _ func(string, ...any)) error {
			return futures.Serve(ctx, conn, o.concurrency)
		},
	}, {
		kind: "job", names: mapreduce.Registered(),
		serve: func(ctx context.Context, conn *engine.Conn, o *workerOptions, _ func(string, ...any)) error {
			return mapreduce.Serve(ctx, conn, mapreduce.Mapper|mapreduce.Reducer, mapreduce.WithConcurrency(o.concurrency))
		},
	}}
	return slices.DeleteFunc(all, func(s service) bool { return len(s.names) == 0 })
}
