package pool

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"cookbook/internal/process/failure"
	"cookbook/internal/process/worker"
)

// A slot is one place for a worker. There is a process in it, or there will be when there is something to do.
type slot struct {
	p       *Pool
	number  int // from 1 on
	w       *worker.Worker
	tasks   int       // that this process has had
	task    task      // that is being served
	given   chan task // that another goroutine gives it, while it rests; nil is the end
	filling bool      // an initializer's argument may be on its way
	over    bool
}

func (p *Pool) slot(number int) {
	s := slot{p: p, number: number, given: make(chan task, 1)}
	for !s.over { // once, unless what writes an argument or reads a result panics or ends its goroutine
		var wait sync.WaitGroup
		wait.Go(s.goOn)
		wait.Wait()
	}
	s.leave()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.alive--; p.alive == 0 {
		close(p.gone)
	}
	p.finish()
}

// goOn serves tasks up to the end of the pool, or to one that does not return.
func (s *slot) goOn() {
	defer func() {
		if s.over {
			return
		}
		err := errors.New("its argument or result called runtime.Goexit when it was copied")
		if r := recover(); r != nil {
			err = fmt.Errorf("its argument or result panicked when it was copied: %v", r)
		}
		s.leave() // nobody knows how far it has come
		if s.filling {
			s.filling = false
			s.p.end(fmt.Errorf("the pool is %w: its initializer failed: %w", failure.ErrBroken, err))
		}
		if t := s.task; t != nil {
			s.task = nil
			t.fail(err)
		}
	}()
	s.fill() // what goes wrong now goes wrong again
	for s.task = s.p.next(s); s.task != nil; s.task = s.p.next(s) {
		s.serve(s.task)
	}
	s.over = true
}

// fill sees to it that there is a process, and that it has been initialized.
func (s *slot) fill() error {
	if s.w != nil && s.w.Err() != nil {
		s.leave() // it died while it had nothing to do
	}
	for try := 0; s.w == nil; try++ {
		w, err := worker.StartAs(s.p.ctx, fmt.Sprint("worker ", s.number))
		if err != nil {
			return err
		}
		s.w, s.tasks = w, 0
		if s.p.initialize == nil {
			break
		}
		s.filling = true
		err = s.p.initialize(s.p.ctx, w)
		if s.filling = false; err == nil {
			break
		}
		died := w.Err()
		s.leave()
		if s.p.ctx.Err() != nil {
			return context.Cause(s.p.ctx)
		}
		if died == nil || try == s.p.maxRetries {
			err = fmt.Errorf("the pool is %w: its initializer failed: %w", failure.ErrBroken, err)
			s.p.end(err)
			return err
		}
	}
	return nil
}

// leave ends the process, if there is one.
func (s *slot) leave() {
	if s.w != nil {
		s.w.Close()
		s.w = nil
	}
}

// serve has a task done.
func (s *slot) serve(t task) {
	if err := t.stale(); err != nil {
		t.fail(err)
		return
	}
	if err := s.fill(); err != nil {
		t.fail(err)
		return
	}
	s.do(t)
}

// ready reports whether the process in a slot that rests can do a task at once, and is kept afterwards.
func (s *slot) ready() bool { return s.w != nil && s.w.Err() == nil && s.tasks+1 != s.p.maxTasks }

// do has the process do a task.
func (s *slot) do(t task) {
	instead, died := t.run(s.w)
	s.tasks++
	switch {
	case died != nil:
		s.leave()
		if cause := s.p.ended(); cause != nil {
			t.fail(cause)
		} else if t.lost(died, 1+s.p.maxRetries) {
			s.p.first(t)
		}
	case instead != nil:
		s.p.first(instead...)
	}
	if s.tasks == s.p.maxTasks {
		s.leave()
	}
}
