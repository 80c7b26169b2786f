package tasks

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// lastLook is how long a waiter that is out of time looks whether the result is there all the same.
const lastLook = 500 * time.Millisecond

// An AsyncResult is the result of a call, which may not be there yet. Any number of goroutines and processes may wait for one.
type AsyncResult[R any] struct {
	app     *App
	request *Request
}

func resultOf[R any](a *App, r *Request) *AsyncResult[R] { return &AsyncResult[R]{a, r} }

// ID is the call's id. [Task.Result] makes an AsyncResult of it elsewhere.
func (r *AsyncResult[R]) ID() string { return r.request.ID }

// State asks the engine how far the call has come.
func (r *AsyncResult[R]) State(ctx context.Context) (State, error) {
	record, err := r.Record(ctx)
	return record.State, err
}

// Record is what the engine keeps of the call now. It does not wait.
func (r *AsyncResult[R]) Record(ctx context.Context) (Record, error) {
	record, _, err := r.app.look(ctx, r.request.ID)
	return expired(record), err
}

// Ready reports whether the call has ended, well or not.
func (r *AsyncResult[R]) Ready(ctx context.Context) (bool, error) {
	state, err := r.State(ctx)
	return state.Final(), err
}

// Wait waits until the call has ended and returns what is kept of it. It may have failed. When ctx ends it looks a last time
// before it gives up.
func (r *AsyncResult[R]) Wait(ctx context.Context) (Record, error) {
	if r.request.IgnoreResult {
		return Record{}, fmt.Errorf("the result of %s [%s]: %w", r.request.Name, r.request.ID, ErrIgnored)
	}
	return r.app.wait(ctx, r.request.ID)
}

// Get waits for the result. Celery: get. The error is a [*TaskError] if the call has failed, and wraps the cause of ctx if
// that has ended first.
func (r *AsyncResult[R]) Get(ctx context.Context) (result R, err error) {
	record, err := r.Wait(ctx)
	if err != nil {
		return result, err
	}
	if record.State != Success {
		return result, &TaskError{r.request.ID, record}
	}
	if err := json.Unmarshal(record.Result, &result); err != nil {
		return result, fmt.Errorf("the result of %s [%s] is not a %T: %w", r.request.Name, r.request.ID, result, err)
	}
	return result, nil
}

// Forget removes the result from the engine. The call, if it has not ended, goes on, and its result is kept again.
func (r *AsyncResult[R]) Forget(ctx context.Context) error {
	err := r.app.conn.Again(ctx, func(ctx context.Context) error { return r.app.results.Purge(ctx, r.request.ID) })
	if err != nil {
		return fmt.Errorf("forget the result of %s: %w", r.request.ID, err)
	}
	return nil
}

// expired makes a call that no worker has begun in time a revoked one.
func expired(r Record) Record {
	if r.State == Pending && !r.Expires.IsZero() && time.Now().After(r.Expires.Add(expirySlack)) {
		r.State, r.Error, r.Kind = Revoked, ErrExpired.Error(), "expired"
	}
	return r
}
