package async

import "slices"

// Gather runs all awaitables on the loop at once and returns a future of their results, in their order: asyncio.gather. One
// that is there twice is run once, and its result is there twice. The first error makes the future done with that error; the
// others go on, and their errors are not reported. It panics with ErrNotInTask if a future belongs to another loop.
//
// Cancelling the future cancels all awaitables. As in asyncio, the future is done when the first of them has ended; an error
// of a later one is reported by [Loop.Close], as that of any task whose result was not asked for. For the coroutines that it
// starts, the future is the only handle. So if a wait for it fails because its context has ended, Gather's awaitables are
// cancelled, and the wait returns when these coroutines have ended.
func Gather[T any](on Owner, awaitables ...Awaitable[T]) *Future[[]T] {
	l, _ := on.owner()
	for _, a := range awaitables {
		if f, ok := a.(*Future[T]); ok { // before anything is started
			l.mustHave(&f.core)
		}
	}
	var (
		outer = CreateFuture[[]T](l)
		parts = make([]*Future[T], len(awaitables))
		left  = len(awaitables)
		asked = false // to be cancelled
	)
	if left == 0 {
		outer.SetResult([]T{})
	}
	by := new(gathering)
	outer.special().gathering = by
	outer.onCancel(func() (told bool) {
		for _, f := range slices.Backward(parts) {
			defer func() { // so that a callback that panics does not keep the others from being told
				asked = f.Cancel() || asked
				told = asked
			}()
		}
		return
	})
	for i, a := range awaitables {
		f := a.gathered(l, by)
		parts[i] = f
		l.onDone(&f.core, func() {
			left--
			if outer.Done() && asked {
				return // its error is for Close to report
			}
			f.retrieved.Store(true)
			switch {
			case outer.Done():
			case f.Cancelled():
				outer.mu.Lock()
				outer.settle(cancelled, f.failure())
			case f.failure() != nil:
				outer.SetException(f.failure())
			case left == 0 && asked: // and all of them refused
				outer.mu.Lock()
				outer.settle(cancelled, ErrCancelled)
			case left == 0:
				results := make([]T, len(parts))
				for i, f := range parts {
					results[i] = f.value
				}
				outer.SetResult(results)
			}
		})
	}
	return outer
}

// gathering is the tasks that a Gather has started, of which nobody else has a handle.
type gathering struct{ started []*core }

// wait waits in t until all of them have ended.
func (g *gathering) wait(t *Task) {
	for _, c := range g.started {
		for !c.Done() && !t.closing {
			t.waitFor(t, c, nil)
		}
	}
}
