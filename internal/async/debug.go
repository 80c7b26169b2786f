package async

import (
	"bytes"
	"reflect"
	"runtime"
	"strconv"
	"sync/atomic"
	"time"
)

// Slow is a callback, or one step of a task, that kept the loop from everything else for too long.
type Slow struct {
	Who  string // the task, or the function
	Took time.Duration
}

// debugging is a loop's debug mode.
type debugging struct {
	limit     time.Duration
	report    func(Slow)
	goroutine atomic.Uint64 // that runs the loop
}

// WithDebug turns on debug mode, asyncio's PYTHONASYNCIODEBUG: report is told, on the loop's goroutine, of every callback
// and step that took longer than limit (asyncio's slow_callback_duration; 0 stands for 100 ms, its default), and every use
// of the loop from another goroutine panics with ErrGoroutine. It costs a microsecond or two a call.
func WithDebug(limit time.Duration, report func(Slow)) Option {
	if limit <= 0 {
		limit = 100 * time.Millisecond
	}
	return func(l *Loop) { l.debug = &debugging{limit: limit, report: report} }
}

func (d *debugging) timed(e entry, l *Loop) {
	var who string
	if e.task != nil {
		who = e.task.Name()
	} else if e.handle.f != nil {
		who = runtime.FuncForPC(reflect.ValueOf(e.handle.f).Pointer()).Name()
	}
	begun := time.Now()
	l.do(e)
	if took := time.Since(begun); took > d.limit {
		d.report(Slow{who, took})
	}
}

// foreign reports whether the loop runs and this goroutine is not the one it runs on just now.
func (d *debugging) foreign(l *Loop) bool {
	if !l.running.Load() {
		return false
	}
	want := d.goroutine.Load()
	if t := l.current.Load(); t != nil {
		want = t.goroutine() // every task has a goroutine of its own, of which one runs at a time
	}
	return GoroutineID() != want
}

// GoroutineID returns the number of the calling goroutine, from the only place where Go shows it. It takes a microsecond. It is
// for checks that turn a wait of a goroutine for itself into an error.
func GoroutineID() uint64 {
	var buf [64]byte
	line := buf[:runtime.Stack(buf[:], false)]
	line = bytes.TrimPrefix(line, []byte("goroutine "))
	number, _, _ := bytes.Cut(line, []byte(" "))
	id, _ := strconv.ParseUint(string(number), 10, 64)
	return id
}
