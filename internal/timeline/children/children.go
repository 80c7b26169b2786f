// Package children has the processes that a recorded run starts record themselves.
//
// The one that records makes a [Folder] and passes it on in a context. Who starts a child under that context says so by [New], gives the
// child the environment that [Child.Env] returns, and attends to it for as long as it lives, which [Child.Live] notes. The child calls
// [Begin] before anything else, does what it is for under [Main], and calls [End] before it exits. Its children record, too.
//
// Where nobody records, all this does nothing, and costs a look into the context, or at an environment variable of a child.
package children

import (
	"context"
	"os"
	"path/filepath"
	"runtime/trace"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"cookbook/internal/temp"
	"cookbook/internal/waitfor"
)

// ending is how the name of the file ends in which the trace of a child is.
const ending = ".trace"

// A Folder is where children leave their traces. It is made for the first of them. Nobody else can read it. It has to be removed.
type Folder struct {
	mu      sync.Mutex
	folder  *temp.Folder
	err     error // why there is none
	removed bool
}

// make makes the folder, if there is none, and returns its name, "" if that is not possible.
func (f *Folder) make() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.folder == nil && f.err == nil && !f.removed {
		f.folder, f.err = temp.Make("timeline")
	}
	if f.folder == nil {
		return ""
	}
	return f.folder.Path
}

// Remove removes the folder and the traces. A child that still writes does so in vain, and one that begins later does not record.
func (f *Folder) Remove() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.removed = true
	if f.folder == nil {
		return nil
	}
	var err error
	for try := range 5 { // a child may make its file between the last look and the removal
		if err = f.folder.Remove(); err == nil {
			return nil
		}
		time.Sleep(time.Duration(try) * time.Millisecond)
	}
	return err
}

// Traces returns the children that have left something, as keys, and the files of their traces. The error is that there is no folder
// although there was a child, or that it cannot be read.
func (f *Folder) Traces() (files map[string]string, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.folder == nil {
		return nil, f.err
	}
	entries, err := os.ReadDir(f.folder.Path)
	files = make(map[string]string, len(entries))
	for _, e := range entries {
		if key, ok := strings.CutSuffix(e.Name(), ending); ok {
			files[key] = filepath.Join(f.folder.Path, e.Name())
		}
	}
	return files, err
}

type folderKey struct{}

// NewContext returns a context under which children leave their traces in the folder.
func (f *Folder) NewContext(ctx context.Context) context.Context {
	return context.WithValue(ctx, folderKey{}, f)
}

// A Child is a process that is started. The zero value is one that does not record.
type Child struct{ name, key, dir string }

// started counts the children of this process that record.
var started atomic.Uint64

// New notes that a child of that name is about to be started.
func New(ctx context.Context, name string) Child {
	c := Child{name: name}
	if !trace.IsEnabled() {
		return c
	}
	if me := self.Load(); me != nil {
		c.dir = me.dir
	} else if f, ok := ctx.Value(folderKey{}).(*Folder); ok {
		c.dir = f.make()
	}
	if c.dir == "" {
		return c
	}
	c.key = strconv.Itoa(os.Getpid()) + "-" + strconv.FormatUint(started.Add(1), 10)
	trace.Log(ctx, waitfor.LogSpawn, c.key)
	return c
}

// Key is what the child is known by in the traces; "" if it does not record.
func (c Child) Key() string { return c.key }

// Env appends to the environment of a child what tells it to record.
func (c Child) Env(env []string) []string {
	if c.key == "" {
		return env
	}
	debug := "traceadvanceperiod=" + strconv.Itoa(int(flushEvery))
	if set := os.Getenv("GODEBUG"); set != "" {
		debug = set + "," + debug
	}
	return append(env, variable+"="+filepath.Join(c.dir, c.key+ending), "GODEBUG="+debug)
}

// Calls notes that the n-th call of the child is about to be sent to it, and [Child.IsCalled] that it has come there, [Child.Answers] that
// its result is about to be sent, and [Child.IsAnswered] that it has come back. Both know the child by its key: the child itself by [Self].
func (c Child) Calls(n int, function string) { c.note(waitfor.LogSend, "call", n, function) }

// IsCalled notes that a call has come: see [Child.Calls].
func (c Child) IsCalled(n int) { c.note(waitfor.LogReceive, "call", n, "") }

// Answers notes that a result is about to be sent: see [Child.Calls].
func (c Child) Answers(n int, function string) {
	if c.key != "" {
		c.note(waitfor.LogSend, "answer", n, "result of "+function)
	}
}

// IsAnswered notes that a result has come: see [Child.Calls].
func (c Child) IsAnswered(n int) { c.note(waitfor.LogReceive, "answer", n, "") }

func (c Child) note(word, kind string, n int, what string) {
	if c.key != "" && trace.IsEnabled() {
		trace.Log(context.Background(), word, c.key+"/"+kind+"/"+strconv.Itoa(n)+" "+what)
	}
}

// Live notes that the child lives, until end is called, by the same goroutine.
func (c Child) Live(ctx context.Context) (end func()) {
	life := trace.StartRegion(ctx, waitfor.ProcessRegion+c.name)
	if c.key != "" {
		trace.Log(ctx, waitfor.LogChild, c.key)
	}
	return life.End
}
