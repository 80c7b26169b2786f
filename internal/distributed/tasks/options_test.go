package tasks

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nuid"

	"cookbook/internal/distributed/engine/enginetest"
)

// ask sends a call that must be taken.
func ask[A, R any](t testing.TB, app *App, task *Task[A, R], arg A, options ...Option) *AsyncResult[R] {
	t.Helper()
	r, err := task.Apply(t.Context(), app, arg, options...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// get has a result that must come.
func get[R any](t testing.TB, r *AsyncResult[R]) R {
	t.Helper()
	v, err := r.Get(limited(t))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// A diary notes what an observer sees.
type diary struct {
	mu     sync.Mutex
	events []Event
}

func (d *diary) note(e Event) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.events = append(d.events, e)
}

// ids are of the calls of which it has seen that kind.
func (d *diary) ids(kind Kind) (all []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, e := range d.events {
		if e.Kind == kind {
			all = append(all, e.Request.ID)
		}
	}
	return all
}

func TestAHigherPriorityGoesFirst(t *testing.T) {
	e := enginetest.Open(t)
	app := client(t, e)
	var last []*AsyncResult[int]
	var want []string
	for _, p := range []Priority{Low, Normal, High} {
		for i := range 3 {
			last = append(last, ask(t, app, add, pair{i, i}, WithPriority(p), WithID(fmt.Sprint(p, "-", i))))
		}
	}
	for _, p := range priorities() {
		for i := range 3 {
			want = append(want, fmt.Sprint(p, "-", i))
		}
	}
	var d diary
	serve(t, e, WithObserver(d.note))
	for _, r := range last {
		get(t, r)
	}
	if got := d.ids(Received); !slices.Equal(got, want) {
		t.Errorf("begun in the order %v", got)
	}
}

func TestAWorkerServesItsQueuesAndNoOthers(t *testing.T) {
	e := enginetest.Open(t)
	app := client(t, e)
	other := ask(t, app, add, pair{1, 1}, WithQueue("other"))
	mine := ask(t, app, add, pair{2, 2}, WithQueue("mine"))
	serve(t, e, WithQueues("mine", "yours"))
	if get(t, mine) != 4 {
		t.Error("2 + 2")
	}
	if depth, err := app.Queues(t.Context()); err != nil || depth["other"] != 1 || len(depth) > 2 {
		t.Errorf("queues %v, %v", depth, err)
	}
	if state, err := other.State(t.Context()); state != Pending || err != nil {
		t.Error(state, err)
	}
}

func TestACountdownKeepsACallBack(t *testing.T) {
	e := enginetest.Open(t)
	app := client(t, e)
	var d diary
	serve(t, e, WithObserver(d.note))
	eta := time.Now().Add(300 * time.Millisecond)
	late := ask(t, app, add, pair{1, 1}, WithCountdown(300*time.Millisecond), WithID("late"))
	soon := ask(t, app, add, pair{2, 2}, WithETA(time.Now().Add(-time.Hour)), WithID("soon"))
	get(t, soon)
	get(t, late)
	if got := d.ids(Received); !slices.Equal(got, []string{"soon", "late"}) {
		t.Errorf("received %v", got)
	}
	if record, err := late.Record(t.Context()); err != nil || record.At.Before(eta.Truncate(time.Millisecond)) {
		t.Errorf("done at %v, before %v; %v", record.At, eta, err)
	}
}

func TestACallThatIsNotBegunInTimeExpires(t *testing.T) {
	e := enginetest.Open(t)
	app := client(t, e)
	alone := ask(t, app, add, pair{1, 1}, WithExpires(time.Millisecond))
	_, err := alone.Get(limited(t))
	if !errors.Is(err, ErrExpired) {
		t.Errorf("without a worker: %v", err)
	}
	if _, err := add.Result(client(t, e), alone.ID()).Get(limited(t)); !errors.Is(err, ErrExpired) {
		t.Errorf("by its id: %v", err)
	}
	var d diary
	serve(t, e, WithObserver(d.note))
	if sum := get(t, ask(t, app, add, pair{2, 2}, WithExpires(time.Minute))); sum != 4 {
		t.Error(sum)
	}
	if record, err := alone.Record(t.Context()); record.State != Revoked || err != nil {
		t.Error(record, err)
	}
	if ids := d.ids(Discarded); len(ids) != 1 || ids[0] != alone.ID() {
		t.Errorf("expired: %v", ids)
	}
}

// count counts its runs in this process.
var (
	counted sync.Map // by key: *int
	count   = Register("test.count", func(_ context.Context, key string) (int, error) {
		n, _ := counted.LoadOrStore(key, new(counter))
		return n.(*counter).next(), nil
	})
)

type counter struct {
	mu sync.Mutex
	n  int
}

func (c *counter) next() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
	return c.n
}

func TestCallsOfOneKeyAreOneCallAlsoAfterARestart(t *testing.T) {
	e := enginetest.Open(t)
	app := client(t, e)
	serve(t, e, WithConcurrency(4))
	name := nuid.Next()
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			r, err := count.Apply(t.Context(), app, name, WithKey("order 17"))
			if err != nil {
				t.Error(err)
				return
			}
			if n, err := r.Get(limited(t)); n != 1 || err != nil {
				t.Error(n, err)
			}
		})
	}
	all.Wait()
	if err := e.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := get(t, ask(t, app, count, name, WithKey("order 17"))); n != 1 {
		t.Errorf("after a restart it ran %d times", n)
	}
	if n := get(t, ask(t, app, count, name, WithKey("order 18"))); n != 2 {
		t.Errorf("another key: %d", n)
	}
	if sum := get(t, ask(t, app, add, pair{1, 2}, WithKey("order 17"))); sum != 3 {
		t.Errorf("another task with the same key: %d", sum)
	}
}

func TestOptionsThatMakeNoSenseAreErrors(t *testing.T) {
	for name, o := range map[string]Option{
		"queue": WithQueue("a.b"), "no queue": WithQueue(""), "priority": WithPriority(7), "countdown": WithCountdown(-1),
		"expires": WithExpires(0), "retries": WithRetries(-1, 0), "soft": WithSoftLimit(0), "hard": WithHardLimit(-1),
		"key": WithKey(""), "id": WithID("a b"),
	} {
		if _, err := add.Request(pair{}, o); !errors.Is(err, ErrOption) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := add.Request(pair{}, WithSoftLimit(2), WithHardLimit(1)); !errors.Is(err, ErrOption) {
		t.Error(err)
	}
}
