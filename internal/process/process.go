package process

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/trace"
	"sync"
	"sync/atomic"
	"time"

	"cookbook/internal/process/worker"
	"cookbook/internal/turn"
	"cookbook/internal/waitfor"
	"cookbook/internal/wire"
)

// What can go wrong with a process. What is returned wraps one of these with what was tried on what, as in "start
// Process-1: already started".
var (
	ErrStarted    = errors.New("already started; a process runs once, make a new one")
	ErrNotStarted = errors.New("not started; call Start first")
	ErrAlive      = errors.New("still running; join it or end it first")
	ErrDaemon     = errors.New("a daemon may not start processes: they would be without a parent when it is ended")
	ErrJoinSelf   = errors.New("a process cannot wait for its own end")
	ErrNoResult   = errors.New("it ended without a result")
)

// A Process is a function that runs in a process of its own, with a name and an end one can wait for. Its methods may be
// called from any goroutine.
//
// Python: multiprocessing.Process.
type Process struct {
	group    *Group
	name, id string
	daemon   bool

	function string // the name under which it is registered
	unknown  error  // why there is none
	put      func(to []byte) ([]byte, error)

	joiners atomic.Int32 // goroutines that wait in Join

	mu      sync.Mutex
	process *os.Process   // nil before the start
	done    chan struct{} // nil before the start, closed when the process is gone

	sent   int    // the last signal from here
	slot   int    // in the memory of the group
	result []byte // as wire.Read takes it; nil if there is none

	// Set before done is closed.
	code int
	err  error
}

// An Option is an option of [New].
type Option func(*Process)

// WithName names the process; without it, it is Process-N, where N counts the processes that its parent has made. The first
// child of Process-2 is Process-2:1.
func WithName(name string) Option { return func(p *Process) { p.name = name } }

// WithDaemon makes the process a daemon: it is ended when the function that started it has returned, and [Group.Join] ends
// it instead of waiting. It may not start processes. It has nothing to do with the daemons of Unix.
//
// Python: daemon=True.
func WithDaemon() Option { return func(p *Process) { p.daemon = true } }

// New makes a process that will call f with arg once it is started. f has to be registered, see [Register]: if it is not,
// Start returns an error that wraps [ErrNotRegistered].
//
// Python: multiprocessing.Process(target=f, args=(arg,), name=…, daemon=…).
func New[A, R any](g *Group, f func(context.Context, A) (R, error), arg A, opts ...Option) *Process {
	if g == nil {
		panic("process.New: a process needs a group; NewGroup makes one, and in a process there is CurrentGroup(ctx)")
	}
	p := &Process{group: g, id: g.identify()}
	p.function, p.unknown = worker.Name(f)
	p.put = func(to []byte) ([]byte, error) { return wire.Append(to, &arg) }
	for _, opt := range opts {
		opt(p)
	}
	if p.name == "" {
		p.name = "Process-" + p.id
	}
	return p
}

// Name returns the name.
func (p *Process) Name() string { return p.name }

// Daemon reports whether the process is a daemon.
func (p *Process) Daemon() bool { return p.daemon }

// Pid returns the number of the process, 0 before the start.
func (p *Process) Pid() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.process != nil:
		return p.process.Pid
	case p.isMe():
		return os.Getpid()
	}
	return 0
}

// Start starts the process and returns when it is there; its function has perhaps not begun. The argument is copied now. If
// there is an error, there is no process, and Start may be called again; the second time after a success it is [ErrStarted].
func (p *Process) Start() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	err := ErrStarted
	if p.done == nil {
		err = p.start()
	}
	if err != nil {
		return fmt.Errorf("start %s: %w", p.name, err)
	}
	return nil
}

// state returns the channel that is closed when the process has ended, and whether it is; nil before the start.
func (p *Process) state() (done <-chan struct{}, ended bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.done:
		return p.done, true
	default:
		return p.done, false
	}
}

// Join waits until the process has ended, in whatever way: [Process.ExitCode] and [Process.Err] tell. All its lines are in the
// log then. The error is the cause of ctx if that ends first, [ErrNotStarted], or [ErrJoinSelf] for the process that asks.
// Any number of goroutines may wait, any number of times.
func (p *Process) Join(ctx context.Context) error {
	done, ended := p.state()
	var err error
	switch {
	case p.isMe():
		err = ErrJoinSelf
	case done == nil:
		err = ErrNotStarted
	case ended:
		return nil
	default:
		p.joiners.Add(1)
		defer p.joiners.Add(-1)
		defer trace.StartRegion(ctx, waitfor.WaitRegion+p.name).End()
		select {
		case <-done:
			return nil
		case <-ctx.Done():
			err = context.Cause(ctx)
		}
	}
	return fmt.Errorf("join %s: %w", p.name, err)
}

