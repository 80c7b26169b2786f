package openmpi

import (
	"context"
	"errors"
	"os"
	"strconv"
	"strings"
	"time"

	"cookbook/internal/mpi/engine"
	"cookbook/internal/waitfor"
)

const (
	// endLimit is how long mpirun may take to end when there is nothing more to do.
	endLimit = 10 * time.Second
	// killLimit is how long it may take when it was told to end. Told while it begins, it sometimes does not end at all.
	// With sweepLimit it has to be less than the two seconds that a command gives a recipe to end: after these nothing would
	// kill it.
	killLimit = 1200 * time.Millisecond
	// sweepLimit is how long ranks may take to be gone after mpirun.
	sweepLimit = 600 * time.Millisecond
)

// supervise waits until mpirun has ended. It makes it end when ctx does, when it takes too long after the outcome was
// decided, and when it takes too long after a rank was lost. It reports whether it had to.
func supervise(ctx context.Context, l *listener, mpirun *os.Process, ended <-chan struct{}) (stopped bool) {
	select {
	case <-ended:
		return false
	case <-l.decided:
	case <-l.rankLost:
	case <-ctx.Done():
		l.stop(ctx)
		stopped = true
	}
	if !stopped {
		select {
		case <-ended:
			return false
		case <-time.After(endLimit):
		case <-ctx.Done():
			l.stop(ctx)
		}
	}
	terminate(mpirun)
	select {
	case <-ended:
	case <-time.After(killLimit):
		killGroup(mpirun)
		<-ended
	}
	return true
}

// awaited names the ranks whose functions have not returned. They may wait, or work.
func (l *listener) awaited() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var ranks []string
	for r, returned := range l.returned {
		if !returned {
			ranks = append(ranks, strconv.Itoa(r))
		}
	}
	switch len(ranks) {
	case 0:
		return "the end of MPI"
	case 1:
		return "rank " + ranks[0]
	}
	return "ranks " + strings.Join(ranks, ", ")
}

func (l *listener) waits() []waitfor.Wait {
	return []waitfor.Wait{{Who: "mpirun", For: l.awaited()}}
}

// stop notes that ctx has ended.
func (l *listener) stop(ctx context.Context) {
	err := context.Cause(ctx)
	var late *engine.Error
	if errors.As(err, &late) && late.Class == engine.ErrTimeout {
		err = engine.Errorf(engine.ErrTimeout, -1, "%s: waited for %s", late.Text, l.awaited())
	}
	l.fail(err)
}

// wait waits, once the listener is shut, for all ranks to leave, and reports whether they did in time.
func (l *listener) wait(limit time.Duration) bool {
	empty := make(chan struct{})
	go func() {
		l.wire.Wait()
		close(empty)
	}()
	select {
	case <-empty:
		return true
	case <-time.After(limit):
		return false
	}
}

// sweep waits, once mpirun has ended, for the ranks to be gone. mpirun has ended them; where it could not, a rank notices
// that the world has failed, or that the listener is gone. On this machine a process that does not notice even that, because
// it stands still, is killed.
func (l *listener) sweep() {
	l.wire.Shut()
	until := time.Now().Add(sweepLimit)
	l.wait(sweepLimit)
	l.mu.Lock()
	holds := l.holds
	l.mu.Unlock()
	for _, h := range holds {
		if !h.ended(until) {
			h.kill()
			h.ended(time.Now().Add(killLimit))
		}
	}
}

// close ends the listener, and the connections of ranks that are still there.
func (l *listener) close() {
	l.wire.Shut()
	l.fail(engine.Errorf(engine.ErrOther, -1, "the ranks are not awaited any more"))
	l.wire.Close()
	for _, h := range l.holds {
		h.close()
	}
	l.holds = nil
}
