package mapreduce

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// A client is the side of a run that has the input.
type client struct {
	run
	options
	job string

	mu       sync.Mutex
	progress Progress
	consumed []int            // by partition: how many splits its reducer has
	results  map[int]snapshot // by partition
	changed  chan struct{}    // closed at the next change
}

// do sends the input to the mappers and waits for all partitions.
func (c *client) do(ctx context.Context, in Input, most int) error {
	ctx, end := context.WithCancelCause(ctx)
	var helpers sync.WaitGroup
	defer helpers.Wait()
	defer end(nil)
	if _, _, _, err := queues(ctx, c.conn); err != nil {
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
	helpers.Go(func() { c.watchWorkers(ctx, end) })

	for p := range c.partitions {
		t := task{Run: c.id, Job: c.job, Partitions: c.partitions, Partition: p}
		if err := c.send(ctx, message(c.task("reduce"), fmt.Sprintf("%s-p%d", c.id, p), t, nil)); err != nil {
			return err
		}
	}
	splits := 0
	err = eachSplit(ctx, in, c.split, most, func(s Split) error {
		t := task{Run: c.id, Job: c.job, Partitions: c.partitions, Attempts: c.attempts, Source: s.Source, Offset: s.Offset, Number: s.Number}
		if err := c.wait(ctx, func() bool { return s.Number-c.progress.Done < c.window }); err != nil {
			return err
		}
		if err := c.send(ctx, message(c.task("map"), fmt.Sprintf("%s-%d", c.id, s.Number), t, s.Data)); err != nil {
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

// send publishes a message of the run.
func (c *client) send(ctx context.Context, m *nats.Msg) error {
	if _, err := c.publish(ctx, m); err != nil {
		return c.cause(ctx, fmt.Errorf("send work of the MapReduce job %s: %w", c.job, err))
	}
	return nil
}

// cause is why ctx has ended, or err if it has not.
func (c *client) cause(ctx context.Context, err error) error {
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
	c.change(func() { c.consume(p.Partition, p.Splits) })
}

// consume notes how many splits a reducer has. The number falls when another reducer goes on from a snapshot; the
// progress does not.
func (c *client) consume(partition, splits int) {
	c.consumed[partition] = splits
	done := splits
	for _, n := range c.consumed {
		done = min(done, n)
	}
	c.progress.Done = max(c.progress.Done, min(done, c.progress.Splits))
}

// watchJob reads errors and results, until ctx ends.
func (c *client) watchJob(ctx context.Context, end context.CancelCauseFunc) {
	err := c.read(ctx, func(m jetstream.Msg) (more bool, err error) {
		if m.Subject() == c.subject("failed") {
			f, err := metaOf[failure](m.Headers())
			if err == nil {
				err = c.failed(f)
			}
			return false, err
		}
		s, err := metaOf[snapshot](m.Headers())
		if err != nil || s.Partition < 0 || s.Partition >= c.partitions {
			return false, errors.Join(ErrMalformed, err)
		}
		if s.Result {
			c.change(func() {
				c.results[s.Partition] = s
				c.consume(s.Partition, s.Splits.len())
			})
		}
		return true, nil
	}, c.subject("failed"), c.subject("snap", "*"))
	if ctx.Err() == nil {
		end(fmt.Errorf("run the MapReduce job %s: %w", c.job, err))
	}
}

// failed is the error that a worker has met.
func (c *client) failed(f failure) error {
	if f.Reducer {
		return &ReduceError{c.job, f.Part, f.Text}
	}
	return &SplitError{c.job, f.Source, f.Offset, f.Size, f.Attempts, f.Text}
}

// patience is how long a run goes on without any worker of a role.
const patience = 15 * time.Second

// watchWorkers ends the run if nobody works for it.
func (c *client) watchWorkers(ctx context.Context, end context.CancelCauseFunc) {
	ticker := time.NewTicker(c.patience / 15)
	defer ticker.Stop()
	for seen := time.Now(); ; {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		mappers, reducers, err := Count(ctx, c.conn)
		c.mu.Lock()
		if c.grow { // a mapper counts for each split that it holds
			c.window = max(c.window, 2*mappers)
		}
		mapped := c.progress.All && c.progress.Done == c.progress.Splits
		c.mu.Unlock()
		switch {
		case err != nil || reducers > 0 && (mappers > 0 || mapped): // the engine may be away for a moment
			seen = time.Now()
		case time.Since(seen) > c.patience:
			end(fmt.Errorf("the splits of the MapReduce job %s for %v: %w", c.job, c.patience, ErrNoWorkers))
			return
		}
	}
}
