package tasks

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// A Kind says what has happened to a call in a worker.
type Kind string

// The kinds of events, as Celery's worker logs them.
const (
	Received  Kind = "received"
	Succeeded Kind = "succeeded"
	Failed    Kind = "failed"
	Retried   Kind = "retry"
	Discarded Kind = "discarded" // not done, or not to the end: it expired, was revoked, or has ended elsewhere
	Refused   Kind = "refused"   // unknown, or not to be read: it is a dead letter
	Returned  Kind = "returned"  // handed back, because the worker stops
)

// An Event is what a worker's observer gets.
type Event struct {
	Kind    Kind
	Request *Request
	Result  json.RawMessage // Succeeded
	Err     error           // Failed, Retried, Discarded, Refused
	Runtime time.Duration   // of the function
	Again   time.Duration   // Retried: the pause before it
}

// String is the line that Celery's worker logs.
func (e Event) String() string {
	err := ""
	if e.Err != nil {
		err = firstLine(e.Err.Error())
	}
	who := fmt.Sprintf("Task %s[%s]", e.Request.Name, e.Request.ID)
	switch e.Kind {
	case Succeeded:
		return fmt.Sprintf("%s succeeded in %.6fs: %s", who, e.Runtime.Seconds(), e.Result)
	case Failed:
		return fmt.Sprintf("%s raised unexpected: %s", who, err)
	case Retried:
		return fmt.Sprintf("%s retry: Retry in %gs: %s", who, e.Again.Seconds(), err)
	case Discarded, Refused:
		return fmt.Sprintf("%s %s: %s", who, e.Kind, err)
	}
	return fmt.Sprintf("%s %s", who, e.Kind)
}

// Current is the call in whose function ctx is, nil elsewhere. Celery: self.request, current_task.
func Current(ctx context.Context) *Request {
	if c, ok := ctx.Value(currentKey{}).(current); ok {
		return c.request
	}
	return nil
}

// Here is the App of the worker in whose function ctx is, to send further calls with; nil elsewhere.
func Here(ctx context.Context) *App {
	if c, ok := ctx.Value(currentKey{}).(current); ok {
		return c.app
	}
	return nil
}

type currentKey struct{}

type current struct {
	app     *App
	request *Request
}
