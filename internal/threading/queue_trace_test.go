package threading

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"runtime/trace"
	"testing"

	"cookbook/internal/timeline"
)

// Each item is one message, from the thread that put it to the one that got it, whether one of them had to wait or not.
func TestATraceHasEachItemOfAQueue(t *testing.T) {
	const items = 50
	for _, capacity := range []int{0, 1, 3} {
		var data bytes.Buffer
		if err := trace.Start(&data); err != nil {
			t.Skipf("no second trace in one process: %v", err)
		}
		ctx, task := trace.NewTask(t.Context(), "main")
		main := Main(ctx)
		q, stack := NewQueue[int]("q", capacity), NewLIFOQueue[int]("stack", 0)
		producer := NewThread(main, func(t *Thread) (err error) {
			for i := range items {
				err = errors.Join(err, stack.Put(t, i), q.Put(t, i))
			}
			q.Close()
			return err
		}, WithName("producer"))
		consumer := NewThread(main, func(t *Thread) error {
			for {
				if _, err := q.Get(t); err != nil {
					return nil
				}
				if _, err := stack.TryGet(); err != nil {
					return err
				}
			}
		}, WithName("consumer"))
		err := errors.Join(producer.Start(), consumer.Start(), producer.Join(main), consumer.Join(main))
		task.End()
		trace.Stop()
		tl, err2 := timeline.ReadTrace(&data)
		if err := errors.Join(err, err2); err != nil {
			t.Fatal(err)
		}
		want, got := map[string]int{}, map[string]int{}
		for i := range items {
			want[fmt.Sprintf("producer q: %d consumer", i)]++
		}
		for _, m := range tl.Messages {
			got[m.From+" "+m.Text+" "+m.To]++
			if m.Received < m.Sent {
				t.Errorf("%+v is received before it is sent", m)
			}
		}
		if !maps.Equal(got, want) {
			t.Errorf("capacity %d: messages %v", capacity, got)
		}
	}
}
