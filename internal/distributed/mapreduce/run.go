package mapreduce

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"cookbook/internal/distributed/engine"
)

// An Option changes a run of a job.
type Option func(*options)

type options struct {
	partitions, split, window, attempts int
	grow                                bool // the window, with the number of mappers
	report                              func(Progress)
	patience                            time.Duration
}

// WithPartitions divides the keys into n partitions, 1 to 1024, each of which one reducer reads. It is 2 unless set.
func WithPartitions(n int) Option { return func(o *options) { o.partitions = n } }

// WithSplitSize sets how many bytes a split has at most, unless one line is longer. It is 1 MiB less some room for
// headers unless set, which is the largest. Small splits cost more messages.
func WithSplitSize(bytes int) Option { return func(o *options) { o.split = bytes } }

// WithWindow sets how many splits may be under way: from the first one that some reducer does not have to the last one
// that was published. It bounds what the engine and the client have to keep of the input, and should be larger than the
// number of mappers. Unless set it is 8. It grows to four for each mapper if that is more.
func WithWindow(splits int) Option { return func(o *options) { o.window = splits } }

// WithAttempts sets after how many mappers that died with a split in hand the job ends with an error. It is 4 unless set.
func WithAttempts(n int) Option { return func(o *options) { o.attempts = n } }

// WithProgress makes the run call f, from one goroutine at a time, whenever something has changed. The run waits for f to
// return.
func WithProgress(f func(Progress)) Option { return func(o *options) { o.report = f } }

// Progress is how far a run is.
type Progress struct {
	Splits int   // that have been sent to the mappers
	Bytes  int64 // in these
	Done   int   // splits that all reducers have
	All    bool  // the input has been read: there will be no more splits
}

// ErrOption is an option that is out of range.
var ErrOption = errors.New("an option is out of range")

// check makes sure that the options can be worked with, where a message has room for most bytes.
func (o *options) check(most int) error {
	switch {
	case o.partitions < 1 || o.partitions > maxPartitions:
		return fmt.Errorf("%d partitions, of 1 to %d: %w", o.partitions, maxPartitions, ErrOption)
	case o.split < 0 || o.window < 1 || o.attempts < 1:
		return fmt.Errorf("splits of %d bytes, %d under way, %d attempts, each of which is at least 1: %w", o.split, o.window, o.attempts, ErrOption)
	case o.split == 0 || o.split > most:
		o.split = most
	}
	return nil
}

// Run runs a job over an input and returns its results in the order that the job's Sort says. The workers of the engine's
// space do the work, see [Serve]; they may come and go meanwhile. Run waits for the first, but not longer than 15 s for one of each role.
//
// The input is read once, as fast as the workers take it, and may be larger than any memory or disk. Only the results have
// to fit: the keys that differ, each with its value, here as a whole and in the reducers by partition.
//
// The error is a [SplitError], a [ReduceError], one of the input such as [ErrLongLine], [ErrNoWorkers], [ErrLost], one of the engine, or
// the cause of ctx. However it ends, nothing of the job stays in the engine. What a worker has begun it may finish.
func Run[V any](ctx context.Context, conn *engine.Conn, h *Handle[V], in Input, opts ...Option) (pairs []Pair[V], err error) {
	o := options{partitions: 2, window: 8, grow: true, attempts: 4, report: func(Progress) {}, patience: patience}
	for _, set := range opts {
		set(&o)
	}
	most := limit(conn)
	if err := o.check(most); err != nil {
		return nil, fmt.Errorf("run the MapReduce job %s: %w", h.name, err)
	}
	c := &client{
		run: run{conn, strings.ToLower(rand.Text())}, options: o, job: h.name,
		reached: make([]progress, o.partitions), kept: map[int]*nats.Msg{}, results: map[int]snapshot{}, changed: make(chan struct{}),
	}
	defer func() {
		limit := removeLimit
		if !conn.NC.IsConnected() { // there may be nothing left to remove, and nobody to ask
			limit = lostLimit
		}
		limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
		defer cancel()
		if removed := c.remove(limited); err == nil && removed != nil {
			err = fmt.Errorf("remove the MapReduce job %s from the engine: %w", h.name, removed)
		}
	}()
	if err := c.do(ctx, in, most); err != nil {
		return nil, err
	}
	sorted := make([][]Pair[V], o.partitions)
	for p := range sorted {
		err := c.parts(ctx, c.results[p], func(data []byte) (err error) {
			sorted[p], err = appendPairs(sorted[p], data)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("read the results of the MapReduce job %s: %w", h.name, err)
		}
	}
	return merge(sorted, h.job.Sort), nil
}

const (
	removeLimit = 10 * time.Second
	lostLimit   = time.Second
)

// merge makes one sorted slice of several.
func merge[V any](sorted [][]Pair[V], compare func(a, b Pair[V]) int) []Pair[V] {
	n := 0
	for _, s := range sorted {
		n += len(s)
	}
	all := make([]Pair[V], 0, n)
	for len(all) < n {
		first := -1
		for p, s := range sorted {
			if len(s) > 0 && (first < 0 || compare(s[0], sorted[first][0]) < 0) {
				first = p
			}
		}
		all = append(all, sorted[first][0])
		sorted[first] = sorted[first][1:]
	}
	return all
}
