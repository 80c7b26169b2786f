package mapreduce

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/synadia-io/orbit.go/jetstreamext"

	"cookbook/internal/distributed/engine"
)

// takeSplit maps a split, publishes what came of it, and only then acknowledges the split.
func (w *worker) takeSplit(ctx context.Context, m jetstream.Msg) {
	t, ok := taskOf(m)
	if !ok {
		return
	}
	info, err := m.Metadata()
	if err != nil {
		m.Term()
		return
	}
	if info.NumDelivered == 1 {
		w.alone.RLock()
		defer w.alone.RUnlock()
	} else { // it may have killed its mapper: no other split shall die with it
		w.alone.Lock()
		defer w.alone.Unlock()
	}
	stored := context.WithoutCancel(ctx) // a split that is mapped is also published
	r := run{w.conn, t.Run}
	s := Split{t.Source, t.Offset, t.Number, m.Data()}
	fail := func(attempts int, err error) {
		r.fail(stored, m, failure{Source: t.Source, Offset: t.Offset, Size: len(s.Data), Attempts: attempts, Text: err.Error()})
	}
	switch attempts, err := r.attempt(stored, t, info.NumDelivered); {
	case err != nil:
		handBack(m, err)
		return
	case t.Attempts > 0 && attempts > t.Attempts:
		fail(t.Attempts, errKiller)
		return
	}
	engine.Receives(t.splitKey())
	w.hook(ctx, Taken, s)
	made, err := w.mapSplit(ctx, t, s)
	switch {
	case err != nil && ctx.Err() != nil: // it may have ended early
		m.Nak()
		return
	case err != nil:
		fail(0, err)
		return
	}
	w.hook(ctx, Mapped, s)
	switch err := r.shuffleAll(stored, t, made); {
	case errors.Is(err, errGone):
		handBack(m, err)
		return
	case err != nil:
		fail(0, err)
		return
	}
	w.hook(ctx, Published, s)
	confirm(stored, m) // else the split comes again, and the reducers do not take it twice
}

// mapSplit calls the job, whose panic is an error.
func (w *worker) mapSplit(ctx context.Context, t task, s Split) (made [][][]byte, err error) {
	j, err := jobs.Find(t.Job)
	if err != nil {
		return nil, err
	}
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v", v)
		}
	}()
	defer engine.Does(ctx, "map "+t.split())()
	return j.mapSplit(ctx, s, t.Partitions, limit(w.conn))
}

// attempt returns which attempt at a split this is. A split that is delivered again may have killed its mapper, so from
// here on attempts are counted before they begin. Deliveries are not: a split that only waits in a mapper that dies is delivered again, too.
func (r run) attempt(ctx context.Context, t task, delivery uint64) (n int, err error) {
	if delivery == 1 {
		return 1, nil
	}
	stream, err := r.stream(ctx)
	if err != nil {
		return 0, err
	}
	subject, begun := r.subject("tried", strconv.Itoa(t.Number)), 1
	last, err := r.lastOf(ctx, stream, subject)
	if err == nil && last != nil {
		begun, err = strconv.Atoi(string(last.Data))
	}
	if err != nil {
		return 0, err
	}
	_, err = r.publish(ctx, &nats.Msg{Subject: subject, Data: strconv.AppendInt(nil, int64(begun+1), 10)})
	return begun + 1, err
}

// shuffleAll publishes what came of a split: for each partition one message at least, so that its reducer knows.
func (r run) shuffleAll(ctx context.Context, t task, made [][][]byte) error {
	attempt := rand.Text()
	var all []*nats.Msg
	for p, parts := range made {
		engine.Sends(t.shuffleKey(t.Number, p), t.split())
		id := fmt.Sprintf("%d-%d", t.Number, p)
		if len(parts) > 1 { // another attempt may cut the parts elsewhere, so they are not one by one the same
			id += "-" + attempt
		}
		meta := shuffled{Split: t.Number, Attempt: attempt, Parts: len(parts)}
		if len(parts) == 0 {
			all = append(all, message(r.shuffle(p), id, meta, nil))
		}
		for i, data := range parts {
			meta.Part = i
			all = append(all, message(r.shuffle(p), fmt.Sprintf("%s-%d", id, i), meta, data))
		}
	}
	for limit := time.Now().Add(publishLimit); ; {
		if r.gone(ctx) { // asked first, as a batch for a stream that is gone has no answer
			return errGone
		}
		err := r.batch(ctx, all)
		switch {
		case err == nil:
			return nil
		case r.conn.NC.IsClosed(), time.Now().After(limit):
			return fmt.Errorf("publish what came of the split: %w", err)
		}
		time.Sleep(retryWait)
	}
}

const batchLimit = 2 * time.Second // for the acknowledgement of a batch

// batch publishes messages by fast ingest: the last one is acknowledged when all are stored. Sent again, they are
// stored once.
func (r run) batch(ctx context.Context, all []*nats.Msg) error {
	p, err := jetstreamext.NewFastPublisher(r.conn.JS, jetstreamext.FastPublishFlowControl{AckTimeout: batchLimit})
	if err != nil {
		return err
	}
	last := len(all) - 1
	for _, m := range all[:last] {
		if _, err := p.AddMsg(m); err != nil {
			return err
		}
	}
	_, err = p.CommitMsg(ctx, all[last])
	return err
}
