// Package threading is Python's threading and queue for Go: threads with a name
// and an end, locks that know their owner, and everything to wait with.
//
// It holds what Go does not have: a re-entrant lock, a semaphore that starts at zero, a condition with a time-out, an event,
// a barrier, a queue to join — and it knows which thread waits for which, so it can report a deadlock. Where a sync.Mutex, a
// channel or a WaitGroup is enough, take that.
//
// # Who calls
//
// A goroutine has no identity. So a caller that acquires, releases or waits says who it is by the context it passes. A
// [Thread] is a context: the body of a thread passes its own, or one derived from it.
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
// A context without a thread works too, but not for an [RLock] or a [Local], which must know the thread. Two goroutines must
// not use one thread's context at the same time. Nothing breaks if they do, but an RLock takes both for one thread, and
// reports show only one of them.
//
// # How waiting works
//
// All primitives share one mechanism. What is released is handed to the thread that has waited longest. No thread overtakes,
// so none starves, and a thread that wakes up has what it waited for. The price is a change of goroutine for every
// hand-over; a sync.Mutex avoids that, because there a running goroutine may go first. To follow an Acquire, read lock.go,
// mutex.go and waiter.go; waits.go and group.go are for reports.
//
// Everything that waits takes a context and gives up when the context ends; the error wraps the context's cause. Everything
// has a form with a time-out, and most have a form that does not wait. Each form tries before it waits: what is free is
// taken even if the context has ended, but then no wait begins. A time-out of 0 or less is a try; no time-out stands for ever,
// as -1 does for Python's locks. If the grant and the time-out come together, the grant wins. So an error means that nothing was
// taken, and nothing is lost.
//
// Misuse is an error, not a panic: compare with [errors.Is]. Only NewPriorityQueue, which has no error to return, panics if it
// is given no order. A function of yours that panics, or a method of your context, leaves the primitive of use.
//
// Everything blocks durably in the sense of testing/synctest. While an execution trace runs, each thread is a task, each
// wait is a region, and each acquire and release is a log entry. Without a trace that costs a load.
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
