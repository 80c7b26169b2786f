package mapreduce

import (
	"context"
	"crypto/rand"
	"fmt"
	"strconv"
	"time"

	"cookbook/internal/distributed/engine"

	"github.com/nats-io/nats.go/jetstream"
)

// save publishes what the reducer knows, or its result, and removes from the engine what is in it. Only the reducer whose
// snapshot before this one is the last one can do so.
func (r *reducer) save(ctx context.Context, result bool) error {
	write := r.reduced.snapshot
	if result {
		write = r.reduced.result
	}
	parts, err := write(limit(r.conn))
	if err != nil {
		return &reduceFault{err}
	}
	s := snapshot{Partition: r.Partition, Name: rand.Text(), Parts: len(parts), Splits: r.splits, All: r.all, Result: result}
	for i, data := range parts {
		s.Bytes += len(data)
		if _, err := r.publish(ctx, message(r.part(s, i), s.Name+"-"+strconv.Itoa(i), struct{}{}, data)); err != nil {
			return err
		}
	}
	ack, err := r.publish(ctx, message(r.run.snapshot(r.Partition), s.Name, s, nil), jetstream.WithExpectLastSequencePerSubject(r.savedAt))
	switch {
	case engine.Overtaken(err):
		return errSuperseded
	case err != nil:
		return err
	}
	old := r.saved
	r.saved, r.savedAt, r.unsaved = s, ack.Sequence, 0
	return r.clean(ctx, old)
}

// clean removes what a snapshot has replaced. If it fails, there is more to read after a restart, and no harm.
func (r *reducer) clean(ctx context.Context, old snapshot) error {
	if err := r.purge(ctx, r.run.snapshot(r.Partition), jetstream.WithPurgeKeep(1)); err != nil {
		return err
	}
	if old.Parts > 0 {
		if err := r.purge(ctx, r.subject("part", strconv.Itoa(old.Partition), old.Name, "*")); err != nil {
			return err
		}
	}
	before := r.last + 1
	for _, p := range r.pending {
		before = min(before, p.first)
	}
	if before <= 1 {
		return nil
	}
	return r.purge(ctx, r.shuffle(r.Partition), jetstream.WithPurgeSequence(before))
}

func (r *reducer) purge(ctx context.Context, subject string, options ...jetstream.StreamPurgeOpt) error {
	return r.conn.Again(ctx, func(ctx context.Context) error {
		return r.stream.Purge(ctx, append(options, jetstream.WithPurgeSubject(subject))...)
	})
}

// load continues from the last snapshot, if there is one.
func (r *reducer) load(ctx context.Context) error {
	last, err := r.lastOf(ctx, r.stream, r.run.snapshot(r.Partition))
	if err != nil || last == nil {
		return err
	}
	s, err := metaOf[snapshot](last.Header)
	if err != nil {
		return &reduceFault{err}
	}
	r.saved, r.savedAt, r.splits, r.all = s, last.Sequence, s.Splits, s.All
	r.tell()
	if s.Result {
		return nil
	}
	return r.parts(ctx, s, r.reduced.add)
}

const partsLimit = time.Minute // for the parts of a snapshot, which are there or have been replaced

// parts hands the parts of a snapshot to take, in their order.
func (r run) parts(ctx context.Context, s snapshot, take func(data []byte) error) error {
	if s.Parts == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, partsLimit)
	defer cancel()
	i := 0
	err := r.read(ctx, func(m jetstream.Msg) (more bool, err error) {
		if m.Subject() != r.part(s, i) {
			return false, fmt.Errorf("%s as part %d of a snapshot: %w", m.Subject(), i, ErrMalformed)
		}
		i++
		return i < s.Parts, take(m.Data())
	}, r.subject("part", strconv.Itoa(s.Partition), s.Name, "*"))
	if err != nil {
		return fmt.Errorf("read a snapshot: %w", err)
	}
	return nil
}
