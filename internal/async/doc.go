// Package async is asyncio for Go: futures, and tasks on one event loop.
//
// # Futures
//
// A [Future] is a result that is not there yet. [Await], [Wait] and [AsCompleted] wait for futures. The context of a wait says
// who waits and when to give up. The pools that run functions and give a future for each are package executor.
//
// # Loops and tasks
//
// A [Loop] runs callbacks and [Task]s one at a time, in turns: one thread of control, whatever the number of tasks. A task
// is a coroutine (on iter.Pull): it runs until it waits, and only then another runs. So between two waits a task needs no
// lock, and an order that the loop decides is an order one can rely on: callbacks and tasks run first in, first out, timers
// by time and then in the order in which they were set.
//
//	total, err := async.Run(ctx, func(t *async.Task) (int, error) {
//		a := async.CreateTask(t, fetch)
//		b := async.CreateTask(t, fetch)
//		both, err := async.Await(t, async.Gather(t, a, b))
//		…
//	})
//
// The waits are the same functions in a task and outside: a *Task is a context.Context, and a task that waits passes itself.
//
//	asyncio, concurrent.futures          here
//	asyncio.run(main())                  Run(ctx, main)
//	await x                              Await(t, x), or x.Result(t); a call of a function that takes t
//	asyncio.create_task, loop.create_task  CreateTask(loop or t or group, body)
//	asyncio.sleep(d)                     t.Sleep(d)
//	asyncio.gather, wait, wait_for       Gather, Wait, WaitFor
//	asyncio.shield, TaskGroup            Shield, Group
//	loop.call_soon, call_later, call_at  Loop.CallSoon, CallLater, CallAt
//	loop.call_soon_threadsafe            Loop.CallSoonThreadsafe
//	loop.run_forever, stop, close        Loop.RunForever, Stop, Close
//	loop.run_until_complete(x)           RunUntilComplete(ctx, loop, x)
//	loop.run_in_executor(pool, f, arg)   executor.RunInExecutor(t, pool, f, arg)
//	loop.set_debug(True)                 WithDebug
//	asyncio.Lock, Event, Semaphore, Queue  Lock, Event, Semaphore, Queue
//	concurrent.futures.Executor          package executor
//	as_completed                         AsCompleted
//	CancelledError                       ErrCancelled, returned by the wait
package async
