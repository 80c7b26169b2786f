// Package threading is Python's threading and queue for Go: threads with a name
// and an end, locks that know their owner, and everything to wait with.
//
// It holds what Go does not have: a re-entrant lock, a semaphore that starts at
// zero, a condition with a time-out, an event, a barrier, a queue to join — and
// the knowledge of who waits for whom, so that a deadlock is reported instead
// of suffered. Where a sync.Mutex, a channel or a WaitGroup is enough, take it.
//
// # Who calls
//
// A goroutine has no identity, so whoever acquires, releases or waits says who
// it is by the context it passes. A [Thread] is a context: the body of a thread
// passes its own, or one derived from it.
//
//	main := threading.Main(ctx)
//	lock := threading.NewLock("lock 1")
//	t := threading.NewThread(main, func(t *threading.Thread) error {
//		if err := lock.Acquire(t); err != nil {
//			return err
//		}
//		defer lock.Release(t)
//		…
//		return nil
//	})
//	t.Start()
//	err := t.Join(main)
//
// A context without a thread works, too, except where identity is the point:
// an [RLock] and a [Local]. One thread's context must not be used by two
// goroutines at once; nothing breaks if it is, but an RLock takes both for one
// and reports of who waits for what know one of the two.
//
// # How waiting works
//
// All primitives share one mechanism. What is released is handed to whoever
// waits longest: nobody overtakes, so nobody starves, and whoever wakes up has
// what it waited for. That costs a change of goroutine for every hand-over,
// where a sync.Mutex lets those who run go first.
//
// Everything that waits takes a context and gives up when it ends; the error
// wraps the context's cause. Everything has a form with a time-out of its own,
// and most have one that does not wait. Each tries before it waits: what can be
// had at once is had even if the context has ended, and no wait begins when it
// has. If the grant and the time-out come together the grant wins, so an error
// means that nothing was got, and nothing is ever lost in between.
//
// Misuse is an error, not a panic: compare with [errors.Is].
//
// Everything blocks durably in the sense of testing/synctest. With an execution
// trace running, each thread is a task, each wait a region, each acquire and
// release a log entry; without one they cost a load.
//
// # From Python
//
//	threading.Thread(target=f)     NewThread(ctx, f)
//	t.start(), t.join(), t.name    t.Start(), t.Join(ctx), t.Name()
//	start all, then join all       Run(ctx, threads...)
//	t.join(timeout), t.is_alive()  t.JoinTimeout(ctx, d), t.IsAlive()
//	threading.current_thread()     Current(ctx)
//	threading.main_thread()        Main(ctx)
//	threading.enumerate()          Enumerate(ctx)
//	threading.Lock()               NewLock(name), or new(Lock)
//	threading.RLock()              NewRLock(name), or new(RLock)
//	threading.Semaphore(n)         NewSemaphore(name, n)
//	threading.BoundedSemaphore(n)  NewBoundedSemaphore(name, n)
//	threading.Condition(lock)      NewCondition(lock)
//	threading.Event()              NewEvent(name), or new(Event)
//	threading.Barrier(n, action)   NewBarrier(name, n, WithAction(action))
//	threading.Timer(d, f)          NewTimer(ctx, d, f)
//	threading.local()              new(Local[T])
//	with lock:                     With(ctx, lock, f)
//	lock.acquire()                 lock.Acquire(ctx)
//	lock.acquire(timeout=d)        lock.AcquireTimeout(ctx, d)
//	lock.acquire(blocking=False)   lock.TryAcquire(ctx)
//	queue.Queue(n)                 NewQueue[T](name, n)
//	queue.LifoQueue(n)             NewLIFOQueue[T](name, n)
//	queue.PriorityQueue(n)         NewPriorityQueue(name, n, less)
//	q.put, q.put_nowait            q.Put, q.PutTimeout, q.TryPut
//	q.get, q.get_nowait            q.Get, q.GetTimeout, q.TryGet
//	q.task_done, q.join            q.TaskDone, q.Join
//	q.shutdown (3.13)              q.Close
//
// A daemon thread has no counterpart: cancel its context instead.
package threading
