package children

import (
	"context"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/trace"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"cookbook/internal/waitfor"
)

// variable is where a child finds the name of the file for its trace, if it is to record.
const variable = "COOKBOOK_TRACE"

// flushEvery is how often a child writes what it has noted. A child that is killed leaves what it wrote before.
const flushEvery = 10 * time.Millisecond

// limit is how much a child records, in bytes.
const limit = 8 << 20

// A recorder is this process as a child that records.
type recorder struct {
	dir, key string
	file     *os.File
	size     int
	full     sync.Once
	stop     func()
}

var self atomic.Pointer[recorder]

// Begin has this process, a child, record if it was told to.
func Begin() {
	path := os.Getenv(variable)
	if path == "" {
		return
	}
	os.Unsetenv(variable) // the programs that this one starts are no children of that kind
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return // nobody waits for it any longer
	}
	r := &recorder{dir: filepath.Dir(path), key: strings.TrimSuffix(filepath.Base(path), ending), file: file}
	r.stop = sync.OnceFunc(func() {
		trace.Log(context.Background(), waitfor.LogEnd, r.key)
		trace.Stop()
	})
	if trace.Start(r) != nil {
		file.Close()
		return
	}
	self.Store(r)
	terminated := make(chan os.Signal, 1)
	signal.Notify(terminated, syscall.SIGTERM)
	go func() {
		<-terminated
		r.stop()
		signal.Stop(terminated) // what else waits for it has got it as well; if nothing does, this process ends now
		if me, err := os.FindProcess(os.Getpid()); err == nil {
			me.Signal(syscall.SIGTERM)
		}
	}()
}

// Write writes to the file. What comes behind the limit is written, too: a trace can be read only if it is complete.
func (r *recorder) Write(p []byte) (int, error) {
	if r.size += len(p); r.size > limit {
		r.full.Do(func() { go r.stop() }) // not here, since trace.Stop waits for this write
	}
	return r.file.Write(p)
}

// End ends the trace of this process, if it records. It has to be called before the process exits.
func End() {
	if r := self.Load(); r != nil {
		r.stop()
		r.file.Close()
	}
}

// Self is this process as a child; the zero value if it does not record.
func Self() Child {
	if r := self.Load(); r != nil {
		return Child{key: r.key}
	}
	return Child{}
}

// Main has the goroutine be known as the one that does what this process is for, until end is called.
func Main(ctx context.Context) (under context.Context, end func()) {
	if self.Load() == nil {
		return ctx, func() {}
	}
	ctx, task := trace.NewTask(ctx, waitfor.ProcessTask)
	return ctx, task.End
}
