package ch4

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"cookbook/internal/transcript"
)

// Three tasks compute and wait by turns: one after another, interleaved, and all at once. Goroutines run at once unless something
// keeps them from it. Here that is a channel with one place, which a task holds while it computes and gives back while it waits.

// A model says how many tasks may compute at the same time, and counts how many did.
type model struct {
	out    *transcript.Log
	places chan struct{} // full when as many compute as may

	mu              sync.Mutex
	computing, most int
}

func newModel(out *transcript.Log, atOnce int) *model {
	return &model{out: out, places: make(chan struct{}, atOnce)}
}

func (m *model) add(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.computing += n
	m.most = max(m.most, m.computing)
}

// compute waits for its turn. A pause stands for the computing.
func (m *model) compute(ctx context.Context, task string, step int) error {
	select {
	case m.places <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer func() { <-m.places }()
	m.add(+1)
	defer m.add(-1)
	m.out.Actor(task).Printf("%s computes (%d)", task, step)
	return m.out.Sleep(ctx, time.Second)
}

// run does the steps of a task. After each it waits for something outside, as a disk or a person.
func (m *model) run(ctx context.Context, task string) error {
	for step := 1; step <= 3; step++ {
		if err := m.compute(ctx, task, step); err != nil {
			return err
		}
		if err := m.out.Sleep(ctx, 2*time.Second); err != nil {
			return err
		}
	}
	return nil
}

// runAll runs the tasks in goroutines, which compute whenever they have a place.
func (m *model) runAll(ctx context.Context, tasks []string) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, task := range tasks {
		group.Go(func() error { return m.run(ctx, task) })
	}
	return group.Wait()
}

func asyncModelBare(ctx context.Context, out *transcript.Log) error {
	tasks := []string{"A", "B", "C"}

	sequence, begun := newModel(out, 1), time.Now()
	for _, task := range tasks {
		if err := sequence.run(ctx, task); err != nil {
			return err
		}
	}
	out.Printf("one after another: %.3f s", time.Since(begun).Seconds())
	out.Check("the most that computed at once, in sequence", sequence.most, 1)

	out.Note("While one task waits, another computes. But while one computes, no other does.")
	interleaved, begun := newModel(out, 1), time.Now()
	if err := interleaved.runAll(ctx, tasks); err != nil {
		return err
	}
	out.Printf("interleaved: %.3f s", time.Since(begun).Seconds())
	out.Check("the most that computed at once, interleaved", interleaved.most, 1)

	free, begun := newModel(out, len(tasks)), time.Now()
	if err := free.runAll(ctx, tasks); err != nil {
		return err
	}
	out.Printf("all at once: %.3f s, and %d computed at the same time", time.Since(begun).Seconds(), free.most)
	return nil
}
