package threading

import (
	"context"
	"fmt"
	"runtime/debug"
	"runtime/trace"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"cookbook/internal/turn"
	"cookbook/internal/waitfor"
)

// A Thread is a goroutine with a name, an identity and an end to wait for. It is also a context.Context: the body passes its
// Thread to every function that waits or has to know who calls.
//
// Python: threading.Thread.
type Thread struct {
	context.Context // the parent; with a trace task in it if a trace is being taken

	name   string // "" stands for Thread-number
	number int
	serial int // counts the threads of the group as they start
	group  *group
	body   func(t *Thread) error
	done   <-chan struct{} // of the parent
	self   waiter
	task   *trace.Task

	prev, next *Thread // alive ones of the group; guarded by the group's mutex

	phase   atomic.Int32
	mu      sync.Mutex
	err     error // constant once it has ended
	joiners line
	locals  map[any]any
}

const (
	fresh int32 = iota
	alive
	ended
)

type threadKey struct{}

// An Option changes a thread that is being made.
type Option func(*Thread)

// WithName names the thread; without it, it is Thread-N.
func WithName(name string) Option { return func(t *Thread) { t.name = name } }

// Main makes the calling goroutine the thread MainThread of a new group, whose names begin again at Thread-1. If ctx has a
// waitfor.Board, the group's waits appear there. A main thread never ends, so a Join of it ends only with its own context.
//
// Python: threading.main_thread.
func Main(ctx context.Context) *Thread {
	t := &Thread{Context: ctx, done: ctx.Done(), name: "MainThread", group: &group{board: waitfor.FromContext(ctx)}}
	t.phase.Store(alive)
	t.group.add(t)
	return t
}

// NewThread makes a thread that will run body once it is started; ctx, as a
// rule the *Thread of the caller, is its parent context and says its group. A
// ctx without a thread begins a fresh group. Unnamed threads are numbered in
// the order in which they are made.
//
// Start and Join together cost 600 ns, a bare goroutine with a WaitGroup 350
// (measured on a 2-core machine, as all figures here).
//
// Python: threading.Thread(target=body, name=…).
func NewThread(ctx context.Context, body func(t *Thread) error, opts ...Option) *Thread {
	t := &Thread{Context: ctx, done: ctx.Done(), body: body}
	for _, o := range opts {
		o(t)
	}
	if parent := Current(ctx); parent != nil {
		t.group = parent.group
	} else {
		t.group = &group{board: waitfor.FromContext(ctx)}
	}
	t.group.fresh.Add(1)
	if t.name == "" {
		t.number = int(t.group.unnamed.Add(1))
	}
	if trace.IsEnabled() {
		t.Context, t.task = trace.NewTask(ctx, t.Name())
	}
	return t
}

// Current returns the thread of ctx, nil if it has none. It costs 0.5 ns if ctx
// is the *Thread itself, some 5 ns more for each context derived from it.
//
// Python: threading.current_thread, which finds the thread without being told. Go hides the identity of goroutines on
// purpose, so here it is part of the context.
func Current(ctx context.Context) *Thread {
	if t, ok := ctx.(*Thread); ok {
		return t
	}
	return find(ctx)
}

// find is a function of its own, and is not inlined, so that Current can be.
//
//go:noinline
func find(ctx context.Context) *Thread {
	t, _ := ctx.Value(threadKey{}).(*Thread)
	return t
}

// Enumerate returns the threads of ctx's group that are alive, in the order in
// which they were started; nil if ctx has no thread.
//
// Python: threading.enumerate.
func Enumerate(ctx context.Context) []*Thread {
	t := Current(ctx)
	if t == nil {
		return nil
	}
	return t.group.alive()
}

// Value lets Current find the thread in any context derived from it.
func (t *Thread) Value(key any) any {
	if key == (threadKey{}) {
		return t
	}
	return t.Context.Value(key)
}

// Done ends with the parent context; the end of the thread is what Join waits for.
func (t *Thread) Done() <-chan struct{} { return t.done }

// Name returns the thread's name.
func (t *Thread) Name() string {
	if t.name == "" {
		return "Thread-" + strconv.Itoa(t.number)
	}
	return t.name
}

