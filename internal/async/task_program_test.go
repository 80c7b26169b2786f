package async

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"
)

// A script is what a task does, one instruction after another. Cancelled, a stubborn one goes on.
type script struct {
	code     []instruction
	stubborn bool
}

type instruction struct {
	op   string
	a, b int
}

// Operations are the subjects of programs. Each is few enough for chance to bring together what belongs together.
var operations = [][]string{
	{"sleep", "sleep", "spawn", "spawn", "await", "await", "cancel", "cancel", "uncancel", "fail"},
	{"sleep", "sleep", "spawn", "cancel", "uncancel", "lock", "lock", "lock", "enter", "leave"},
	{"sleep", "spawn", "cancel", "put", "get", "put", "get", "wait", "set", "clear"},
	{"sleep", "spawn", "await", "cancel", "fail", "gather", "gather", "shield", "first", "waitfor"},
	{
		"sleep", "spawn", "await", "cancel", "uncancel", "fail", "lock", "enter", "leave", "wait", "set", "put", "get",
		"gather", "shield", "first", "waitfor",
	},
}

const (
	mostTasks     = 16
	queueCapacity = 2
)

// scripts decodes a program: up to four scripts of up to ten instructions.
func scripts(p *program) []script {
	can := operations[p.next(len(operations))]
	all := make([]script, 2+p.next(3))
	for i := range all {
		all[i].stubborn = p.next(3) == 0
		for range p.next(11) {
			all[i].code = append(all[i].code, instruction{can[p.next(len(can))], p.next(16), p.next(16)})
		}
	}
	return all
}

var errScript = errors.New("the script says so")

// taskRun is a run of scripts on a Loop.
type taskRun struct {
	*Loop
	scripts   []script
	trace     []string
	tasks     []*Future[int]
	locks     [2]Lock
	semaphore Semaphore
	event     Event
	queue     *Queue[int]
	over      bool
}

func (r *taskRun) start(number int) {
	id, s := len(r.tasks), r.scripts[number]
	r.tasks = append(r.tasks, CreateTask(r, func(t *Task) (int, error) {
		defer func() {
			for k := range r.locks {
				if r.locks[k].Owner() == t {
					r.locks[k].Release()
				}
			}
		}()
		for _, in := range s.code {
			if in.op == "fail" {
				return 0, errScript
			}
			how := r.do(t, in)
			if r.over {
				return 0, ErrCancelled
			}
			r.trace = append(r.trace, fmt.Sprintf("task %d, %s %d %d: %s at %v", id, in.op, in.a, in.b, how, r.Time()))
			if how == "cancelled" && !s.stubborn {
				return 0, ErrCancelled
			}
		}
		return id, nil
	}))
}

// said names what a call returned.
func said(err error) string {
	switch {
	case err == nil:
		return "ok"
	case errors.Is(err, ErrCancelled):
		return "cancelled"
	case errors.Is(err, errScript):
		return "failed"
	case errors.Is(err, ErrTimeout):
		return "timeout"
	case errors.Is(err, ErrNotInTask):
		return "itself"
	}
	return err.Error()
}

func (r *taskRun) do(t *Task, in instruction) string {
	one, two := r.tasks[in.a%len(r.tasks)], r.tasks[in.b%len(r.tasks)]
	lock := &r.locks[in.a%2]
	var err error
	switch in.op {
	case "sleep":
		err = t.Sleep(time.Duration(in.a % 4))
	case "spawn":
		if len(r.tasks) < mostTasks {
			r.start(in.a % len(r.scripts))
		}
	case "await":
		_, err = Await(t, one)
	case "cancel":
		return fmt.Sprint(one.Cancel())
	case "uncancel":
		return fmt.Sprint(one.Task().Uncancel())
	case "lock":
		if lock.Owner() == t {
			lock.Release()
			return "released"
		}
		if err = lock.Acquire(t); err == nil && lock.Owner() != t {
			return "got a lock that another task has"
		}
	case "enter":
		err = r.semaphore.Acquire(t)
	case "leave":
		r.semaphore.Release()
	case "wait":
		err = r.event.Wait(t)
	case "set":
		r.event.Set()
	case "clear":
		r.event.Clear()
	case "put":
		err = r.queue.Put(t, in.a)
	case "get":
		v, err := r.queue.Get(t)
		if err == nil {
			return fmt.Sprint(v)
		}
		return said(err)
	case "gather":
		_, err = Await(t, Gather(t, one, two))
	case "shield":
		_, err = Await(t, Shield(one))
	case "first":
		_, _, err = Wait(t, FirstCompleted, one, two)
		return fmt.Sprint(err != nil, one.Done(), two.Done())
	case "waitfor":
		_, err = WaitFor(t, one, time.Duration(in.b%3))
	}
	return said(err)
}

func (r *taskRun) end() []string {
	r.over = true
	for i, f := range r.tasks {
		how := ""
		if f.Done() {
			how = said(f.Exception(context.Background()))
		}
		r.trace = append(r.trace, fmt.Sprintf("task %d: done %v %s", i, f.Done(), how))
	}
	for i := range r.locks {
		owner := slices.IndexFunc(r.tasks, func(f *Future[int]) bool { return f.Task() == r.locks[i].Owner() })
		r.trace = append(r.trace, fmt.Sprintf("lock: %d", owner))
	}
	return append(r.trace, fmt.Sprint(r.semaphore.Value(), r.queue.items))
}

func compareTasks(t *testing.T, code []byte) {
	all := scripts(&program{code})
	slow := &slowRun{scripts: all, value: 1}
	real := &taskRun{Loop: NewLoop(WithPace(instant)), scripts: all, semaphore: Semaphore{value: 1}}
	var err error
	real.queue, err = NewQueue[int]("q", queueCapacity)
	ok(t, err)
	for number := range 2 {
		slow.start(number)
		real.start(number)
	}
	slow.play()
	real.CallLater(time.Second, real.Stop) // long after everything else
	ok(t, real.RunForever(context.Background()))
	same(t, code, real.end(), slow.end())
	ok(t, real.Close())
	equal(t, "tasks left", len(real.Tasks()), 0)
}

func TestTasksDoWhatTheSlowTasksDo(t *testing.T) {
	randomly(3, 5000, 160, func(code []byte) { compareTasks(t, code) })
}

func FuzzTasks(f *testing.F) {
	f.Add([]byte{1, 0, 1, 6, 3, 1, 0, 0, 0, 0, 5, 2, 0, 7, 2, 0, 11, 0, 0, 0, 2, 0, 1, 4, 11, 0, 0, 0, 3, 0, 11, 0, 0})
	f.Add([]byte{3, 1, 1, 5, 3, 1, 0, 24, 1, 2, 25, 1, 0, 27, 1, 1, 26, 1, 2, 0, 5, 14, 0, 0, 14, 0, 0, 0, 1, 0, 16, 0, 0, 10, 0, 0})
	f.Add([]byte{2, 2, 0, 4, 20, 1, 0, 20, 2, 0, 20, 3, 0, 7, 1, 0, 1, 4, 22, 0, 0, 22, 0, 0, 22, 0, 0, 9, 0, 0})
	f.Fuzz(func(t *testing.T, code []byte) { compareTasks(t, code[:min(len(code), 200)]) })
}
