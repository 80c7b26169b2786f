package ch1

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"cookbook/internal/catalog"
	"cookbook/internal/transcript"
)

var memoryWrong = []catalog.Wrong{
	{Name: "lost-update", Title: "reads the shared sum, and later writes it", Run: addInTwoSteps},
}

// addInTwoSteps lets two ranks add to one sum. Each Load and each Store is atomic, but the two together are not.
func addInTwoSteps(ctx context.Context, out *transcript.Log) error {
	const n, ranks = 1000, 2
	all, shared := new(sync.WaitGroup), new(atomic.Int64)
	for r := range ranks {
		say := out.Actor(fmt.Sprintf("rank %d", r))
		all.Go(func() {
			say.Begin()
			sum, own := shared.Load(), int64(0)
			for number := r*n/ranks + 1; number <= (r+1)*n/ranks; number++ {
				own += int64(number)
			}
			say.Printf("adds %d", own)
			shared.Store(sum + own) // what another rank has added since the Load is lost
		})
	}
	all.Wait()
	out.Check("the sum in shared memory", shared.Load(), int64(n*(n+1)/2))
	return context.Cause(ctx)
}
