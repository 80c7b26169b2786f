package mapreduce

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"cookbook/internal/distributed/engine"
)

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
				c.reach(progress{s.Partition, s.Splits.len(), s.Splits.Next})
			})
		}
		return true, nil
	}, c.subject("failed"), c.subject("snap", "*"))
	if !errors.Is(err, errGone) {
		err = fmt.Errorf("run the MapReduce job %s: %w", c.job, err)
	}
	end(c.cause(ctx, err))
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

// watchQueue ends the run if nobody works for it, or if the engine does not answer for as long. If the queue is not the one that
// was made at that time, because the engine has started again, it sends again what was in there.
func (c *client) watchQueue(ctx context.Context, made time.Time, end context.CancelCauseFunc) {
	ticker := time.NewTicker(c.patience / 15)
	defer ticker.Stop()
	answered := time.Now() // the engine
	for seen := time.Now(); ; {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		limited, cancel := context.WithTimeout(ctx, c.patience)
		queue, mappers, reducers, err := workers(limited, c.conn)
		cancel()
		if err == nil {
			answered = time.Now()
		}
		c.mu.Lock()
		if c.grow { // a mapper counts for each split that it holds
			c.window = max(c.window, 2*mappers)
		}
		mapped := c.progress.All && c.progress.Done == c.progress.Splits
		c.mu.Unlock()
		switch {
		case err != nil && time.Since(answered) > c.patience:
			end(fmt.Errorf("run the MapReduce job %s: the engine at %s has gone: %w: %w", c.job, c.conn.Address().Where(), engine.ErrNoServer, err))
			return
		case err != nil: // the engine may be away for a moment
			seen = time.Now()
		case !queue.CachedInfo().Created.Equal(made):
			if c.sendAgain(ctx) == nil {
				made = queue.CachedInfo().Created
			}
			seen = time.Now()
		case reducers > 0 && (mappers > 0 || mapped):
			seen = time.Now()
		case time.Since(seen) > c.patience:
			end(fmt.Errorf("the splits of the MapReduce job %s for %v: %w", c.job, c.patience, ErrNoWorkers))
			return
		}
	}
}

// sendAgain sends what may have been lost with a queue. What was not is dropped by the reducers.
func (c *client) sendAgain(ctx context.Context) error {
	if err := c.sendPartitions(ctx); err != nil {
		return err
	}
	c.mu.Lock()
	var lost []*nats.Msg
	for _, m := range c.kept {
		lost = append(lost, &nats.Msg{Subject: m.Subject, Header: maps.Clone(m.Header), Data: m.Data}) // m may be on its way
	}
	c.mu.Unlock()
	for _, m := range lost {
		if err := c.send(ctx, m); err != nil {
			return err
		}
	}
	return nil
}
