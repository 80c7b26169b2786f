package mapreduce

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"cookbook/internal/distributed/engine"
)

// A client is the side of a run that has the input.
type client struct {
	run
	options
	job string

	mu       sync.Mutex
	progress Progress
	reached  []progress        // by partition: how far its reducer is
	next     int               // the first split that some reducer does not have
	kept     map[int]*nats.Msg // the splits from there on, for an engine that starts again
	results  map[int]snapshot  // by partition
	changed  chan struct{}     // closed at the next change
}

// do sends the input to the mappers and waits for all partitions.
func (c *client) do(ctx context.Context, in Input, most int) error {
	ctx, end := context.WithCancelCause(ctx)
	var helpers sync.WaitGroup
	defer helpers.Wait()
	defer end(nil)
	queue, _, _, err := queues(ctx, c.conn)
	if err != nil {
		return err
	}
	if _, err := c.make(ctx); err != nil {
		return err
	}
	sub, err := c.conn.NC.Subscribe(c.run.client(), c.hear)
	if err != nil {
		return err
	}
	defer sub.Unsubscribe()
	helpers.Go(func() { c.watchJob(ctx, end) })
	helpers.Go(func() { c.watchQueue(ctx, queue.CachedInfo().Created, end) })

	if err := c.sendPartitions(ctx); err != nil {
		return err
	}
	splits := 0
	err = eachSplit(ctx, in, c.split, most, func(s Split) error {
		if err := c.wait(ctx, func() bool { return s.Number-c.next < c.window }); err != nil {
			return err
		}
		t := task{Run: c.id, Job: c.job, Partitions: c.partitions, Attempts: c.attempts, Source: s.Source, Offset: s.Offset, Number: s.Number}
		m := message(c.task("map"), t.splitKey(), t, bytes.Clone(s.Data))
		c.change(func() { c.kept[s.Number] = m })
		engine.Sends(t.splitKey(), t.split())
		if err := c.send(ctx, m); err != nil {
			return err
		}
		splits++
		c.change(func() { c.progress.Splits, c.progress.Bytes = splits, c.progress.Bytes+int64(len(s.Data)) })
		return nil
	})
	if err != nil {
		return c.cause(ctx, err)
	}
	c.change(func() { c.progress.All = true })
	for p := range c.partitions {
		if err := c.send(ctx, message(c.shuffle(p), "end-"+strconv.Itoa(p), shuffled{Splits: splits + 1}, nil)); err != nil {
			return err
		}
	}
	return c.wait(ctx, func() bool { return len(c.results) == c.partitions })
}

// sendPartitions sends the partitions to the reducers.
func (c *client) sendPartitions(ctx context.Context) error {
	for p := range c.partitions {
		t := task{Run: c.id, Job: c.job, Partitions: c.partitions, Partition: p}
		engine.Sends(t.partitionKey(), t.partition())
		if err := c.send(ctx, message(c.task("reduce"), t.partitionKey(), t, nil)); err != nil {
			return err
		}
	}
	return nil
}

// send publishes a message of the run.
func (c *client) send(ctx context.Context, m *nats.Msg) error {
	if _, err := c.publish(ctx, m); err != nil {
		return c.cause(ctx, fmt.Errorf("send work of the MapReduce job %s: %w", c.job, err))
	}
	return nil
}

// cause is why ctx has ended, or err if it has not. That the job is not there any more is [ErrLost], unless watchQueue ends ctx
// meanwhile: an engine that closes says so, too, while it still answers.
func (c *client) cause(ctx context.Context, err error) error {
	if errors.Is(err, errGone) {
		select {
		case <-ctx.Done():
		case <-time.After(2 * c.patience):
			err = fmt.Errorf("run the MapReduce job %s: %w", c.job, ErrLost)
		}
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// change changes what others wait for, and reports the progress.
func (c *client) change(change func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	before := c.progress
	change()
	if c.progress != before {
		c.report(c.progress)
	}
	close(c.changed)
	c.changed = make(chan struct{})
}

// wait waits until something holds, which it asks under the lock.
func (c *client) wait(ctx context.Context, holds func() bool) error {
	for {
		c.mu.Lock()
		ok, changed := holds(), c.changed
		c.mu.Unlock()
		if ok {
			return nil
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-changed:
		}
	}
}

// hear takes what a reducer says of its progress, and answers, so that it knows that somebody waits for it.
func (c *client) hear(m *nats.Msg) {
	if m.Reply != "" {
		m.Respond(nil)
	}
	var p progress
	if json.Unmarshal(m.Data, &p) != nil || p.Partition < 0 || p.Partition >= c.partitions {
		return
	}
	c.change(func() { c.reach(p) })
}

// reach notes how far a reducer is. It falls back when another reducer goes on from a snapshot; the progress does not, as
// what came of the splits is still stored.
func (c *client) reach(p progress) {
	c.reached[p.Partition] = p
	done, next := p.Splits, p.Next
	for _, p := range c.reached {
		done, next = min(done, p.Splits), min(next, p.Next)
	}
	c.progress.Done = max(c.progress.Done, min(done, c.progress.Splits))
	for ; c.next < next; c.next++ {
		delete(c.kept, c.next)
	}
}
