package threading

import (
	"context"
	"errors"
)

// Run starts the threads and blocks until all of them have ended; it returns
// their errors together. Unlike Join it does not return when ctx ends: threads
// that were made under ctx are told to end by the same, and Run waits until
// they have, so that none is left behind.
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
