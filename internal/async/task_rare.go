package async

// special returns what few tasks need and makes it if it is not there.
func (t *Task) special() *rareTask {
	if r := t.rare.Load(); r != nil {
		return r
	}
	t.fut.mu.Lock()
	defer t.fut.mu.Unlock()
	return t.specialLocked()
}

// specialLocked is special with fut.mu held: a task is a context, of which any goroutine may ask for the Done channel.
func (t *Task) specialLocked() *rareTask {
	r := t.rare.Load()
	if r == nil {
		r = new(rareTask)
		r.timer.loop, r.timer.task = t.fut.loop, t
		t.rare.Store(r)
	}
	return r
}

// name returns the name that it was given, "" if none.
func (t *Task) name() string {
	if r := t.rare.Load(); r != nil {
		return r.name
	}
	return ""
}

func (t *Task) group() *TaskGroup {
	if r := t.rare.Load(); r != nil {
		return r.group
	}
	return nil
}

func (t *Task) line() *line {
	if r := t.rare.Load(); r != nil {
		return r.line
	}
	return nil
}

func (t *Task) trace() *tracing {
	if r := t.rare.Load(); r != nil {
		return r.trace
	}
	return nil
}

func (t *Task) goroutine() uint64 {
	if r := t.rare.Load(); r != nil {
		return r.goroutine.Load()
	}
	return 0
}

// unschedule ends its sleep.
func (t *Task) unschedule() {
	if r := t.rare.Load(); r != nil {
		r.timer.unschedule()
	}
}
