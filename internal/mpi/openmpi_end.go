package mpi

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
	// killLimit is how long it may take when it was told to end: now and then it does not, told so while it begins. With
	// sweepLimit it has to be less than the two seconds that a command gives a recipe to end, or nobody is there to kill it.
	killLimit = 1200 * time.Millisecond
	// sweepLimit is how long ranks may take to be gone after mpirun.
	sweepLimit = 600 * time.Millisecond
)

// supervise waits until mpirun has ended, and makes it end when ctx does, when it takes too long after the world was decided, or when a
// rank is missing. It reports whether it had to.
func supervise(ctx context.Context, d *door, mpirun *os.Process, ended <-chan struct{}) (stopped bool) {
	select {
	case <-ended:
		return false
	case <-d.decided:
	case <-d.lack:
	case <-ctx.Done():
		d.stop(ctx)
		stopped = true
	}
	if !stopped {
		select {
		case <-ended:
			return false
		case <-time.After(endLimit):
		case <-ctx.Done():
			d.stop(ctx)
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
func (d *door) awaited() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var ranks []string
	for r, back := range d.back {
		if !back {
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

func (d *door) waits() []waitfor.Wait {
	return []waitfor.Wait{{Who: "mpirun", For: d.awaited()}}
}

// stop notes that ctx has ended.
func (d *door) stop(ctx context.Context) {
	err := context.Cause(ctx)
	var late *engine.Error
	if errors.As(err, &late) && late.Class == engine.ErrTimeout {
		err = engine.Errorf(engine.ErrTimeout, -1, "%s: waited for %s", late.Text, d.awaited())
	}
	d.fail(err)
}

// shut lets nobody in any more, and sends away who has not introduced itself.
func (d *door) shut() {
	d.l.Close()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	for conn := range d.unknown {
		conn.Close()
	}
}

// wait waits, once the door is shut, for all to leave, and reports whether they did in time.
func (d *door) wait(limit time.Duration) bool {
	empty := make(chan struct{})
	go func() {
		d.wg.Wait()
		close(empty)
	}()
	select {
	case <-empty:
		return true
	case <-time.After(limit):
		return false
	}
}

// sweep waits, once mpirun has ended, for the ranks to be gone. mpirun has ended them; where it could not, a rank notices that the
// world has failed, or that the door is gone. On this machine a process that does not even do that, because it stands still, is
// killed.
func (d *door) sweep() {
	d.shut()
	until := time.Now().Add(sweepLimit)
	d.wait(sweepLimit)
	d.mu.Lock()
	holds := d.holds
	d.mu.Unlock()
	for _, h := range holds {
		if !h.ended(until) {
			h.kill()
			h.ended(time.Now().Add(killLimit))
		}
	}
}

// close shuts the door and ends what goes on behind it.
func (d *door) close() {
	d.shut()
	d.fail(engine.Errorf(engine.ErrOther, -1, "the ranks are not awaited any more"))
	d.mu.Lock()
	for conn := range d.known {
		conn.Close()
	}
	d.mu.Unlock()
	d.wg.Wait()
	for _, h := range d.holds {
		h.close()
	}
	d.holds = nil
}
