package async

// Cancel asks the task to end: in the loop's next turn its present wait returns ErrCancelled. If it does not wait now, its
// next wait does so, a turn after it began; if there is no next wait, the task ends as cancelled. The task should clean up
// and return that error; it may also refuse, and go on. If the task waits for a future, that is cancelled as well. If it
// waits for a task, the request is passed on to that. [Shield] prevents both. Cancel reports false if the task is done.
func (t *Task) Cancel() bool {
	t.fut.loop.checkGoroutine("cancel a task")
	if t.fut.Done() {
		return false
	}
	if r := t.special(); !r.passing {
		t.tell()
		r.passing = t.waitsFor != nil
		passed := r.passing && t.waitsFor.Cancel()
		r.passing = false
		if passed {
			return true // it wakes the task
		}
	}
	t.mustCancel = true
	if t.parked || !t.begun() {
		t.unschedule()
		t.fut.loop.enqueue(t)
	}
	return true
}

// tell counts a request to end and closes the Done channel.
func (t *Task) tell() {
	t.fut.mu.Lock()
	defer t.fut.mu.Unlock()
	r := t.specialLocked()
	r.cancelling++
	if !r.told && r.done != nil {
		close(r.done)
	}
	r.told = true
}

// Cancelling counts the requests to end that were not taken back by Uncancel.
func (t *Task) Cancelling() int {
	if r := t.rare.Load(); r != nil {
		return r.cancelling
	}
	return 0
}

// Uncancel takes back one request to end: the code that made the request has dealt with it. It returns how many requests are
// left.
func (t *Task) Uncancel() int {
	if t.Cancelling() == 0 {
		return 0
	}
	r := t.special()
	r.cancelling--
	if r.cancelling == 0 {
		if !t.parked || t.waitsFor != nil { // another wait has been broken off and must say so
			t.mustCancel = false
		}
		t.fut.mu.Lock()
		r.told, r.done = false, nil
		t.fut.mu.Unlock()
	}
	return r.cancelling
}