// String returns the thread's name.
func (t *Thread) String() string { return t.Name() }

// IsAlive reports whether the thread was started and has not ended.
func (t *Thread) IsAlive() bool {
	return t.phase.Load() == alive
}

// Start runs the body in a goroutine of its own. A second call returns ErrStarted. It does not block.
func (t *Thread) Start() error {
	if !t.phase.CompareAndSwap(fresh, alive) {
		return failed("start", t.Name(), ErrStarted)
	}
	t.group.add(t)
	t.group.fresh.Add(-1)
	go t.run()
	return nil
}

// run ends the thread however its body ends: by returning, by a panic, or by
// runtime.Goexit, which unwinds without a panic value.
func (t *Thread) run() {
	var err error
	returned := false
	defer func() {
		if !returned {
			if v := recover(); v != nil {
				err = &PanicError{Thread: t.Name(), Value: v, Stack: debug.Stack()}
			} else {
				err = failed("run", t.Name(), ErrGoexit)
			}
		}
		t.end(err)
	}()
	turn.Begin(t.Context, t.Name())
	err = t.body(t)
	returned = true
}

func (t *Thread) end(err error) {
	if t.task != nil {
		t.task.End()
	}
	t.group.remove(t)
	t.mu.Lock()
	t.err = err
	t.phase.Store(ended)
	t.locals = nil
	t.joiners.grantAll()
	t.mu.Unlock()
}

// Join blocks until the thread has ended and returns the body's error. The error of a panic in the body is a *PanicError,
// that of a runtime.Goexit ErrGoexit. Neither ends the program. Any number of threads may join, any number of times.
//
// The error is ErrNotStarted if the thread was not started, and ErrJoinSelf if ctx is the thread's own. If ctx ends first
// the error wraps its cause, and the thread may still run. Run waits for the end in any case.
//
// Python: Thread.join, which does not tell how the thread ended.
func (t *Thread) Join(ctx context.Context) error { return t.join(ctx, forever) }

// JoinTimeout is Join with a time-out: the error is ErrTimeout if the thread has not ended after d. With d ≤ 0 it only looks.
//
// Python: Thread.join(d), after which a program has to ask is_alive. A negative d only looks there as well.
func (t *Thread) JoinTimeout(ctx context.Context, d time.Duration) error {
	return t.join(ctx, max(d, 0))
}

func (t *Thread) join(ctx context.Context, d time.Duration) error {
	self := Current(ctx)
	if self == t {
		return failed("join", t.Name(), ErrJoinSelf)
	}
	if t.phase.Load() == fresh {
		return failed("join", t.Name(), ErrNotStarted)
	}
	if err := t.awaitEnd(ctx, self, d); err != nil {
		return failed("join", t.Name(), err)
	}
	return t.err
}

func (t *Thread) awaitEnd(ctx context.Context, self *Thread, d time.Duration) error {
	w, err := t.enterJoin(ctx, self, d)
	if w == nil {
		return err
	}
	return w.wait(ctx, &t.mu, &t.joiners, d)
}

// enterJoin puts the thread self in line; the waiter is nil if t has ended or the wait cannot begin.
func (t *Thread) enterJoin(ctx context.Context, self *Thread, d time.Duration) (*waiter, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.phase.Load() == ended {
		return nil, nil
	}
	return t.joiners.enter(ctx, self, d, t)
}

func (t *Thread) open() bool { return false }

func (t *Thread) internal() *sync.Mutex { return &t.mu }

func (t *Thread) describe(*line) (string, []*Thread) { return t.Name(), []*Thread{t} }

func (t *Thread) serialNumber() int {
	if t == nil {
		return 0
	}
	return t.serial
}

// A PanicError is what Join returns for a thread whose body panicked.
type PanicError struct {
	Thread string // its name
	Value  any    // what it panicked with
	Stack  []byte // where, as by debug.Stack
}

// Error returns one line, without the stack.
func (e *PanicError) Error() string { return fmt.Sprintf("%s panicked: %v", e.Thread, e.Value) }

// Unwrap returns the value if the thread panicked with an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}
