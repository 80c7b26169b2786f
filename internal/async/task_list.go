package async

// taskList is the tasks that are not done, oldest first.
type taskList struct {
	first, last *Task
	made        int
}

func (s *taskList) add(t *Task) {
	s.made++
	if t.before = s.last; t.before != nil {
		t.before.after = t
	} else {
		s.first = t
	}
	s.last = t
}

func (s *taskList) remove(t *Task) {
	if t.before == nil && s.first != t {
		return // not in the list
	}
	if t.before != nil {
		t.before.after = t.after
	} else {
		s.first = t.after
	}
	if t.after != nil {
		t.after.before = t.before
	} else {
		s.last = t.before
	}
	t.before, t.after = nil, nil
}

// Tasks returns the tasks that are not done, oldest first: asyncio.all_tasks.
func (l *Loop) Tasks() []*Task {
	var all []*Task
	for t := l.tasks.first; t != nil; t = t.after {
		all = append(all, t)
	}
	return all
}

// Current returns the task that runs now, nil if none does: asyncio.current_task.
func (l *Loop) Current() *Task { return l.current.Load() }
