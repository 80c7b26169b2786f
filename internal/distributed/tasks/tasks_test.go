package tasks

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"cookbook/internal/distributed/engine"
	"cookbook/internal/distributed/engine/enginetest"
)

func TestACallIsDoneByAWorkerAndItsResultComes(t *testing.T) {
	e := enginetest.Open(t)
	app := client(t, e)
	r, err := add.Delay(t.Context(), app, pair{5, 5})
	if err != nil {
		t.Fatal(err)
	}
	if state, err := r.State(t.Context()); state != Pending || err != nil {
		t.Errorf("without a worker: %v %v", state, err)
	}
	serve(t, e)
	if sum, err := r.Get(limited(t)); sum != 10 || err != nil {
		t.Errorf("5 + 5 = %d, %v", sum, err)
	}
	if state, err := r.State(t.Context()); state != Success || err != nil {
		t.Errorf("afterwards: %v %v", state, err)
	}
	if sum, err := add.Result(client(t, e), r.ID()).Get(limited(t)); sum != 10 || err != nil {
		t.Errorf("a second handle: %d, %v", sum, err)
	}
}

func TestWhatBecomesOfACallThatFails(t *testing.T) {
	e := enginetest.Open(t)
	app := client(t, e)
	serve(t, e, WithConcurrency(4))
	send := func(r *AsyncResult[int], err error) *AsyncResult[int] {
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	tests := map[string]struct {
		r     *AsyncResult[int]
		says  string
		is    error
		tries int
	}{
		"error":   {send(bad.Delay(t.Context(), app, "too bad")), "too bad", nil, 0},
		"panic":   {send(boom.Delay(t.Context(), app, "aargh")), "panic: aargh", nil, 0},
		"retries": {send(bad.Apply(t.Context(), app, "again", WithRetries(2, time.Millisecond))), "again", nil, 2},
	}
	for name, test := range tests {
		_, err := test.r.Get(limited(t))
		var failed *TaskError
		if !errors.As(err, &failed) || !strings.Contains(err.Error(), test.says) || failed.Record.Retries != test.tries {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n, err := send(third.Delay(t.Context(), app, "not yet")).Get(limited(t)); n != 2 || err != nil {
		t.Errorf("the third try: %d, %v", n, err)
	}
	letters, err := app.DeadLetters(t.Context(), 10)
	if len(letters) != 3 || err != nil {
		t.Errorf("dead letters: %v, %v", letters, err)
	}
	drained(t, app)
}

func TestLimitsOfTime(t *testing.T) {
	e := enginetest.Open(t)
	app := client(t, e)
	serve(t, e)
	soft, err := patient.Apply(t.Context(), app, struct{}{}, WithSoftLimit(20*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := soft.Get(limited(t)); !errors.Is(err, ErrSoftLimit) {
		t.Errorf("soft: %v", err)
	}
	hard, err := patient.Apply(t.Context(), app, struct{}{}, WithHardLimit(20*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := hard.Get(limited(t)); !errors.Is(err, ErrHardLimit) {
		t.Errorf("hard: %v", err)
	}
}

func TestAWaitThatEndsSaysWhatForAndWhy(t *testing.T) {
	app := client(t, enginetest.Open(t))
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	_, err := add.Result(app, "nobody").Get(ctx)
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "nobody, which is PENDING") {
		t.Error(err)
	}
}

func TestWhatDoesNotFitIntoAMessageIsRefusedWithItsSize(t *testing.T) {
	e := enginetest.Open(t)
	app := client(t, e)
	_, err := bad.Delay(t.Context(), app, strings.Repeat("x", 2_000_000))
	if !errors.Is(err, engine.ErrTooLarge) || !strings.Contains(err.Error(), "2000002 bytes") || !strings.Contains(err.Error(), "1048576") {
		t.Errorf("a large argument: %v", err)
	}
	serve(t, e)
	r, err := large.Delay(t.Context(), app, 2_000_000)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Get(limited(t)); err == nil || !strings.Contains(err.Error(), "its result of 2666670 bytes does not fit") {
		t.Errorf("a large result: %v", err)
	}
}
