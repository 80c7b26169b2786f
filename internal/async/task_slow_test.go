package async

import (
	"fmt"
	"slices"
	"time"
)

// slowRun is a run of scripts on slowTasks: what their instructions mean.
type slowRun struct {
	slowTasks
	scripts          []script
	trace            []string
	locks            [2]slowLine
	owners           [2]*slowTask
	entrants         slowLine
	value            int
	up               bool
	flag             slowLine
	items            []int
	getters, putters slowLine
}

func (r *slowRun) start(number int) {
	t := r.spawn()
	id := len(r.tasks) - 1
	t.run = func() { r.next(t, id, r.scripts[number], 0) }
}

// next plays the script from that instruction on.
func (r *slowRun) next(t *slowTask, id int, s script, at int) {
	end := func(how string) {
		for k := range r.owners {
			if r.owners[k] == t {
				r.owners[k] = r.locks[k].give()
			}
		}
		if how == "ok" && t.must { // asked in its last step
			how = "cancelled"
		}
		r.settle(&t.slowResult, how)
	}
	if at == len(s.code) {
		end("ok")
		return
	}
	in := s.code[at]
	if in.op == "fail" {
		end("failed")
		return
	}
	r.do(t, in, func(how string) {
		r.trace = append(r.trace, fmt.Sprintf("task %d, %s %d %d: %s at %v", id, in.op, in.a, in.b, how, r.now))
		if how == "cancelled" && !s.stubborn {
			end("cancelled")
			return
		}
		r.next(t, id, s, at+1)
	})
}

func outcome(cancelled bool) string {
	if cancelled {
		return "cancelled"
	}
	return "ok"
}

// do carries one instruction out and calls then with what came of it.
func (r *slowRun) do(t *slowTask, in instruction, then func(how string)) {
	simply := func(cancelled bool) { then(outcome(cancelled)) }
	var (
		one, two = r.tasks[in.a%len(r.tasks)], r.tasks[in.b%len(r.tasks)]
		k        = in.a % 2
		never    bool
	)
	result := func(f *slowResult) func(bool) {
		return func(cancelled bool) {
			if cancelled {
				then("cancelled")
			} else {
				then(f.how)
			}
		}
	}
	switch in.op {
	case "sleep":
		t.sleep(time.Duration(in.a%4), simply)
	case "spawn":
		if len(r.tasks) < mostTasks {
			r.start(in.a % len(r.scripts))
		}
		then("ok")
	case "await":
		if one == t {
			then("itself")
			return
		}
		t.await(&one.slowResult, &never, result(&one.slowResult))
	case "cancel":
		then(fmt.Sprint(r.cancel(&one.slowResult)))
	case "uncancel":
		if one.cancelling > 0 {
			if one.cancelling--; one.cancelling == 0 && (one.then == nil || one.waitsFor != nil) {
				one.must = false
			}
		}
		then(fmt.Sprint(one.cancelling))
	case "lock":
		switch {
		case r.owners[k] == t:
			r.owners[k] = r.locks[k].give()
			then("released")
		case r.owners[k] == nil:
			r.owners[k] = t
			then("ok")
		default:
			t.stand(&r.locks[k], func(given, cancelled bool) {
				if given && cancelled {
					r.owners[k] = r.locks[k].give()
				}
				simply(cancelled)
			})
		}
	case "enter":
		if r.value > 0 {
			r.value--
			then("ok")
			return
		}
		t.stand(&r.entrants, func(given, cancelled bool) {
			if given && cancelled {
				r.leave()
			}
			simply(cancelled)
		})
	case "leave":
		r.leave()
		then("ok")
	case "wait":
		if r.up {
			then("ok")
			return
		}
		t.stand(&r.flag, func(_, cancelled bool) { simply(cancelled) })
	case "set":
		r.up = true
		for r.flag.give() != nil {
		}
		then("ok")
	case "clear":
		r.up = false
		then("ok")
	case "put":
		r.put(t, in.a, simply)
	case "get":
		r.get(t, then)
	default:
		r.combine(t, in.op, one, two, time.Duration(in.b%3), then, result)
	}
}

