// Package explore runs a recipe in every order of its lines and pauses that its synchronisation allows.
//
// [Search] gives a run's log a scheduler, the chooser, that holds each call to the log: a line, a check, a pause, the begin of an
// actor. When nothing else in the process can run, it lets one held call go on. The goroutine of that call runs, with its real
// mutexes, conditions and channels, to its next call, or until it waits or ends. So a list of choices is a schedule, and the same
// list makes the same run. Nothing of the recipe is rewritten.
//
// # What is an order
//
// A pause is a choice like any other, because a pause guarantees nothing. Between two calls an actor is not interrupted: orders
// that differ only in what happens there, such as who gets a lock that one actor gives back and takes again without a line or a
// pause in between, are one order here. A select with several ready cases is decided by the runtime, not by the chooser. Time-outs
// of package threading come only when nothing else is left to choose; so do those of the clock, which are waited for.
//
// # Which orders come first
//
// By default the goroutine that ran goes on. If it pauses, waits or ends, the call that is held longest goes on. A schedule is the
// list of its departures from that. A preemption takes the turn from a goroutine that is about to say or check something, or to
// begin; a pick out of turn is any other departure. Search tries all schedules without a preemption, then all with one, and so on,
// so the first fault it finds has the fewest preemptions (M. Musuvathi, S. Qadeer: Iterative context bounding for systematic
// testing of multithreaded programs, PLDI 2007). Where one such level is too large for the budget, it bounds departures of both
// kinds (delay bounding: M. Emmi, S. Qadeer, Z. Rakamarić, POPL 2011). What is left of the budget goes to random priorities
// (PCT: S. Burckhardt and others, ASPLOS 2010).
//
// Nothing is left out because it would make no difference. That two calls cannot see one another is not known here: what an actor
// does between its calls, to memory that others read, the log does not see, so a reduction by independence would not be sound.
//
// # When does nothing run
//
// Search sets GOMAXPROCS to 1, and its goroutine gives way until the runtime counts no goroutine that is ready to run, nor a new
// one in a system call. So it belongs in a process that does nothing else.
//
// # Other processes
//
// The calls of the processes that a recipe starts are held as well; so are those of ranks. There a process begins, and goes on from a wait
// for a lock, a barrier or a queue, by the chooser's leave; it chooses as well which message a receive from any rank is given. A process
// that starts none of this, such as a worker of a pool, runs as the system likes: then the verdict is BOUNDED, and a note says why.
//
// On Linux nothing runs if each thread of those processes sleeps, and none has run between two looks at /proc; that costs about 0.3 ms a step,
// and a run 10 ms or more, because it starts its processes anew. Elsewhere that cannot be told: the search tries orders at random, takes a
// step when nothing has come for 20 ms, and says so. A time-out of another process is one of the clock.
package explore
