package tasks

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// A WorkerInfo is what a worker says of itself.
type WorkerInfo struct {
	Name        string    `json:"name"`
	Pid         int       `json:"pid"`
	Tasks       []string  `json:"tasks"`
	Queues      []string  `json:"queues"`
	Concurrency int       `json:"concurrency"`
	Active      []string  `json:"active"` // the calls that it works on, by id
	Since       time.Time `json:"since"`
}

func (a *App) pingSubject() string { return a.conn.Subject("control", "ping") }

// answer answers a ping.
func (w *worker) answer(m *nats.Msg) {
	b, err := json.Marshal(WorkerInfo{
		Name: w.name, Pid: os.Getpid(), Tasks: Registered(), Queues: w.queues,
		Concurrency: w.slots, Active: w.active.list(), Since: w.began,
	})
	if err == nil {
		m.Respond(b)
	}
}

// pingPause is the time between two questions: a worker may have come since.
const pingPause = 100 * time.Millisecond

// ErrNoWorker is that nobody has answered.
var ErrNoWorker = errors.New("no worker has answered; start one, with Serve or by: cookbook worker")

// Ping asks the workers for what they are and returns as soon as n of them have answered, sorted by name. When ctx ends
// before, it returns those that have answered, and [ErrNoWorker] if none has. Celery: app.control.ping, inspect.
func (a *App) Ping(ctx context.Context, n int) ([]WorkerInfo, error) {
	answers := make(chan *nats.Msg, 1024)
	inbox := a.conn.NC.NewInbox()
	sub, err := a.conn.NC.ChanSubscribe(inbox, answers)
	if err != nil {
		return nil, fmt.Errorf("ask for workers: %w", err)
	}
	defer sub.Unsubscribe()
	again := time.NewTicker(pingPause)
	defer again.Stop()
	found := map[string]WorkerInfo{}
	if err := a.conn.NC.PublishRequest(a.pingSubject(), inbox, nil); err != nil {
		return nil, fmt.Errorf("ask for workers: %w", err)
	}
	for len(found) < n {
		select {
		case m := <-answers:
			var info WorkerInfo
			if json.Unmarshal(m.Data, &info) == nil && info.Name != "" {
				found[fmt.Sprint(info.Name, info.Pid, info.Since)] = info
			}
		case <-again.C:
			a.conn.NC.PublishRequest(a.pingSubject(), inbox, nil)
		case <-a.conn.Done():
			return nil, fmt.Errorf("ask for workers: %w", nats.ErrConnectionClosed)
		case <-ctx.Done():
			if len(found) == 0 {
				return nil, fmt.Errorf("%w: %w", ErrNoWorker, context.Cause(ctx))
			}
			n = 0
		}
	}
	return slices.SortedFunc(maps.Values(found), func(a, b WorkerInfo) int { return cmp.Compare(a.Name, b.Name) }), nil
}

// Queues returns how many calls are in each queue: those that wait and those that workers have. A queue that is empty is left
// out.
func (a *App) Queues(ctx context.Context) (map[string]int, error) {
	subjects, err := a.subjects(ctx, a.conn.Subject("task", ">"))
	if err != nil {
		return nil, fmt.Errorf("ask for the queues: %w", err)
	}
	depth := map[string]int{}
	for subject, n := range subjects {
		queue, _ := a.origin(subject)
		depth[queue] += int(n)
	}
	return depth, nil
}

// subjects returns the subjects of the calls that fit a filter, each with the number of its calls.
func (a *App) subjects(ctx context.Context, filter string) (of map[string]uint64, err error) {
	err = a.conn.Again(ctx, func(ctx context.Context) error {
		info, err := a.stream.Info(ctx, jetstream.WithSubjectFilter(filter))
		if err == nil {
			of = info.State.Subjects
		}
		return err
	})
	return of, err
}

// Scheduled returns calls whose time has not come ([WithCountdown], [WithETA]), the soonest first. If there are more than n, it
// returns n of them, whichever. It asks the engine once, and once more for each that it returns. Calls that wait for a retry
// are not among them: they are in their queues. Celery: inspect().scheduled(), which tells what workers have fetched.
func (a *App) Scheduled(ctx context.Context, n int) (calls []*Request, err error) {
	subjects, err := a.subjects(ctx, a.laterSubject("*"))
	if err != nil {
		return nil, fmt.Errorf("ask for the calls whose time has not come: %w", err)
	}
	for subject := range subjects {
		if len(calls) == n {
			break
		}
		m, err := a.last(ctx, a.stream, subject)
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			continue // its time has come
		}
		if err != nil {
			return nil, fmt.Errorf("ask for a call whose time has not come: %w", err)
		}
		r, _ := readRequest(m.Header, m.Data)
		r.Queue, r.Priority = a.origin(m.Header.Get(jetstream.ScheduleTargetHeader))
		if r.ETA, err = time.Parse(scheduleTime, m.Header.Get(jetstream.ScheduleHeader)); err == nil { // another program may write others
			calls = append(calls, r)
		}
	}
	slices.SortFunc(calls, func(a, b *Request) int { return a.ETA.Compare(b.ETA) })
	return calls, nil
}
