package threading

import (
	"context"
	"errors"
)

// Run starts the threads, blocks until all of them have ended, and returns their errors joined. Unlike Join it does not
// return when ctx ends: that tells threads made under ctx to end, and Run waits until they have. So no thread is left
// behind.
//
// Python: for t in threads: t.start(), and then for t in threads: t.join().
func Run(ctx context.Context, threads ...*Thread) error {
	end := context.WithoutCancel(ctx)
	var errs []error
	for _, t := range threads {
		errs = append(errs, t.Start())
	}
	for _, t := range threads {
		errs = append(errs, t.Join(end))
	}
	return errors.Join(errs...)
}
