package primitive

import (
	"context"
	"time"

	"cookbook/internal/process"
)

// apply asks a square of a pool of four processes.
func apply(ctx context.Context, n int) (time.Duration, error) {
	return inPool(ctx, func(p *process.Pool) (time.Duration, error) {
		return timed(n, func() error {
			_, err := process.Apply(ctx, p, remoteSquare, 4)
			return err
		})
	})
}

func inPool(ctx context.Context, body func(p *process.Pool) (time.Duration, error)) (time.Duration, error) {
	p, err := process.NewPool(ctx, 4)
	if err != nil {
		return 0, err
	}
	defer p.Terminate()
	if _, err := process.Map(ctx, p, remoteSquare, []int{1, 2, 3, 4}); err != nil { // the workers are there
		return 0, err
	}
	return body(p)
}

func numbers() []int {
	all := make([]int, 100_000)
	for i := range all {
		all[i] = i
	}
	return all
}

func mapSquares(ctx context.Context, n int) (time.Duration, error) {
	args := numbers()
	return inPool(ctx, func(p *process.Pool) (time.Duration, error) {
		return timed(n, func() error {
			_, err := process.Map(ctx, p, remoteSquare, args)
			return err
		})
	})
}

func loop(ctx context.Context, n int) (time.Duration, error) {
	args := numbers()
	return timed(n, func() error {
		results := make([]int, len(args))
		for i, x := range args {
			results[i], _ = square(ctx, x)
		}
		return nil
	})
}

func setKey(ctx context.Context, n int) (time.Duration, error) {
	m, err := process.NewManager(ctx)
	if err != nil {
		return 0, err
	}
	defer m.Close()
	d, err := process.NewManagedDict[int, int](ctx, m)
	if err != nil {
		return 0, err
	}
	i := 0
	return timed(n, func() error {
		i++
		return d.Set(ctx, i%100, i)
	})
}
