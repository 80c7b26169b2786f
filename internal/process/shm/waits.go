package shm

// A process that sleeps for a Lock or an RLock notes that in its place in the table of processes, so that another one can
// report who waits for whom when a run hangs. The note is where the lock lies, with one bit for a wait that has a time-out
// of its own: objects begin at a cache line. If several goroutines of a process wait, the last one is noted.
const withTimeout = 1

// A Wait is a process that waits for a lock.
type Wait struct {
	Slot    int    // of the process that waits
	Lock    string // the name of the lock, or what it is
	Holder  int    // the slot of the process that holds it, −1 if none does at the moment
	Bounded bool   // the wait has a time-out of its own
}

// note is called before a wait sleeps.
func (w *wait) note() {
	if w.lock == 0 || w.noted {
		return
	}
	note := w.lock
	if w.d >= 0 {
		note |= withTimeout
	}
	if s, _, ok := w.a.place(int(w.a.me.Load()) - 1); ok {
		s.waits.Store(note)
		w.noted = true
	}
}

// noteEnd is called when a wait that may have slept is over.
func (w *wait) noteEnd() {
	if !w.noted {
		return
	}
	if s, _, ok := w.a.place(int(w.a.me.Load()) - 1); ok && s.waits.Load()&^withTimeout == w.lock {
		s.waits.Store(0)
	}
}

// learnName keeps the name of a lock for reports.
func (o *object) learnName() {
	if o.name != "" {
		o.space.notes.Store(o.at, o.name)
	}
}

// Waits returns the processes that wait for a [Lock] or an [RLock] at this moment, as far as it can be seen from outside.
func (s *Space) Waits() (all []Wait) {
	a := s.arena
	for i := range min(a.head.highest.Load(), maxSlots) {
		place := &a.head.slots[i]
		state, note := place.state.Load(), place.waits.Load()
		if state&3 != slotAlive || note == 0 || a.closed.Load() {
			continue
		}
		at, slot := note&^withTimeout, int(state>>2)*maxSlots+int(i)
		for _, kind := range []uint32{kindLock, kindRLock} { // both begin with their mutex
			if _, err := a.object(kind, at); err != nil {
				continue
			}
			w := Wait{Slot: slot, Lock: title("", kind), Holder: -1, Bounded: note&withTimeout != 0}
			if name, ok := s.notes.Load(at); ok {
				w.Lock = name.(string)
			}
			if owner := overlay[mutex](a, at).word.Load() & owners; holds(a, owner) {
				w.Holder = int(owner) - 1
			}
			all = append(all, w)
		}
	}
	return all
}
