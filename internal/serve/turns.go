package serve

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Why a run cannot begin now.
var (
	errBusy   = errors.New("a run of this page goes on: stop it, or wait for its end")
	errEnding = errors.New("cookbook serve has been told to end")
)

// fullError is a server that has as many runs as it may.
type fullError struct{ runs int }

func (e fullError) Error() string {
	return fmt.Sprintf("%d runs of other pages go on, as many as this machine has processors: wait until one of them ends", e.runs)
}

// turns lets runs begin.
type turns struct {
	most     int           // at the same time
	patience time.Duration // how long a run waits for another one of its page, which may just be ending

	mu     sync.Mutex
	runs   map[string]*turn // of each page
	closed bool
	all    sync.WaitGroup
}

// turn is a run.
type turn struct {
	ctx  context.Context
	done chan struct{}
}

// begin lets a run of a page begin, which is to end when ctx does. When it has ended, end has to be called. If the page's last run is
// being ended, as when a reader stops it and starts it again, begin waits for that.
func (t *turns) begin(ctx context.Context, page string) (end func(), err error) {
	patience, stop := context.WithTimeout(ctx, t.patience)
	defer stop()
	for {
		other, err := t.enter(ctx, page)
		if other == nil {
			return func() { t.leave(page) }, err
		}
		select {
		case <-other.done:
			continue
		case <-other.ctx.Done():
		case <-patience.Done():
			if ctx.Err() == nil && other.ctx.Err() == nil {
				return nil, errBusy
			}
		}
		select {
		case <-other.done:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// enter adds a run, or returns the other one of its page.
func (t *turns) enter(ctx context.Context, page string) (other *turn, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch other := t.runs[page]; {
	case t.closed:
		return nil, errEnding
	case other != nil:
		return other, nil
	case len(t.runs) >= t.most:
		return nil, fullError{len(t.runs)}
	case t.runs == nil:
		t.runs = map[string]*turn{}
	}
	t.runs[page] = &turn{ctx, make(chan struct{})}
	t.all.Add(1)
	return nil, nil
}

func (t *turns) leave(page string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	close(t.runs[page].done)
	delete(t.runs, page)
	t.all.Done()
}

// close lets no run begin any more, and waits for those that have, which have been told to end.
func (t *turns) close() {
	t.mu.Lock()
	t.closed = true
	t.mu.Unlock()
	t.all.Wait()
}
