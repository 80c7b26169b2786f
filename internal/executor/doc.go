// Package executor is concurrent.futures for Go: pools of goroutines and of processes that run functions and give an
// [async.Future] for each result.
//
//	pool, err := executor.NewThreadPool(ctx, 5)
//	…
//	defer pool.Shutdown(ctx)
//	f := executor.Submit(pool, fetch, address)
//	page, err := f.Result(ctx)
//
// The futures are those of package async, so everything that waits for futures there waits for these as well, in a task or
// outside. Package async does not need this one: a program without pools has no processes in it.
//
//	concurrent.futures                   here
//	ThreadPoolExecutor(5)                NewThreadPool(ctx, 5)
//	ProcessPoolExecutor(5)               NewProcessPool(ctx, 5)
//	executor.submit, map, shutdown       Submit, Map, Executor.Shutdown
//	shutdown(wait=False)                 Executor.Close
//	shutdown(cancel_futures=True)        Executor.CancelPending
//	loop.run_in_executor(pool, f, arg)   RunInExecutor(t, pool, f, arg)
//	as_completed, wait                   async.AsCompleted, async.Wait
//	BrokenProcessPool, BrokenThreadPool  ErrBrokenPool
//
// Submit and Result together take 160 ns on five goroutines, where goroutines on a channel take 123, and 10 µs on processes.
package executor
