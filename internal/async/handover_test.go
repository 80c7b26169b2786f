package async

import "testing"

// granted has first and second wait for something, in this order, gives it to the first and cancels that in the same turn.
// Then the second must have it.
func granted(t *testing.T, main *Task, wait func(*Task) error, give func()) {
	t.Helper()
	first := CreateTask(main, nothing(wait))
	second := CreateTask(main, nothing(wait))
	turns(main, 1)
	give()
	first.Cancel()
	fails(t, first.Exception(main), ErrCancelled, "")
	ok(t, second.Exception(main))
}

func TestAGrantToACancelledTaskGoesToTheNext(t *testing.T) {
	inLoop(t, "a lock", func(t *testing.T, main *Task) error {
		l := NewLock("l")
		ok(t, l.Acquire(main))
		granted(t, main, l.Acquire, func() { l.Release() })
		equal(t, "locked", l.Owner() != nil, true)
		return l.Release()
	})
	inLoop(t, "a place at a semaphore", func(t *testing.T, main *Task) error {
		s, err := NewSemaphore("s", 0)
		granted(t, main, s.Acquire, func() { s.Release() })
		equal(t, "value", s.Value(), 0)
		return err
	})
	inLoop(t, "an item of a queue", func(t *testing.T, main *Task) error {
		q, err := NewQueue[int]("q", 0)
		get := func(task *Task) error { _, err := q.Get(task); return err }
		granted(t, main, get, func() { q.TryPut(1) })
		equal(t, "items", q.Len(), 0)
		return err
	})
	inLoop(t, "a place in a queue", func(t *testing.T, main *Task) error {
		q, err := NewQueue[int]("q", 1)
		q.TryPut(0)
		granted(t, main, func(task *Task) error { return q.Put(task, 1) }, func() { q.TryGet() })
		equal(t, "items", q.Len(), 1)
		return err
	})
}

func TestWhatIsPromised(t *testing.T) {
	inLoop(t, "by a lock cannot be taken in between", func(t *testing.T, main *Task) error {
		l := NewLock("l")
		l.Acquire(main)
		f := CreateTask(main, nothing(l.Acquire))
		turns(main, 1)
		l.Release()
		equal(t, "taken", l.TryAcquire(main), false)
		err := f.Exception(main)
		equal(t, "owner", l.Owner(), f.Task())
		return err
	})
	inLoop(t, "by a queue is there for the task it was promised to, even if the queue is closed", func(t *testing.T, main *Task) error {
		q, err := NewQueue[int]("q", 0)
		first, second := CreateTask(main, q.Get), CreateTask(main, q.Get)
		turns(main, 1)
		q.TryPut(7)
		_, taken := q.TryGet()
		fails(t, taken, ErrEmpty, "queue q")
		q.Close()
		v, failed := first.Result(main)
		ok(t, failed)
		equal(t, "item", v, 7)
		fails(t, second.Exception(main), ErrClosed, "get from queue q")
		return err
	})
	inLoop(t, "is not given to a task whose cancellation was taken back too late", func(t *testing.T, main *Task) error {
		l := NewLock("l")
		l.Acquire(main)
		f := CreateTask(main, nothing(l.Acquire))
		turns(main, 1)
		f.Cancel()
		equal(t, "requests left", f.Task().Uncancel(), 0)
		fails(t, f.Exception(main), ErrCancelled, "")
		equal(t, "owner", l.Owner(), main)
		return nil
	})
}

func TestQueue(t *testing.T) {
	inLoop(t, "that is closed gives what is left and ends all waits", func(t *testing.T, main *Task) error {
		q, err := NewQueue[int]("q", 1)
		ok(t, q.Put(main, 1))
		putter := CreateTask(main, nothing(func(task *Task) error { return q.Put(task, 2) }))
		turns(main, 1)
		q.Close()
		fails(t, putter.Exception(main), ErrClosed, "put into queue q")
		v, failed := q.Get(main)
		ok(t, failed)
		equal(t, "item", v, 1)
		_, failed = q.Get(main)
		fails(t, failed, ErrClosed, "")
		return err
	})
	inLoop(t, "is joined when all its work is done", func(t *testing.T, main *Task) error {
		q, err := NewQueue[int]("q", 0)
		ok(t, q.Join(main))
		q.TryPut(1)
		q.TryPut(2)
		joiner := CreateTask(main, nothing(q.Join))
		turns(main, 1)
		ok(t, q.TaskDone())
		turns(main, 1)
		equal(t, "joined", joiner.Done(), false)
		ok(t, q.TaskDone())
		return err
	})
}

func TestEvent(t *testing.T) {
	inLoop(t, "wakes all who wait even if it is cleared at once", func(t *testing.T, main *Task) error {
		e := NewEvent("e")
		all := []*Future[struct{}]{CreateTask(main, nothing(e.Wait)), CreateTask(main, nothing(e.Wait))}
		turns(main, 1)
		e.Set()
		equal(t, "set", e.IsSet(), true)
		ok(t, e.Wait(main))
		e.Clear()
		equal(t, "set", e.IsSet(), false)
		_, err := Await(main, Gather(main, all[0], all[1]))
		return err
	})
}
