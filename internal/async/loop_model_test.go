package async

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// A scheduler is what a program of calls is played on: a Loop, or the slowLoop that says what a Loop does.
type scheduler interface {
	soon(f func()) canceller
	at(when time.Duration, f func()) canceller
	safe(f func())
	stop()
	time() time.Duration
	run() (panicked any)
}

type canceller interface {
	Cancel()
	Cancelled() bool
}

// slowLoop keeps everything in one list, which it sorts whenever it looks at it: what was scheduled for now, for a time, or
// by another goroutine, each with its number.
type slowLoop struct {
	now     time.Duration
	number  int
	ready   []*slowCall
	timers  []*slowCall
	mail    []*slowCall
	stopped bool
}

type slowCall struct {
	when      time.Duration
	number    int
	f         func()
	begun     bool
	cancelled bool
}

func (c *slowCall) Cancel()         { c.cancelled = c.cancelled || !c.begun }
func (c *slowCall) Cancelled() bool { return c.cancelled }

func (l *slowLoop) call(list *[]*slowCall, when time.Duration, f func()) canceller {
	l.number++
	c := &slowCall{when: when, number: l.number, f: f}
	*list = append(*list, c)
	return c
}

func (l *slowLoop) soon(f func()) canceller                   { return l.call(&l.ready, 0, f) }
func (l *slowLoop) at(when time.Duration, f func()) canceller { return l.call(&l.timers, when, f) }
func (l *slowLoop) safe(f func())                             { l.call(&l.mail, 0, f) }
func (l *slowLoop) stop()                                     { l.stopped = true }
func (l *slowLoop) time() time.Duration                       { return l.now }

func (l *slowLoop) run() (panicked any) {
	defer func() {
		panicked = recover()
		l.stopped = false
	}()
	for {
		l.ready = append(l.ready, l.mail...)
		l.mail = nil
		l.timers = slices.DeleteFunc(l.timers, (*slowCall).Cancelled)
		slices.SortFunc(l.timers, func(a, b *slowCall) int {
			if a.when != b.when {
				return int(a.when - b.when)
			}
			return a.number - b.number
		})
		for len(l.timers) > 0 && l.timers[0].when <= l.now {
			l.ready = append(l.ready, l.timers[0])
			l.timers = l.timers[1:]
		}
		if len(l.ready) == 0 && !l.stopped {
			l.now = l.timers[0].when
			continue
		}
		for range len(l.ready) {
			c := l.ready[0]
			l.ready = l.ready[1:]
			if !c.cancelled {
				c.begun = true
				c.f()
			}
		}
		if l.stopped {
			return nil
		}
	}
}

// realLoop is a paced Loop as a scheduler.
type realLoop struct{ *Loop }

func (l realLoop) soon(f func()) canceller { return l.CallSoon(f) }
func (l realLoop) at(when time.Duration, f func()) canceller {
	if later := when - l.Time(); later%2 == 0 { // both ways to say it
		return l.CallLater(later, f)
	}
	return l.CallAt(when, f)
}
func (l realLoop) safe(f func())       { l.CallSoonThreadsafe(f) }
func (l realLoop) stop()               { l.Stop() }
func (l realLoop) time() time.Duration { return l.Time() }
func (l realLoop) run() any {
	var p *PanicError
	if errors.As(l.RunForever(context.Background()), &p) {
		return p.Value
	}
	return nil
}

// A program is bytes; who plays it takes them one after another.
type program struct{ bytes []byte }

func (p *program) more() bool { return len(p.bytes) > 0 }
func (p *program) next(n int) int {
	if len(p.bytes) == 0 {
		return 0
	}
	b := p.bytes[0]
	p.bytes = p.bytes[1:]
	return int(b) % n
}

// playLoop plays the program and returns what was called, and when. Every callback plays the next part of the program, so
// what comes in another order also does something else.
func playLoop(l scheduler, p *program) (trace []string) {
	var handles []canceller
	say := func(format string, args ...any) {
		trace = append(trace, fmt.Sprintf(format, args...)+" at "+l.time().String())
	}
	calls := 0
	var part func()
	callback := func() func() {
		calls++
		id := calls
		return func() { say("call %d", id); part() }
	}
	part = func() {
		for range p.next(5) {
			switch p.next(9) {
			case 0, 1:
				handles = append(handles, l.soon(callback()))
			case 2, 3:
				handles = append(handles, l.at(l.time()+time.Duration(p.next(6)-1), callback()))
			case 4:
				handles = append(handles, l.at(time.Duration(p.next(20)), callback()))
			case 5:
				l.safe(callback())
			case 6:
				if len(handles) > 0 {
					i := p.next(len(handles))
					handles[i].Cancel()
					say("cancelled %d: %v", i, handles[i].Cancelled())
				}
			case 7:
				if p.next(4) == 0 {
					l.stop()
				}
			case 8:
				if p.next(8) == 0 {
					panic(calls)
				}
			}
		}
	}
	for p.more() {
		func() {
			defer func() { recover() }() // outside of the loop a panic is only the end of a part
			part()
		}()
		l.at(l.time()+10, l.stop)
		say("run: %v", l.run())
	}
	for i, h := range handles {
		say("%d cancelled: %v", i, h.Cancelled())
	}
	return trace
}

func compareLoops(t *testing.T, code []byte) {
	l := NewLoop(WithPace(instant))
	want := playLoop(&slowLoop{}, &program{code})
	got := playLoop(realLoop{l}, &program{code})
	ok(t, l.Close())
	same(t, code, got, want)
}

// same compares what a program did with what it should have done.
func same(t *testing.T, code []byte, got, want []string) {
	t.Helper()
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || got[i] != want[i] {
			t.Fatalf("program %v differs at %d:\ngot  %q\nwant %q", code, i, got[:min(i+1, len(got))], want[:min(i+1, len(want))])
		}
	}
}

// randomly calls f with random programs, always the same.
func randomly(seed uint64, programs, length int, f func(code []byte)) {
	r := rand.New(rand.NewPCG(seed, 5))
	for range programs {
		code := make([]byte, 1+r.IntN(length))
		for i := range code {
			code[i] = byte(r.Uint32())
		}
		f(code)
	}
}

func TestLoopDoesWhatTheSlowLoopDoes(t *testing.T) {
	randomly(1, 1500, 200, func(code []byte) { compareLoops(t, code) })
}

func FuzzLoop(f *testing.F) {
	f.Add([]byte{4, 0, 2, 3, 4, 9, 5, 3, 0, 6, 0, 6, 1, 2, 7, 0, 0})
	f.Add([]byte{3, 0, 0, 0, 1, 8, 0, 2, 5, 5, 3, 2, 0, 2, 1, 2, 5})
	f.Add([]byte{4, 4, 5, 4, 5, 4, 4, 4, 5, 2, 6, 1, 6, 2, 4, 7, 0, 0, 5, 7, 0})
	f.Fuzz(func(t *testing.T, code []byte) { compareLoops(t, code[:min(len(code), 400)]) })
}
