package spec

import (
	"context"
	"iter"
	"slices"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A toy is a primitive that is wrong. Its state is guarded by a mutex; a thread that waits waits for a channel.
type toy struct {
	env     *Env
	mu      sync.Mutex
	waiting []chan struct{}
	value   int
	items   string
}

// sleep waits to be woken; false: the wait was given up.
func (x *toy) sleep(thread int) bool {
	wake := make(chan struct{})
	x.waiting = append(x.waiting, wake)
	x.mu.Unlock()
	defer x.mu.Lock()
	select {
	case <-wake:
		return true
	case <-x.env.Context(thread).Done():
		return false
	}
}

// wake wakes the one that has waited longest.
func (x *toy) wake() {
	if len(x.waiting) > 0 {
		close(x.waiting[0])
		x.waiting = x.waiting[1:]
	}
}

// looksAndSleeps is a semaphore of which Acquire looks at the value, and sleeps, but not at one go: a Release in between wakes nobody.
func (x *toy) looksAndSleeps(c Call) string {
	x.mu.Lock()
	defer x.mu.Unlock()
	if c.Op == Release {
		x.value++
		x.wake()
		return OK
	}
	for x.value == 0 {
		x.mu.Unlock()
		x.env.Pause(c.Thread)
		x.mu.Lock()
		if !x.sleep(c.Thread) {
			return "over"
		}
	}
	x.value--
	return OK
}

// wakesOne is a semaphore that wakes one thread when the value is no longer 0, however much is released.
func (x *toy) wakesOne(c Call) string {
	x.mu.Lock()
	defer x.mu.Unlock()
	if c.Op == Release || c.Op == ReleaseTwo {
		if x.value == 0 {
			x.wake()
		}
		x.value += map[string]int{Release: 1, ReleaseTwo: 2}[c.Op]
		return OK
	}
	for x.value == 0 {
		if !x.sleep(c.Thread) {
			return "over"
		}
	}
	x.value--
	return OK
}

// looksAndTakes is a queue of which Get looks whether there is an item, and takes it, but not at one go.
func (x *toy) looksAndTakes(c Call) string {
	x.mu.Lock()
	defer x.mu.Unlock()
	if c.Op == Put {
		x.items += c.Name()
		x.wake()
		return OK
	}
	for x.items == "" {
		if !x.sleep(c.Thread) {
			return "over"
		}
	}
	x.mu.Unlock()
	x.env.Pause(c.Thread)
	x.mu.Lock()
	if x.items == "" {
		return "nothing"
	}
	item := x.items[:1]
	x.items = x.items[1:]
	return item
}

// lateWait is a condition of which Wait releases the lock before it stands in line.
func (x *toy) lateWait(c Call) string {
	x.mu.Lock()
	defer x.mu.Unlock()
	acquire := func() string {
		for x.value != 0 {
			x.mu.Unlock()
			x.env.Pause(c.Thread)
			x.mu.Lock()
			if x.env.isOver() {
				return "over"
			}
		}
		x.value = c.Thread + 1
		return OK
	}
	switch c.Op {
	case Acquire:
		return acquire()
	case Release:
		x.value = 0
	case Notify:
		x.wake()
	case Wait:
		x.value = 0
		x.mu.Unlock()
		x.env.Pause(c.Thread)
		x.mu.Lock()
		if !x.sleep(c.Thread) {
			return "over"
		}
		return acquire()
	}
	return OK
}

// barges is a lock that is set free by its release, so that a thread that comes later may have it before one that was woken.
func (x *toy) barges(c Call) string {
	x.mu.Lock()
	defer x.mu.Unlock()
	switch c.Op {
	case Release:
		if x.value == 0 {
			return NotLocked
		}
		x.value = 0
		x.wake()
		return OK
	case Try:
		free := x.value == 0
		if free {
			x.value = 1
		}
		return YesOrNo(free)
	}
	for x.value == 1 {
		if !x.sleep(c.Thread) {
			return "over"
		}
		x.mu.Unlock()
		x.env.Pause(c.Thread)
		x.mu.Lock()
	}
	x.value = 1
	return OK
}

// A search looks for the shortest program.
type search func(context.Context, Size) *Violation

func toyOf[S comparable](s Spec[S], do func(*toy, Call) string, ops ...string) search {
	p := &Primitive[S]{Name: "toy", Ops: ops, Spec: s, New: func(env *Env) (func(Call) string, func(int)) {
		x := &toy{env: env}
		return func(c Call) string { return do(x, c) }, nil
	}}
	return p.Shortest
}

func TestWrongPrimitivesAreFoundByTheShortestProgram(t *testing.T) {
	for _, test := range []struct {
		name string
		find search
		want string
	}{
		{"a semaphore that loses a wake-up", toyOf(Semaphore(0, 0), (*toy).looksAndSleeps, Acquire, Release), `
  thread 1: acquire
  thread 2: release
in this order:
  thread 1: acquire … waits for ever
  thread 2: release → ok
`},
		{"a semaphore that wakes one", toyOf(Semaphore(0, 0), (*toy).wakesOne, Acquire, Release, ReleaseTwo), `
  thread 1: acquire
  thread 2: acquire
  thread 3: release two
in this order:
  thread 1: acquire …
  thread 2: acquire … waits for ever
  thread 3: release two → ok
  thread 1: acquire → ok
`},
		{"a queue that looks and takes", toyOf(Queue(FIFO, 0), (*toy).looksAndTakes, Put, Get), `
  thread 1: get
  thread 2: put, get
in this order:
  thread 1: get …
  thread 2: put → ok
  thread 2: get → b
  thread 1: get → nothing
`},
		{"a condition that loses a notification", toyOf(Condition(), (*toy).lateWait, "acquire; wait; release", "acquire; notify; release"), `
  thread 1: acquire; wait; release
  thread 2: acquire; notify; release
in this order:
  thread 1: acquire → ok
  thread 1: wait … waits for ever
  thread 2: acquire → ok
  thread 2: notify → ok
  thread 2: release → ok
`},
		{"a lock that lets others in first", toyOf(Lock(false), (*toy).barges, Acquire, Release, Try), `
  thread 1: acquire, acquire
  thread 2: release, acquire
in this order:
  thread 1: acquire → ok
  thread 1: acquire … waits for ever
  thread 2: release → ok
  thread 2: acquire → ok
`},
	} {
		t.Run(test.name, func(t *testing.T) {
			v := test.find(t.Context(), Size{3, 2, all})
			if v == nil {
				t.Fatal("it passes")
			}
			if got := "\n" + v.Program.String() + "in this order:\n" + v.History; got != test.want {
				t.Errorf("got%s\nwant%s", got, test.want)
			}
		})
	}
}

func TestProgramsThatDifferInTheOrderOfTheirThreadsAreOne(t *testing.T) {
	for _, test := range []struct {
		size    Size
		want    int // n lists make n(n+1)/2 pairs and n(n+1)(n+2)/6 triples
		smaller int
	}{
		{Size{1, 1, 2}, 2, 2},
		{Size{2, 1, 2}, 3, 5},
		{Size{2, 2, 2}, 10, 6 + 21},
		{Size{3, 2, 3}, 165, 12 + 78 + 364},
	} {
		for name, made := range map[string]struct {
			programs iter.Seq[Program]
			want     int
		}{
			"programs": {test.size.programs([]string{"a", "b", "c"}), test.want}, "smaller": {test.size.smaller([]string{"a", "b", "c"}), test.smaller},
		} {
			seen, length := map[string]bool{}, 0
			for p := range made.programs {
				if now := len(slices.Concat(p...)); now < length {
					t.Errorf("%s of %v: one of %d operations after one of %d", name, test.size, now, length)
				} else {
					length = now
				}
				slices.SortFunc(p, slices.Compare)
				seen[p.String()] = true
			}
			if len(seen) != made.want {
				t.Errorf("%s of %v: %d, want %d", name, test.size, len(seen), made.want)
			}
		}
	}
}