// JoinTimeout is Join, but [ErrTimeout] if the process has not ended after d.
func (p *Process) JoinTimeout(ctx context.Context, d time.Duration) error {
	ctx, cancel := context.WithTimeoutCause(ctx, d, ErrTimeout)
	defer cancel()
	return p.Join(ctx)
}

// isMe reports whether the process is the one that asks.
func (p *Process) isMe() bool { return p == p.group.me }

// IsAlive reports whether the process was started and has not ended. What it says may be past when it is read, unless the
// process was joined.
func (p *Process) IsAlive() bool {
	done, ended := p.state()
	return done != nil && !ended
}

// ExitCode returns how the process ended, if it has: 0 if its function returned a result, 1 if an error or if it panicked, n
// if it called os.Exit(n), and −n if signal n ended it, so −15 after Terminate and −9 after Kill.
func (p *Process) ExitCode() (code int, ended bool) {
	if _, ended := p.state(); !ended {
		return 0, false
	}
	return p.code, true
}

// Err returns nil if the process has not ended or has ended well. Otherwise it says why not: a *[RemoteError] if its
// function returned an error or panicked, or an error that wraps [ErrDied] and says how.
func (p *Process) Err() error {
	if _, ended := p.state(); !ended {
		return nil
	}
	return p.err
}

// Result returns what the function of a process returned; R has to be its type. If the process has not ended, the error wraps
// [ErrAlive] or [ErrNotStarted]; if it did not end well, it is the process's Err. One that called os.Exit(0) is [ErrNoResult].
//
// Python's processes have no results; a Pool's calls do.
func Result[R any](p *Process) (R, error) {
	var r R
	done, ended := p.state()
	p.mu.Lock()
	result := p.result
	p.mu.Unlock()
	var err error
	switch {
	case done == nil:
		err = ErrNotStarted
	case !ended:
		err = ErrAlive
	case p.err != nil:
		return r, p.err
	case result == nil:
		err = ErrNoResult
	default:
		err = wire.Read(result, &r)
	}
	if err != nil {
		return r, fmt.Errorf("read the result of %s: %w", p.name, err)
	}
	return r, nil
}

// Terminate asks the process to end, by SIGTERM: unless it has arranged for something else, it is gone a moment later. Nothing
// in it is cleaned up; its children end with it. A process that has ended is left alone.
func (p *Process) Terminate() error {
	turn.Yield(p.group.ctx)
	return p.terminate()
}

func (p *Process) terminate() error { return p.signal("terminate", sigterm, terminate) }

// Kill ends the process by SIGKILL, which it cannot refuse.
func (p *Process) Kill() error {
	turn.Yield(p.group.ctx)
	return p.kill()
}

func (p *Process) kill() error { return p.signal("kill", sigkill, (*os.Process).Kill) }

// The signals, as exit codes tell them.
const (
	sigterm = 15
	sigkill = 9
)

func (p *Process) signal(verb string, number int, send func(*os.Process) error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.process == nil && p.isMe() {
		p.process, _ = os.FindProcess(os.Getpid()) // not before it is needed: the first one in a process costs a clone
	}
	err := ErrNotStarted
	if p.process != nil {
		err = send(p.process)
	}
	switch {
	case err == nil:
		p.sent = number
		return nil
	case errors.Is(err, os.ErrProcessDone):
		return nil
	}
	return fmt.Errorf("%s %s: %w", verb, p.name, err)
}

// Close lets go of what is kept of the process, its result. While it runs, the error wraps [ErrAlive].
func (p *Process) Close() error {
	done, ended := p.state()
	if done != nil && !ended {
		return fmt.Errorf("close %s: %w", p.name, ErrAlive)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.result = nil
	return nil
}

// String returns the name and the state, as in "Process-1 (initial)", "Process-1 (pid 4711, started)", "Process-1 (pid 4711,
// ended by SIGTERM)", "Process-1 (pid 4711, exit code 3, daemon)".
func (p *Process) String() string {
	text := p.name + " ("
	done, ended := p.state()
	switch {
	case done == nil:
		text += "initial"
	case !ended:
		text += fmt.Sprintf("pid %d, started", p.Pid())
	case p.code < 0:
		text += fmt.Sprintf("pid %d, ended by %s", p.Pid(), signalName(-p.code))
	default:
		text += fmt.Sprintf("pid %d, exit code %d", p.Pid(), p.code)
	}
	if p.daemon {
		text += ", daemon"
	}
	return text + ")"
}
