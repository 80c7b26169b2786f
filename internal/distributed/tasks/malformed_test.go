package tasks

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"cookbook/internal/distributed/engine/enginetest"
)

func TestAMessageThatCannotBeReadIsADeadLetterAndTheWorkerGoesOn(t *testing.T) {
	e := enginetest.Open(t)
	app := client(t, e)
	var d diary
	serve(t, e, WithObserver(d.note))
	messages := []struct {
		header nats.Header
		body   string
		says   string
	}{
		{nil, "", "no header Task-Name"},
		{nats.Header{"Task-Name": {"test.add"}}, "", "not a tasks.pair in JSON"},
		{nats.Header{"Task-Name": {"test.add"}}, "[1", "not a tasks.pair in JSON"},
		{nats.Header{"Task-Name": {"test.add"}}, `{"X":"one"}`, "not a tasks.pair in JSON"},
		{nats.Header{"Task-Name": {"test.add"}, "Task-Id": {"a.b"}}, "{}", "other characters"},
		{nats.Header{"Task-Name": {"test.add"}, "Task-Retries": {"many"}}, "{}", "Task-Retries"},
		{nats.Header{"Task-Name": {"test.add"}, "Task-Retries": {"-1"}}, "{}", "less than 0"},
		{nats.Header{"Task-Name": {"test.add"}, "Task-Hard-Limit": {"1 year"}}, "{}", "Task-Hard-Limit"},
		{nats.Header{"Task-Name": {"test.add"}, "Task-Expires": {"soon"}}, "{}", "Task-Expires"},
		{nats.Header{"Task-Name": {strings.Repeat("x", 50_000)}}, "{}", "50000 bytes"},
		{nats.Header{"Task-Name": {"nobody.knows"}, "Task-Other": {strings.Repeat("x", 65_000)}}, "{}", "there are: test.add"},
		{nats.Header{"Task-Name": {"nobody.knows"}, "Task-Id": {"u"}}, "{}", "there are: test.add"},
		{nats.Header{"Task-Name": {"nobody.knows"}}, strings.Repeat("x", 1<<20-100), "does not fit beside this"},
	}
	for _, m := range messages {
		if _, err := app.conn.Publish(t.Context(), &nats.Msg{Subject: app.taskSubject(DefaultQueue, Normal), Header: m.header, Data: []byte(m.body)}); err != nil {
			t.Fatal(err)
		}
	}
	if sum := get(t, ask(t, app, add, pair{1, 1})); sum != 2 {
		t.Error(sum)
	}
	letters, err := app.DeadLetters(t.Context(), 100)
	if err != nil || len(letters) != len(messages) {
		t.Fatal(len(letters), err)
	}
	for i, m := range messages {
		if !strings.Contains(letters[i].Reason, m.says) {
			t.Errorf("message %d: %q", i, letters[i].Reason)
		}
	}
	drained(t, app)
}

func FuzzReadRequest(f *testing.F) {
	f.Add("Task-Name", "test.add", "Task-Retries", "3", []byte("{}"))
	f.Add("Task-Id", "a b", "Task-Soft-Limit", "1h", []byte(nil))
	f.Add("Nats-Msg-Id", "x", "Task-Expires", "2026-11-29T00:00:00.5Z", []byte("[1"))
	f.Add("Task-More", "x", "Task-Ignore-Result", "t", []byte("null"))
	f.Fuzz(func(t *testing.T, a, x, b, y string, body []byte) {
		r, err := readRequest(nats.Header{a: {x}, b: {y}, headerName: {"test.add"}}, body)
		if r.ID != "" && !validID(r.ID) || len(r.Name) > maxName+8 || len(r.Key) > maxKey {
			t.Errorf("%+v", r)
		}
		if err != nil {
			return
		}
		// What is read is written the same, and read again.
		r.Expires = r.Expires.Round(0)
		again, err := readRequest(r.header(), body)
		if err != nil {
			t.Fatalf("%v of %v", err, r.header())
		}
		if r.MaxRetries == 0 {
			r.Backoff = 0
		}
		if r.Expires.Equal(again.Expires) {
			again.Expires = r.Expires
		}
		if r.ID != "" && !reflect.DeepEqual(r, again) {
			t.Errorf("%+v became %+v", r, again)
		}
	})
}

func TestTheHeadersOfARequestSayAllOfIt(t *testing.T) {
	r, err := add.Request(pair{1, 2}, WithQueue("q"), WithPriority(High), WithExpires(time.Hour), WithRetries(3, time.Second), WithSoftLimit(time.Minute),
		WithHardLimit(time.Hour), WithIgnoreResult(), WithTrackStarted(), WithKey("k"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := readRequest(r.header(), r.Argument)
	if err != nil {
		t.Fatal(err)
	}
	if !got.Expires.Equal(r.Expires) {
		t.Error(got.Expires)
	}
	got.Expires = r.Expires
	if !reflect.DeepEqual(got, r) {
		t.Errorf("%+v became %+v", r, got)
	}
}
