package threading

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

func TestQueue(t *testing.T) {
	type item struct {
		rank int
		name string
	}
	drain := func(t *testing.T, q *Queue[item]) (names []string) {
		for q.Len() > 0 {
			v, err := q.TryGet()
			ok(t, err)
			names = append(names, v.name)
		}
		return names
	}
	inBubble(t, "gives out in the order of its kind", func(t *testing.T, main *Thread, _ func()) {
		for _, c := range []struct {
			q    *Queue[item]
			want string
		}{
			{NewQueue[item]("q", 0), "[c a b d e]"},
			{NewLIFOQueue[item]("q", 0), "[e d b a c]"},
			{NewPriorityQueue("q", 0, func(a, b item) bool { return a.rank < b.rank }), "[a d b c e]"},
		} {
			for _, v := range []item{{3, "c"}, {1, "a"}, {2, "b"}, {1, "d"}, {3, "e"}} {
				ok(t, c.q.Put(main, v))
			}
			equal(t, "order", fmt.Sprint(drain(t, c.q)), c.want)
		}
	})
	inBubble(t, "a try never waits", func(t *testing.T, main *Thread, _ func()) {
		q := NewQueue[int]("jobs", 2)
		_, err := q.TryGet()
		fails(t, err, ErrEmpty, "get from jobs: empty")
		ok(t, q.TryPut(1))
		ok(t, q.TryPut(2))
		fails(t, q.TryPut(3), ErrFull, "put into jobs: full")
		equal(t, "len", q.Len(), 2)
		equal(t, "cap", q.Cap(), 2)
		equal(t, "text", q.String(), "jobs (2 of 2)")
		equal(t, "unbounded", NewQueue[int]("", -1).Cap(), 0)
		equal(t, "text", NewQueue[int]("", -1).String(), "a queue (0)")
	})
	inBubble(t, "a timed one waits so long", func(t *testing.T, main *Thread, _ func()) {
		q := NewQueue[int]("jobs", 1)
		_, err := q.GetTimeout(main, time.Second)
		fails(t, err, ErrEmpty, "get from jobs: empty")
		_, err = q.GetTimeout(main, 0)
		fails(t, err, ErrEmpty, "")
		ok(t, q.PutTimeout(main, 1, 0))
		fails(t, q.PutTimeout(main, 2, time.Second), ErrFull, "put into jobs: full")
		fails(t, q.PutTimeout(main, 2, -1), ErrFull, "")
		th := start(t, main, func(t *Thread) error { return q.PutTimeout(t, 2, time.Minute) })
		synctest.Wait()
		for want := 1; want <= 2; want++ {
			v, err := q.GetTimeout(main, time.Second)
			ok(t, err)
			equal(t, "item", v, want)
		}
		join(t, main, th)
	})
	inBubble(t, "those who wait are served in the order of coming", func(t *testing.T, main *Thread, _ func()) {
		q := NewQueue[int]("jobs", 1)
		got := make([]int, 4)
		var all []*Thread
		for i := range got {
			all = append(all, start(t, main, func(t *Thread) (err error) { got[i], err = q.Get(t); return err }))
			synctest.Wait()
		}
		for i := range got {
			ok(t, q.TryPut(10+i))
		}
		join(t, main, all...)
		equal(t, "got", fmt.Sprint(got), "[10 11 12 13]")

		all = nil
		for i := range 4 {
			all = append(all, start(t, main, func(t *Thread) error { return q.Put(t, i) }))
			synctest.Wait()
		}
		for i := range 4 {
			v, err := q.Get(main)
			ok(t, err)
			equal(t, "item", v, i)
		}
		join(t, main, all...)
	})
	inBubble(t, "a waiter leaves when its context ends, and leaves nothing behind", func(t *testing.T, main *Thread, _ func()) {
		q := NewQueue[int]("jobs", 1)
		ctx, cancel := context.WithCancel(main)
		get := start(t, ctx, func(t *Thread) error { _, err := q.Get(t); return err })
		synctest.Wait()
		cancel()
		fails(t, get.Join(main), context.Canceled, "get from jobs: context canceled")
		ok(t, q.Put(ctx, 1)) // there is room
		fails(t, q.Put(ctx, 2), context.Canceled, "put into jobs: context canceled")
		ctx, cancel = context.WithCancel(main)
		put := start(t, ctx, func(t *Thread) error { return q.Put(t, 2) })
		synctest.Wait()
		cancel()
		fails(t, put.Join(main), context.Canceled, "")
		v, err := q.Get(ctx) // there is an item
		ok(t, err)
		equal(t, "item", v, 1)
		_, err = q.Get(ctx)
		fails(t, err, context.Canceled, "")
		ok(t, q.TaskDone())
		fails(t, q.TaskDone(), ErrTooManyDone, "finish a task of jobs")
	})
	inBubble(t, "a closed one takes nothing, gives what is left, and sends the others away", func(t *testing.T, main *Thread, _ func()) {
		q := NewQueue[int]("jobs", 1)
		get := start(t, main, func(t *Thread) error { _, err := q.Get(t); return err })
		synctest.Wait()
		q.Close()
		fails(t, get.Join(main), ErrClosed, "get from jobs: closed")

		q = NewQueue[int]("jobs", 1)
		ok(t, q.TryPut(1))
		put := start(t, main, func(t *Thread) error { return q.Put(t, 2) })
		synctest.Wait()
		q.Close()
		q.Close()
		fails(t, put.Join(main), ErrClosed, "put into jobs: closed")
		fails(t, q.Put(main, 3), ErrClosed, "")
		fails(t, q.PutTimeout(main, 3, time.Second), ErrClosed, "")
		fails(t, q.TryPut(3), ErrClosed, "")
		v, err := q.Get(main)
		ok(t, err)
		equal(t, "item", v, 1)
		_, err = q.Get(main)
		fails(t, err, ErrClosed, "")
		_, err = q.TryGet()
		fails(t, err, ErrClosed, "")
		_, err = q.GetTimeout(main, time.Second)
		fails(t, err, ErrClosed, "")
	})
	inBubble(t, "join waits until all that was put is done", func(t *testing.T, main *Thread, _ func()) {
		q := NewQueue[int]("jobs", 0)
		ok(t, q.Join(main))
		for i := range 3 {
			ok(t, q.Put(main, i))
		}
		var joiners []*Thread
		for range 2 {
			joiners = append(joiners, start(t, main, func(t *Thread) error { return q.Join(t) }))
		}
		late, cancel := context.WithTimeout(main, time.Second)
		defer cancel()
		fails(t, q.Join(late), context.DeadlineExceeded, "join jobs: context deadline exceeded")
		fails(t, q.Join(late), context.DeadlineExceeded, "")
		for range 3 {
			synctest.Wait()
			equal(t, "joiner is alive", joiners[0].IsAlive(), true)
			_, err := q.Get(main)
			ok(t, err)
			ok(t, q.TaskDone())
		}
		join(t, main, joiners...)
		fails(t, q.TaskDone(), ErrTooManyDone, "finish a task of jobs: TaskDone called more often than there were items")
		ok(t, q.Put(main, 1)) // and again
		again := start(t, main, func(t *Thread) error { return q.Join(t) })
		synctest.Wait()
		ok(t, q.TaskDone())
		join(t, main, again)
	})
	inBubble(t, "a put that waits counts for join only once it is in", func(t *testing.T, main *Thread, _ func()) {
		q := NewQueue[int]("jobs", 1)
		ok(t, q.Put(main, 1))
		put := start(t, main, func(t *Thread) error { return q.Put(t, 2) })
		synctest.Wait()
		ok(t, q.TaskDone())
		ok(t, q.Join(main))
		_, err := q.Get(main)
		ok(t, err)
		join(t, main, put)
		ok(t, q.TaskDone())
		fails(t, q.TaskDone(), ErrTooManyDone, "")
	})
	inBubble(t, "a context without a thread will do", func(t *testing.T, _ *Thread, _ func()) {
		q, ctx, done := NewQueue[string]("jobs", 1), context.Background(), make(chan string)
		go func() { v, _ := q.Get(ctx); done <- v }()
		synctest.Wait()
		ok(t, q.Put(ctx, "item"))
		equal(t, "got", <-done, "item")
	})
}
