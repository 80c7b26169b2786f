package threading

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
)

// A call is one operation on a queue, and how it went.
type call struct {
	op     string
	v      int
	err    error
	done   bool
	thread *Thread
	cancel func()
}

func (c *call) end(v int, err error) { c.v, c.err, c.done = v, err, true }

// slowQueue says in the plainest way what a Queue does: after every step it
// serves the threads that can be served, first come first served, as long as there is
// any.
type slowQueue struct {
	kind       string
	capacity   int
	items      []int
	closed     bool
	unfinished int
	waiting    []*call // getters, putters and joiners
}

func (m *slowQueue) try(c *call) bool {
	switch {
	case c.op == "get" && len(m.items) > 0:
		i := 0
		switch m.kind {
		case "lifo":
			i = len(m.items) - 1
		case "priority":
			i = slices.IndexFunc(m.items, func(v int) bool { return rank(v) == rank(slices.MinFunc(m.items, byRank)) })
		}
		v := m.items[i]
		m.items = slices.Delete(m.items, i, i+1)
		c.end(v, nil)
	case c.op == "get" && m.closed:
		c.end(0, ErrClosed)
	case c.op == "put" && m.closed:
		c.end(c.v, ErrClosed)
	case c.op == "put" && (m.capacity <= 0 || len(m.items) < m.capacity):
		m.items = append(m.items, c.v)
		m.unfinished++
		c.end(c.v, nil)
	case c.op == "join" && m.unfinished == 0:
		c.end(0, nil)
	default:
		return false
	}
	return true
}

func (m *slowQueue) do(c *call) {
	if !m.try(c) {
		m.waiting = append(m.waiting, c)
	}
	m.serve()
}

func (m *slowQueue) serve() {
	for i := 0; i < len(m.waiting); i++ {
		if m.try(m.waiting[i]) {
			m.waiting = slices.Delete(m.waiting, i, i+1)
			i = -1
		}
	}
}

func (m *slowQueue) cancel(i int) {
	m.waiting[i].end(m.waiting[i].v, context.Canceled)
	m.waiting = slices.Delete(m.waiting, i, i+1)
	m.serve()
}

// rank has many equals, so that the order among them shows.
func rank(v int) int      { return v % 4 }
func byRank(a, b int) int { return rank(a) - rank(b) }

// compareQueues plays the moves on a Queue, each blocking call in a thread of
// its own, and on a slowQueue; both must agree after every move.
func compareQueues(t *testing.T, moves []byte) {
	if len(moves) < 2 {
		return
	}
	capacity := int(moves[0] % 4)
	model := &slowQueue{kind: []string{"fifo", "lifo", "priority"}[moves[1]%3], capacity: capacity}
	var q *Queue[int]
	switch model.kind {
	case "fifo":
		q = NewQueue[int]("q", capacity)
	case "lifo":
		q = NewLIFOQueue[int]("q", capacity)
	case "priority":
		q = NewPriorityQueue("q", capacity, func(a, b int) bool { return rank(a) < rank(b) })
	}
	main := Main(context.Background())
	var want, got []*call
	began := func(op string, v int, body func(t *Thread, c *call)) {
		w, g := &call{op: op, v: v}, &call{op: op, v: v}
		want, got = append(want, w), append(got, g)
		model.do(w)
		ctx, cancel := context.WithCancel(main)
		g.cancel = cancel
		g.thread = NewThread(ctx, func(t *Thread) error { body(t, g); return nil })
		g.thread.Start()
	}
	at := func(i int) string { return fmt.Sprintf("%s queue of %d, move %d", model.kind, capacity, i) }
	for i, move := range moves[2:] {
		v := i + 1
		switch move % 11 {
		case 0, 1:
			began("put", v, func(t *Thread, c *call) { c.end(v, q.Put(t, v)) })
		case 2, 3:
			began("get", 0, func(t *Thread, c *call) { v, err := q.Get(t); c.end(v, err) })
		case 4:
			began("join", 0, func(t *Thread, c *call) { c.end(0, q.Join(t)) })
		case 5, 6: // a try is a call that does not get to wait
			c := &call{op: "put", v: v}
			done := model.try(c)
			model.serve()
			if err := q.TryPut(v); done && !errors.Is(err, c.err) || !done && !errors.Is(err, ErrFull) {
				t.Fatalf("%s: TryPut: %v, want %v", at(i), err, c.err)
			}
		case 7, 8:
			c := &call{op: "get"}
			done := model.try(c)
			model.serve()
			v, err := q.TryGet()
			if done && (v != c.v || !errors.Is(err, c.err)) || !done && !errors.Is(err, ErrEmpty) {
				t.Fatalf("%s: TryGet: %d, %v, want %d, %v", at(i), v, err, c.v, c.err)
			}
		case 9:
			done := model.unfinished > 0
			if done {
				model.unfinished--
			}
			model.serve()
			if err := q.TaskDone(); (err == nil) != done {
				t.Fatalf("%s: TaskDone: %v", at(i), err)
			}
		case 10:
			switch n := len(model.waiting); {
			case move > 230:
				model.closed = true
				model.serve()
				q.Close()
			case n > 0:
				c := model.waiting[int(move)%n]
				model.cancel(int(move) % n)
				got[slices.Index(want, c)].cancel()
			}
		}
		synctest.Wait()
		if q.Len() != len(model.items) || q.unfinished != model.unfinished {
			t.Fatalf("%s: %d items, %d unfinished, want %d, %d", at(i), q.Len(), q.unfinished, len(model.items), model.unfinished)
		}
		for k := range want {
			if w, g := want[k], got[k]; w.done != g.done || w.done && (w.v != g.v || !errors.Is(g.err, w.err)) {
				t.Fatalf("%s: %s by %s: got %v, %d, %v; want %v, %d, %v", at(i), g.op, g.thread, g.done, g.v, g.err, w.done, w.v, w.err)
			}
		}
	}
	for _, g := range got {
		g.cancel()
		g.thread.Join(context.Background())
	}
}

func TestQueueAgainstModel(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 12))
	for range 600 {
		moves := make([]byte, 2+r.IntN(60))
		for i := range moves {
			moves[i] = byte(r.Uint32())
		}
		synctest.Test(t, func(t *testing.T) { compareQueues(t, moves) })
	}
}

func FuzzQueueAgainstModel(f *testing.F) {
	f.Add([]byte{1, 0, 0, 0, 2, 2, 2, 9, 4, 241, 0, 2})
	f.Add([]byte{2, 1, 2, 2, 10, 5, 5, 5, 0, 0, 7, 8, 4, 9, 9})
	f.Add([]byte{0, 2, 0, 0, 0, 5, 5, 5, 2, 2, 7, 7, 231, 8})
	f.Fuzz(func(t *testing.T, moves []byte) {
		if len(moves) > 200 {
			moves = moves[:200]
		}
		synctest.Test(t, func(t *testing.T) { compareQueues(t, moves) })
	})
}
