package tasks

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/synadia-io/orbit.go/jetstreamext"
	"golang.org/x/sync/errgroup"
)

// maxBatch is how many messages the engine stores at once, or none of them.
const maxBatch = 1000

// A GroupResult is the results of a group, which may not be there yet.
type GroupResult[R any] struct{ Results []*AsyncResult[R] }

// Group sends calls, or chains of them, that have nothing to do with each other. Up to 1,000 are sent all or none; more are
// sent in several such batches. If the id of one has been used before ([WithID]), they are sent one by one. Celery: group(…).apply_async().
func Group[R any](ctx context.Context, app *App, calls ...Signature[R]) (*GroupResult[R], error) {
	g := &GroupResult[R]{}
	var requests []*Request
	for i, s := range calls {
		r, err := s.link(nil)
		if err != nil {
			return nil, fmt.Errorf("call %d of a group: %w", i, err)
		}
		requests = append(requests, r)
		g.Results = append(g.Results, resultOf[R](app, s.last()))
	}
	if err := app.sendBatches(ctx, requests); err != nil {
		return nil, err
	}
	return g, nil
}

// Get waits for all results, in the order of the calls. The first call that fails ends it with its error; the others go on.
// Celery: get, join.
func (g *GroupResult[R]) Get(ctx context.Context) ([]R, error) {
	results := make([]R, len(g.Results))
	all, ctx := errgroup.WithContext(ctx)
	for i, r := range g.Results {
		all.Go(func() (err error) {
			if results[i], err = r.Get(ctx); err != nil {
				return fmt.Errorf("call %d of a group: %w", i, err)
			}
			return nil
		})
	}
	if err := all.Wait(); err != nil {
		return nil, err
	}
	return results, nil
}

// Ready returns how many of the calls have ended.
func (g *GroupResult[R]) Ready(ctx context.Context) (n int, err error) {
	for _, r := range g.Results {
		ended, err := r.Ready(ctx)
		if err != nil {
			return n, err
		}
		if ended {
			n++
		}
	}
	return n, nil
}

// sendBatches sends calls, 1,000 at a time and these all or none. A call that has to be announced or that waits for its time
// is sent on its own.
func (a *App) sendBatches(ctx context.Context, requests []*Request) error {
	var batch []*nats.Msg
	for _, r := range requests {
		if !r.ETA.IsZero() || !r.Expires.IsZero() {
			if err := a.send(ctx, r); err != nil {
				return err
			}
			continue
		}
		m, err := a.message(r)
		if err != nil {
			return err
		}
		logSend(r)
		if batch = append(batch, m); len(batch) == maxBatch {
			if err := a.sendBatch(ctx, batch); err != nil {
				return err
			}
			batch = nil
		}
	}
	return a.sendBatch(ctx, batch)
}

// sendBatch sends messages that the engine stores all or none.
func (a *App) sendBatch(ctx context.Context, batch []*nats.Msg) error {
	switch len(batch) {
	case 0:
		return nil
	case 1:
		_, err := a.conn.Publish(ctx, batch[0])
		return err
	}
	err := a.conn.Again(ctx, func(ctx context.Context) error {
		copies := make([]*nats.Msg, len(batch)) // the library writes into the headers of what it sends
		for i, m := range batch {
			copies[i] = &nats.Msg{Subject: m.Subject, Header: nats.Header{}, Data: m.Data}
			for name, values := range m.Header {
				copies[i].Header[name] = values
			}
		}
		_, err := jetstreamext.PublishMsgBatch(ctx, a.js, copies)
		return err
	})
	if alreadyStored(err) { // by an earlier try whose answer was lost; or the id of a call has been used before
		err = nil
		for i := 0; err == nil && i < len(batch); i++ {
			_, err = a.conn.Publish(ctx, batch[i])
		}
	}
	if err != nil {
		return fmt.Errorf("send a group of %d calls: %w", len(batch), err)
	}
	return nil
}

// alreadyStored reports whether a batch was refused because the engine has stored a call with one of its ids.
func alreadyStored(err error) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && api.ErrorCode == 10201
}
