package explore

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// others are the processes that this one has started, and those that they have started: all that may say something in a run.
//
// They stand still if each of their threads sleeps, and none has run between two looks: then there was a moment between the looks at
// which all of them slept at once, and none of what they sent was still to be delivered. What the system says about a thread is in
// /proc/PID/task/TID: its state in stat, how often it has run in schedstat, and the processes that it started in children.
//
// A look costs about 5 µs a thread, and a process has about six; so a step of a run with two processes takes about 0.3 ms.
type others struct {
	processes map[int]*watched // this one as well
	line      [512]byte
	looks     int
	all       map[int]bool // the numbers of all processes that were there in this run, but this one

	guesses int  // that were made because
	some    bool // there are any, and
	met     bool // there were some at any time
	blind   bool // this system does not tell
}

// A watched process.
type watched struct {
	id      int
	threads []*thread
	look    int // the last in which it was there
}

// A thread is what a look has found.
type thread struct {
	id                          int
	stat, ran, call, childrenOf int // files: its state, how often it ran, the system call that it is in, whom it started
	before                      []byte
}

func newOthers() *others {
	o := &others{processes: map[int]*watched{}, all: map[int]bool{}}
	t := openThread(os.Getpid(), os.Getpid())
	if o.blind = t == nil; t != nil {
		t.close()
	}
	return o
}

// between is how long two looks are apart at least: longer than any moment for which a thread of a Go program that has work sleeps.
const between = 40 * time.Microsecond

// still reports whether no other process can run, if there ever were any. What they have sent to this one is delivered then: the goroutines
// that wait for it are ready to run, or have run.
func (o *others) still() bool {
	if o.blind {
		return o.guess()
	}
	asleep := o.look(false)
	if !o.met {
		return false
	}
	time.Sleep(between) // lets others run; and the runtime looks at what has come for goroutines that wait for pipes
	return asleep && o.look(true)
}

// look looks at all threads, and reports whether all slept, those of this process but for the one that looks;
// and if again is true, those of the others are the same as at the look before, and have not run since.
func (o *others) look(again bool) (asleep bool) {
	o.looks++
	o.some, asleep = false, true
	self := os.Getpid()
	for todo := []int{self}; len(todo) > 0; todo = todo[1:] {
		w := o.processes[todo[0]]
		if w == nil {
			w = &watched{id: todo[0]}
			o.processes[w.id] = w
		}
		known := w.look == o.looks-1
		w.look = o.looks
		switch here, same := o.lookAt(w, w.id == self, &todo); {
		case !here: // it has ended
			asleep = false
		case w.id != self:
			o.some, o.met = true, true
			o.all[w.id] = true
			asleep = asleep && same && (known || !again)
		default:
			asleep = asleep && same
		}
	}
	for id, w := range o.processes {
		if w.look != o.looks {
			w.close()
			delete(o.processes, id)
			asleep = false
		}
	}
	return asleep
}

// lookAt looks at the threads of a process, and appends the processes that they have started. here: it has threads. same: all slept, and of
// a process that is not this one, none has run since the look before, nor is there another.
func (o *others) lookAt(w *watched, mine bool, started *[]int) (here, same bool) {
	same = true
	me := unix.Gettid()
	list := len(w.threads) == 0
	for _, t := range w.threads {
		if !mine {
			ran := o.read(t.ran)
			if !bytes.Equal(ran, t.before) {
				same = false
			}
			t.before = append(t.before[:0], ran...)
		}
		state, threads := parseStat(o.read(t.stat))
		if threads != len(w.threads) {
			list = true
		}
		if !(mine && t.id == me) && bytes.IndexByte([]byte("SZXxtTI"), state) < 0 {
			same = false
		}
		if same && !mine && len(w.threads) > 1 && naps(o.read(t.call)) {
			same = false
		}
		for number := range bytes.FieldsSeq(o.read(t.childrenOf)) {
			if child, err := strconv.Atoi(string(number)); err == nil {
				*started = append(*started, child)
			}
		}
	}
	if list {
		w.list()
		same = false
	}
	return len(w.threads) > 0, same
}

// list finds out which threads a process has.
func (w *watched) list() {
	w.close()
	dir, err := os.Open(fmt.Sprintf("/proc/%d/task", w.id))
	if err != nil {
		return
	}
	defer dir.Close()
	names, _ := dir.Readdirnames(-1)
	for _, name := range names {
		if id, err := strconv.Atoi(name); err == nil {
			if t := openThread(w.id, id); t != nil {
				w.threads = append(w.threads, t)
			}
		}
	}
}

// openThread opens what the system says about a thread; nil: it cannot be looked at.
func openThread(process, id int) *thread {
	t := &thread{id: id, stat: -1, ran: -1, call: -1, childrenOf: -1}
	for name, file := range map[string]*int{"stat": &t.stat, "schedstat": &t.ran, "syscall": &t.call, "children": &t.childrenOf} {
		var err error
		if *file, err = unix.Open(fmt.Sprintf("/proc/%d/task/%d/%s", process, id, name), unix.O_RDONLY|unix.O_CLOEXEC, 0); err != nil {
			t.close()
			return nil
		}
	}
	return t
}

func (t *thread) close() {
	for _, file := range []int{t.stat, t.ran, t.call, t.childrenOf} {
		if file >= 0 {
			unix.Close(file)
		}
	}
}

func (w *watched) close() {
	for _, t := range w.threads {
		t.close()
	}
	w.threads = nil
}

func (o *others) close() {
	for _, w := range o.processes {
		w.close()
	}
	clear(o.processes)
}

// read reads a file of a thread, up to its first bytes. It is empty when the thread has ended.
func (o *others) read(file int) []byte {
	n, _ := unix.Pread(file, o.line[:], 0)
	return o.line[:max(n, 0)]
}

// naps reports whether a thread pauses by itself, as the system monitor of Go's runtime does for as long as any goroutine has a
// processor: one that is in a system call may keep it from another that could run, until the monitor takes it away. The only thread of a
// process is no such monitor: it sleeps for as long as its program says, as sleep(1) does.
func naps(call []byte) bool {
	number, _, _ := bytes.Cut(call, []byte(" "))
	n, err := strconv.Atoi(string(number))
	return err == nil && (n == unix.SYS_NANOSLEEP || n == unix.SYS_CLOCK_NANOSLEEP)
}

// timed reports whether a goroutine of another process waits for the clock, as far as can be seen: Go's runtime waits for timers and files
// at once.
func (o *others) timed() bool {
	for id, w := range o.processes {
		for _, t := range w.threads {
			if id != os.Getpid() && hasTimeout(o.read(t.call)) {
				return true
			}
		}
	}
	return false
}

// hasTimeout reports whether a system call waits for files, and not without end: the fourth argument is −1 then.
func hasTimeout(call []byte) bool {
	fields := bytes.Fields(call)
	if len(fields) < 5 {
		return false
	}
	n, _ := strconv.Atoi(string(fields[0]))
	arg, err := strconv.ParseUint(string(fields[4]), 0, 64)
	return err == nil && n == unix.SYS_EPOLL_PWAIT && int32(arg) != -1
}

// parseStat returns the state of a thread, and how many its process has. Both stand behind its name, which may hold anything.
func parseStat(stat []byte) (state byte, threads int) {
	const stateField, threadsField = 0, 17 // counted behind the name
	i := 0
	for field := range bytes.FieldsSeq(stat[bytes.LastIndexByte(stat, ')')+1:]) {
		switch i {
		case stateField:
			state = field[0]
		case threadsField:
			threads, _ = strconv.Atoi(string(field))
		}
		i++
	}
	return state, threads
}