func (r *slowRun) leave() {
	if r.entrants.give() == nil {
		r.value++
	}
}

func (r *slowRun) free() int { return len(r.items) - len(r.getters.given) }
func (r *slowRun) room() int { return queueCapacity - len(r.items) - len(r.putters.given) }

func (r *slowRun) put(t *slowTask, v int, then func(cancelled bool)) {
	put := func() {
		r.items = append(r.items, v)
		r.getters.give()
		then(false)
	}
	if r.room() > 0 {
		put()
		return
	}
	t.stand(&r.putters, func(given, cancelled bool) {
		switch {
		case !cancelled:
			put()
			return
		case given:
			r.putters.give()
		}
		then(true)
	})
}

func (r *slowRun) get(t *slowTask, then func(how string)) {
	get := func() {
		v := r.items[0]
		r.items = r.items[1:]
		r.putters.give()
		then(fmt.Sprint(v))
	}
	if r.free() > 0 {
		get()
		return
	}
	t.stand(&r.getters, func(given, cancelled bool) {
		switch {
		case !cancelled:
			get()
			return
		case given:
			r.getters.give()
		}
		then("cancelled")
	})
}

// combine is Gather, Shield, Wait and WaitFor.
func (r *slowRun) combine(t *slowTask, op string, one, two *slowTask, d time.Duration, then func(string), result func(*slowResult) func(bool)) {
	never, outer := false, &slowResult{}
	switch op {
	case "gather":
		outer.parts = []*slowResult{&one.slowResult, &two.slowResult}
		left := 2
		for _, p := range outer.parts {
			r.onDone(p, func() {
				left--
				switch {
				case p.how != "ok":
					r.settle(outer, p.how)
				case left == 0 && outer.asked: // and they refused
					r.settle(outer, "cancelled")
				case left == 0:
					r.settle(outer, "ok")
				}
			})
		}
		t.await(outer, &never, result(outer))
	case "shield":
		if one.done {
			then(one.how)
			return
		}
		r.onDone(&one.slowResult, func() { r.settle(outer, one.how) })
		t.await(outer, &never, result(outer))
	case "first":
		enough := func() { r.settle(outer, "ok") }
		forget1, forget2 := r.onDone(&one.slowResult, enough), r.onDone(&two.slowResult, enough)
		t.await(outer, &never, func(cancelled bool) {
			forget1()
			forget2()
			// Wait says how the wait ended, a cancelled future included, and which are done.
			then(fmt.Sprint(cancelled || outer.how == "cancelled", one.done, two.done))
		})
	case "waitfor":
		f := &one.slowResult
		if one == t {
			then("itself")
			return
		}
		if f.done {
			then(f.how)
			return
		}
		asked, late := t.cancelling, false
		giveUp := func() {
			if !r.cancel(f) {
				then("timeout")
				return
			}
			t.await(f, &never, func(c bool) {
				if (c || f.how == "cancelled") && t.cancelling <= asked {
					then("timeout")
					return
				}
				result(f)(c)
			})
		}
		if d == 0 {
			giveUp()
			return
		}
		timer := r.timerAt(r.now+d, nil)
		cancelled := false // the timer's call
		timer.f = func() {
			r.ready = append(r.ready, func() {
				if !cancelled {
					late = true
					if t.waitsFor == f {
						t.schedule()
					}
				}
			})
		}
		t.await(f, &late, func(c bool) {
			cancelled = true
			r.drop(timer)
			if c || f.done {
				result(f)(c)
				return
			}
			giveUp()
		})
	}
}

// end says how all tasks ended, and who has what.
func (r *slowRun) end() []string {
	for i, t := range r.tasks {
		r.trace = append(r.trace, fmt.Sprintf("task %d: done %v %s", i, t.done, t.how))
	}
	for _, o := range r.owners {
		r.trace = append(r.trace, fmt.Sprintf("lock: %d", slices.Index(r.tasks, o)))
	}
	return append(r.trace, fmt.Sprint(r.value, r.items))
}
