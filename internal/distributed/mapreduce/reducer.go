package mapreduce

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"cookbook/internal/distributed/engine"
)

// takePartition reads a partition until every split is in it, and publishes its sorted result.
func (w *worker) takePartition(ctx context.Context, m jetstream.Msg) {
	t, ok := taskOf(m)
	if !ok {
		return
	}
	engine.Receives(t.partitionKey())
	r := &reducer{run: run{w.conn, t.Run}, task: t, saveAfter: w.saveAfter, clientTTL: w.clientTTL, pending: map[attempt]*partial{}}
	r.tell()
	jobCtx, end := context.WithCancelCause(ctx)
	watched := make(chan struct{})
	go func() { // ends with jobCtx
		defer close(watched)
		r.watchClient(jobCtx, end)
	}()
	err := r.reduce(jobCtx)
	cause := context.Cause(jobCtx)
	end(nil)
	<-watched
	switch {
	case ctx.Err() != nil: // another reducer goes on from the last snapshot
		m.Nak()
	case err == nil, errors.Is(cause, errGone), errors.Is(err, errGone):
		confirm(ctx, m)
	case errors.Is(err, errSuperseded): // the other reducer answers for the message
	case errors.As(err, new(*reduceFault)):
		r.fail(ctx, m, failure{Reducer: true, Part: t.Partition, Text: err.Error()})
	default: // the engine was away for too long
		handBack(m, err)
	}
}

// errSuperseded is a partition that the engine has given to another reducer, because this one was silent for too long.
var errSuperseded = errors.New("another reducer has the partition")

// A reduceFault is an error that another reducer would meet again.
type reduceFault struct{ error }

// A reducer is one attempt at a partition.
type reducer struct {
	run
	task
	stream  jetstream.Stream
	reduced reduction
	splits  splitSet
	all     int // how many splits there are; -1: not known yet
	pending map[attempt]*partial
	last    uint64 // stream sequence of the last message that was read

	saveAfter int
	clientTTL time.Duration

	saved   snapshot // the last one
	savedAt uint64   // its stream sequence
	unsaved int      // bytes that came after it

	told atomic.Pointer[progress] // for the client
}

// An attempt is what one mapper has made of a split, if that is several messages.
type attempt struct {
	split int
	name  string
}

type partial struct {
	first uint64 // stream sequence of the first part that came
	parts map[int][]byte
}

// saveAfter is how many bytes a reducer takes between two snapshots, or as many as the last snapshot has if that is
// more. It bounds what the engine has to store of the shuffle.
const saveAfter = 4 << 20

func (r *reducer) reduce(ctx context.Context) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &reduceFault{fmt.Errorf("panic: %v", v)}
		}
	}()
	j, err := jobs.Find(r.Job)
	if err != nil {
		return &reduceFault{err}
	}
	r.reduced, r.all = j.reduction(), -1
	if r.stream, err = r.run.stream(ctx); err != nil {
		return err
	}
	if err := r.load(ctx); err != nil || r.saved.Result {
		return err
	}
	complete := func() bool { return r.all >= 0 && r.splits.len() >= r.all }
	if !complete() {
		err := r.read(ctx, func(m jetstream.Msg) (more bool, err error) {
			err = r.take(m)
			if err == nil && r.unsaved >= max(r.saveAfter, r.saved.Bytes) {
				err = r.save(ctx, false)
			}
			return !complete(), err
		}, r.shuffle(r.Partition))
		if err != nil {
			return err
		}
	}
	return r.save(ctx, true)
}

// take takes a message of the shuffle. What it holds counts once, however many times the split was mapped.
func (r *reducer) take(m jetstream.Msg) error {
	info, err := m.Metadata()
	if err != nil {
		return err
	}
	meta, err := metaOf[shuffled](m.Headers())
	switch {
	case err != nil:
		return &reduceFault{err}
	case meta.Splits > 0:
		r.all = meta.Splits - 1
		return nil
	case meta.Split < 0 || meta.Part < 0 || meta.Parts < 0 || meta.Part >= max(meta.Parts, 1):
		return &reduceFault{fmt.Errorf("%+v: %w", meta, ErrMalformed)}
	}
	r.last = info.Sequence.Stream
	if r.splits.has(meta.Split) {
		return nil
	}
	r.unsaved += len(m.Data())
	parts := [][]byte{m.Data()}
	switch {
	case meta.Parts == 0:
		parts = nil
	case meta.Parts > 1:
		if parts = r.collect(info.Sequence.Stream, meta, m.Data()); parts == nil {
			return nil
		}
	}
	engine.Receives(r.shuffleKey(meta.Split, r.Partition))
	defer engine.Does(context.Background(), fmt.Sprintf("reduce split %d", meta.Split))()
	for _, data := range parts {
		if err := r.reduced.add(data); err != nil {
			return &reduceFault{fmt.Errorf("split %d: %w", meta.Split, err)}
		}
	}
	r.splits.add(meta.Split)
	r.tell()
	r.conn.NC.Publish(r.client(), r.progress()) // if it is lost, the next one says the same and more
	return nil
}

// collect returns the parts of an attempt when all are there.
func (r *reducer) collect(sequence uint64, meta shuffled, data []byte) (parts [][]byte) {
	key := attempt{meta.Split, meta.Attempt}
	p := r.pending[key]
	if p == nil {
		p = &partial{first: sequence, parts: map[int][]byte{}}
		r.pending[key] = p
	}
	p.parts[meta.Part] = data
	if len(p.parts) < meta.Parts {
		return nil
	}
	for other := range r.pending {
		if other.split == meta.Split {
			delete(r.pending, other)
		}
	}
	for i := range meta.Parts {
		parts = append(parts, p.parts[i])
	}
	return parts
}

func (r *reducer) tell() { r.told.Store(&progress{r.Partition, r.splits.len(), r.splits.Next}) }

// progress says to the client how far this reducer is.
func (r *reducer) progress() []byte {
	text, err := json.Marshal(r.told.Load())
	if err != nil {
		panic(err) // three numbers
	}
	return text
}

const (
	askEvery  = time.Second      // a reducer asks its client whether it is there
	clientTTL = 10 * time.Second // a client that has not answered for so long is gone
)

// watchClient ends the work on a job that has ended, and removes the job of a client that is gone.
func (r *reducer) watchClient(ctx context.Context, end context.CancelCauseFunc) {
	ticker := time.NewTicker(askEvery)
	defer ticker.Stop()
	for answered := time.Now(); ; {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		ask, cancel := context.WithTimeout(ctx, askEvery)
		_, err := r.conn.NC.RequestWithContext(ask, r.client(), r.progress())
		cancel()
		switch {
		case err == nil:
			answered = time.Now()
		case ctx.Err() != nil:
		case r.gone(ctx):
			end(errGone)
		case time.Since(answered) > r.clientTTL:
			r.remove(ctx)
			end(errGone)
		}
	}
}
