package ch4

import (
	"context"
	"time"

	"cookbook/internal/async"
	"cookbook/internal/catalog"
	"cookbook/internal/executor"
	"cookbook/internal/transcript"
)

var futuresWrong = []catalog.Wrong{
	{Name: "callbacks-order", Title: "needs in a callback what the callback of another future has kept", Run: countOnTheOrder},
}

// countOnTheOrder has two threads compute the sum and the factorial. The factorial takes longer, so its callback takes for
// granted that the callback of the sum has been called.
func countOnTheOrder(ctx context.Context, out *transcript.Log) error {
	pool, err := executor.NewThreadPool(ctx, 2)
	if err != nil {
		return err
	}
	defer pool.Shutdown(context.WithoutCancel(ctx))
	_, err = async.Run(ctx, func(main *async.Task) (any, error) {
		compute := func(takes time.Duration, result int) *async.Future[int] {
			return async.CreateTask(main, func(t *async.Task) (int, error) {
				return executor.RunInExecutor(t, pool, func(ctx context.Context, result int) (int, error) {
					return result, out.Sleep(ctx, takes)
				}, result)
			})
		}
		first, second, sum := compute(3*time.Second, 10), compute(4*time.Second, 24), 0
		first.AddDoneCallback(func(f *async.Future[int]) {
			sum, _ = f.Result(main) // it is done, so this does not wait
			out.Actor("first").Printf("first coroutine (sum of N integers) result = %d", sum)
		})
		second.AddDoneCallback(func(f *async.Future[int]) {
			product, _ := f.Result(main)
			out.Actor("second").Printf("second coroutine (factorial) result = %d, with the sum %d", product, sum+product)
		})
		_, err := async.Await(main, async.Gather(main, first, second))
		return nil, err
	})
	return err
}
