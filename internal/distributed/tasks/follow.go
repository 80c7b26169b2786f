package tasks

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cookbook/internal/distributed/engine"
)

// follows reports whether something is to be done when a call has ended.
func (r *Request) follows() bool { return r.More[headerNext] != "" || r.More[headerChord] != "" }

// follow does what is to be done when a call has ended: it sends the next one of its chain, or counts it for its chord. The
// record is what is kept of the call. Whatever it does, it may do twice. So a worker calls it before it takes the call out of its
// queue, and one that dies in between is followed by another one that does the same.
func (a *App) follow(ctx context.Context, r *Request, record Record) error {
	switch {
	case !r.follows():
		return nil
	case !record.State.Final(): // a replica of the store may be behind: the call comes again
		return fmt.Errorf("%s [%s] has not ended", r.Name, r.ID)
	case r.More[headerNext] != "":
		return a.next(ctx, r, record)
	}
	m, err := readMembership(r)
	if err != nil {
		return nil // what is not one cannot be counted, now or later
	}
	return a.count(ctx, m, record)
}

// followUp is follow for a call of which another worker has kept how it ended: the first result stays.
func (a *App) followUp(ctx context.Context, r *Request) error {
	if !r.follows() {
		return nil
	}
	record, _, err := a.look(ctx, r.ID)
	if err != nil {
		return err
	}
	return a.follow(ctx, r, record)
}

// next sends the next call of a chain, or lets all that are left fail.
func (a *App) next(ctx context.Context, r *Request, record Record) error {
	rest, err := readLinks(r)
	if err != nil {
		return nil // nobody knows what was to follow
	}
	if record.State != Success {
		return a.breakOff(ctx, rest, r, record)
	}
	first := rest[0]
	first.Argument = record.Result
	if err := writeLinks(first, rest[1:]); err != nil {
		return err
	}
	err = a.send(ctx, first)
	if permanent(err) {
		broken := Record{State: Failure, Error: err.Error()}
		return a.breakOff(ctx, rest, first, broken)
	}
	return err
}

// breakOff lets the calls fail that were to come after one that has failed.
func (a *App) breakOff(ctx context.Context, rest []*Request, failed *Request, record Record) error {
	end := Record{}
	for _, r := range rest {
		end = Record{
			State: Failure, Task: r.Name, Kind: record.Kind, Worker: record.Worker, At: time.Now(),
			Error: cut(fmt.Sprintf("not begun, because %s [%s] before it has failed: %s", failed.Name, failed.ID, record.Error), maxError),
		}
		if err := a.settle(ctx, r.ID, end); err != nil {
			return err
		}
	}
	return a.follow(ctx, rest[len(rest)-1], end) // the last one may count for a chord
}

// permanent reports whether a call can never be sent.
func permanent(err error) bool {
	var malformed *malformedError
	return errors.Is(err, engine.ErrTooLarge) || errors.Is(err, ErrOption) || errors.As(err, &malformed)
}
