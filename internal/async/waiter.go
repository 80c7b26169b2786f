package async

import "slices"

// A waiter is a function to call or a task to wake.
type waiter struct {
	f    func()
	task *Task
}

func (w waiter) empty() bool { return w.f == nil && w.task == nil }

func (c *core) addCallback(f func()) int {
	id, added := c.add(waiter{f: f})
	if !added {
		c.tell(waiter{f: f})
	}
	return id
}

// add registers a waiter unless it is done.
func (c *core) add(w waiter) (id int, added bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.rare.Load() == nil && c.first.empty() && !c.Done() {
		c.first = w
		return 1, true
	}
	r := c.special()
	r.lastID++
	switch {
	case c.Done():
		return r.lastID, false
	case c.first.empty() && len(r.more) == 0:
		c.first, r.firstID = w, r.lastID
	default:
		r.append(w)
	}
	return r.lastID, true
}

func (c *core) removeCallback(id int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.Done() {
		return false
	}
	if c.rare.Load() == nil && c.first.empty() {
		return false
	}
	r := c.special()
	if id == r.firstID && !c.first.empty() {
		c.first = waiter{}
		return true
	}
	return r.remove(id)
}

func (r *rareCore) append(w waiter) {
	r.more = append(r.more, w)
	if r.ids != nil {
		r.ids = append(r.ids, r.lastID)
	}
}

func (r *rareCore) remove(id int) bool {
	i := id - (r.lastID - len(r.more) + 1)
	if r.ids != nil {
		i, _ = slices.BinarySearch(r.ids, id)
	}
	if i < 0 || i >= len(r.more) || r.ids != nil && r.ids[i] != id || r.more[i].empty() {
		return false
	}
	r.more[i] = waiter{}
	if r.holes++; r.holes > len(r.more)/2 {
		r.fill()
	}
	return true
}

// fill closes the holes in more.
func (r *rareCore) fill() {
	ids, first := make([]int, 0, len(r.more)-r.holes), r.lastID-len(r.more)+1
	for i, w := range r.more {
		switch {
		case w.empty():
		case r.ids != nil:
			ids = append(ids, r.ids[i])
		default:
			ids = append(ids, first+i)
		}
	}
	r.more, r.holes, r.ids = slices.DeleteFunc(r.more, waiter.empty), 0, ids
	if len(ids) == 0 {
		r.ids = nil
	}
}
