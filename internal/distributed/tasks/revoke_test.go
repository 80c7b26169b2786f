package tasks

import (
	"errors"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"cookbook/internal/distributed/engine"
	"cookbook/internal/distributed/engine/enginetest"
)

func TestARevokedCallIsNotDone(t *testing.T) {
	e := enginetest.Open(t)
	app := client(t, e)
	waiting := ask(t, app, patient, struct{}{})
	later := ask(t, app, patient, struct{}{}, WithCountdown(time.Hour))
	known := ask(t, app, patient, struct{}{}) // by its id only, and when a worker is there
	for _, r := range []*AsyncResult[string]{waiting, later} {
		if err := r.Revoke(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	info, err := app.stream.Info(t.Context())
	if err != nil || info.State.Msgs != 1 {
		t.Errorf("%d calls are left, %v", info.State.Msgs, err)
	}
	var d diary
	serve(t, e, WithObserver(d.note))
	for ctx := limited(t); ; { // until it has begun
		workers, err := app.Ping(ctx, 1)
		if err != nil {
			t.Fatal(err)
		}
		if len(workers[0].Active) == 1 {
			break
		}
	}
	next := ask(t, app, patient, struct{}{})
	for _, r := range []*AsyncResult[string]{next, known} {
		if err := patient.Result(app, r.ID()).Revoke(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for _, r := range []*AsyncResult[string]{waiting, later, known, next} {
		if _, err := r.Get(limited(t)); !errors.Is(err, ErrRevoked) {
			t.Error(err)
		}
	}
	if sum := get(t, ask(t, app, add, pair{1, 1})); sum != 2 {
		t.Error(sum)
	}
	drained(t, app)
	if ids := d.ids(Discarded); len(ids) != 2 || len(d.ids(Received)) != 2 {
		t.Errorf("discarded %v, received %v", ids, d.ids(Received))
	}
}

func TestARevokedCallThatHasEndedKeepsItsResult(t *testing.T) {
	e := enginetest.Open(t)
	app := client(t, e)
	serve(t, e)
	r := ask(t, app, add, pair{1, 2})
	get(t, r)
	if err := r.Revoke(t.Context()); err != nil {
		t.Fatal(err)
	}
	if sum := get(t, r); sum != 3 {
		t.Error(sum)
	}
}

func TestACallThatKillsItsWorkersIsGivenUp(t *testing.T) {
	e := enginetest.Open(t)
	app := client(t, e)
	r := ask(t, app, add, pair{1, 2})
	c, err := app.stream.CreateOrUpdateConsumer(t.Context(), jetstream.ConsumerConfig{
		Durable: DefaultQueue + "_normal", FilterSubject: app.taskSubject(DefaultQueue, Normal),
		AckPolicy: jetstream.AckExplicitPolicy, AckWait: engine.AckWait, MaxAckPending: -1,
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		m, err := c.Next()
		if err != nil {
			t.Fatal(err)
		}
		m.Nak()
	}
	serve(t, e, func(w *worker) error { w.maxLost = 3; return nil })
	if _, err := r.Get(limited(t)); !errors.Is(err, ErrLost) {
		t.Error(err)
	}
	drained(t, app)
}
