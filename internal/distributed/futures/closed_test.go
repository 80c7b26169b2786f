package futures

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"

	"cookbook/internal/distributed/engine/enginetest"
)

func TestAWorkerOutlivesAClientWhoseAddressCannotBeOne(t *testing.T) {
	e := enginetest.Open(t)
	worker := enginetest.Conn(t, e)
	background(t, func(ctx context.Context) error { return Serve(ctx, worker, 1) })
	conn := enginetest.Conn(t, e)
	s, err := Open(t.Context(), conn)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, reply := range []string{strings.Repeat("x", 5000), "a b", "a.>", "*", "a..b"} {
		c := chunk{job: "stranger", function: double.Name(), reply: reply, first: 0, count: 1}
		if _, err := conn.Publish(t.Context(), c.message(conn.Subject(streamName, "chunk", "stranger"))); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := Map(t.Context(), s, double, []int{1, 2, 3}); err != nil || got[2] != 6 {
		t.Error(got, err)
	}
}

func TestACallEndsWithItsConnection(t *testing.T) {
	conn := enginetest.Conn(t, enginetest.Open(t))
	s, err := Open(t.Context(), conn)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	done := make(chan error, 1)
	go func() {
		_, err := Map(context.Background(), s, double, []int{1, 2, 3}, WithChunk(3), WithWait(1<<62))
		done <- err
	}()
	for { // until the chunk is in its queue
		info, err := s.stream.Info(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if info.State.Msgs == 1 {
			break
		}
	}
	conn.Close()
	if err := <-done; !errors.Is(err, nats.ErrConnectionClosed) {
		t.Error(err)
	}
}
