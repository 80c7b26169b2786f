// Package tasks is a task queue over the engine: what Celery is for Python. A client sends calls of tasks, workers in other
// processes do them, and the engine keeps the calls until they are done, and the results after that.
//
//	var add = tasks.Register("ch5.add", func(ctx context.Context, p pair) (int, error) { return p.X + p.Y, nil })
//
// In the worker's process, which is of the same program or of one that has registered the same:
//
//	err := tasks.Serve(ctx, conn, tasks.WithConcurrency(4))
//
// In the client's:
//
//	app, err := tasks.NewApp(ctx, conn)
//	…
//	r, err := add.Delay(ctx, app, pair{5, 5}) // the engine has it; nobody has waited for a worker
//	…
//	sum, err := r.Get(ctx)
//
// The words: a task is a function with a name, a call ([Request]) is one use of it, with an id. A call waits in a queue for a
// worker. Its [Record] says how far it is ([State]), and in the end its result.
//
// # What holds
//
//   - A call whose Delay has returned is done, although worker, client or engine are killed or start again. The engine keeps it
//     for a week. It writes to a file at once, and the system puts that on the disk in its own time, so what a machine does
//     when its power goes is another matter.
//   - It is done at least once. A worker that is killed in the middle, or cut off for 1.5 s, loses it to another one, and it
//     runs again. So a task should be able to run twice. The first result of a call stays: all see the same.
//   - A worker begins the calls of one queue and priority in the order of their sending. Those that come again come later.
//   - A worker fetches ahead no more than it does in 20 ms, and hands that back if a call takes longer than it thought. So a
//     call does not wait behind a slow one while another worker is free.
//   - Queues hold no call that cannot be done. One that is unknown to its worker, cannot be read, or has failed for good leaves
//     the queue and becomes a dead letter: [App.DeadLetters]. Its state is FAILURE.
//   - A goroutine cannot be killed. After a hard limit the call has failed and its worker goes on, but a function that takes no
//     notice of its context goes on, too.
//
// # Messages
//
// The body of a message is the argument as JSON, its headers say the rest, so programs in other languages can send calls: to
// the subject SPACE.task.QUEUE.PRIORITY (default.normal if nothing else is said) with the header Task-Name, and Task-Id to
// have a result. The record of a call lies in the bucket SPACE_results under its id, as JSON.
//
// JSON leaves behind what it does not know: fields without a capital, the types of what stands in interfaces. Whole
// numbers arrive whole.
//
// # What it costs
//
// Measured on two cores that others used as well, with a worker in another process and tasks that do nothing; go test -bench .
// shows what it is elsewhere. 25,000 to 33,000 calls/s without results, 16,000 to 20,000 with results, where JetStream alone,
// in one process, passes on 56,000 to 66,000 messages/s. From Delay to the result 0.4 to 0.7 ms, where a message and its
// answer take 0.1. The result of a call whose worker is killed comes 1.5 to 2 s later.
//
// # From Python
//
//	app = Celery(broker=…, backend=…)    conn from package engine; NewApp(ctx, conn)
//	@app.task                            Register(name, f)
//	celery -A … worker -c 4 -Q a,b       Serve(ctx, conn, WithConcurrency(4), WithQueues("a", "b"))
//	add.delay(5, 5)                      add.Delay(ctx, app, pair{5, 5})
//	add.apply_async((5, 5), …)           add.Apply(ctx, app, pair{5, 5}, …)
//	countdown=, eta=, expires=           WithCountdown, WithETA, WithExpires
//	queue=, priority=, task_id=          WithQueue, WithPriority, WithID
//	max_retries, retry_backoff           WithRetries
//	self.retry(exc=…, countdown=…)       return RetryIn(d, err)
//	soft_time_limit, time_limit          WithSoftLimit, WithHardLimit
//	ignore_result, track_started         WithIgnoreResult, WithTrackStarted
//	self.request                         Current(ctx)
//	AsyncResult(id)                      add.Result(app, id)
//	r.get(timeout=…), r.state, r.ready() AsyncResult.Get, State, Ready
//	r.forget(), r.revoke(terminate=True) AsyncResult.Forget, AsyncResult.Revoke
//	app.control.ping, inspect().stats()  App.Ping, of all workers; active calls among it
//	inspect().scheduled()                App.Scheduled
//	add.s(2, 2) | double.s()             Then(add.S(pair{2, 2}), double).Apply(ctx, app)
//	group(…).apply_async()               Group(ctx, app, add.S(…), add.S(…))
//	chord(header)(total.s())             Chord(ctx, app, calls, total)
//	worker's log                         WithObserver, Event.String
//	a task that runs twice by mistake    WithKey
//	redis-cli llen celery                App.Queues
//	–                                    App.DeadLetters
package tasks
