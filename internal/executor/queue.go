package executor

import (
	"fmt"
	"runtime/trace"

	"cookbook/internal/waitfor"
)

// put adds to the end of the queue; e.mu is held.
func (e *Executor) put(j job) {
	if len(e.spill) == 0 {
		select {
		case e.queue <- j:
			return
		default:
		}
	}
	e.spill = append(e.spill, j)
	e.spilled.Store(true)
}

// next waits for a job; nil is the end.
func (e *Executor) next() job {
	wait := trace.StartRegion(e.ctx, waitfor.WaitRegion+"a job")
	j := <-e.queue
	wait.End()
	if e.spilled.Load() {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.refill()
	}
	return j
}

// refill moves what was spilled into the queue, as far as there is room; e.mu is held.
func (e *Executor) refill() {
	for i, j := range e.spill {
		select {
		case e.queue <- j:
			e.spill[i] = nil
		default:
			e.spill = e.spill[i:]
			return
		}
	}
	e.spill = nil
	e.spilled.Store(false)
}

// drain empties the queue, but for the marks of its end; e.mu is held.
func (e *Executor) drain() []job {
	var jobs []job
	ends := 0
	for {
		select {
		case j := <-e.queue:
			if j != nil {
				jobs = append(jobs, j)
			} else {
				ends++
			}
			e.refill()
			continue
		default:
		}
		for range ends {
			e.put(nil)
		}
		return jobs
	}
}

// waits tells the board of the jobs that no worker has begun.
func (e *Executor) waits() []waitfor.Wait {
	e.mu.Lock()
	defer e.mu.Unlock()
	n := len(e.queue) + len(e.spill)
	if n == 0 || e.closed { // then marks of the end are among them
		return nil
	}
	return []waitfor.Wait{{Who: fmt.Sprintf("the pool's queue of length %d", n), For: fmt.Sprintf("one of its %d workers", e.size)}}
}
