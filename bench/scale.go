package main

// A section is operations that are measured at sizes of one kind. It is a table, and a chart.
type section struct {
	title string
	unit  string // of the sizes
	rows  []growing
}

// growing is an operation that is measured at several sizes, by sub-benchmarks "…/unit=size" whose ns/op is the cost of all of
// the work of that size.
type growing struct {
	operation string
	side
	work  float64 // how the work grows with the size, as a power of it: 1 if it is n times as much, 0 if it stays the same
	ranks bool    // the sizes are ranks: of those that have a core each, none counts for the slope
	why   string  // why the cost may grow faster than the work
}

// Why a cost may grow faster than the work.
const (
	memory = "many goroutines at once do not fit into a cache, their stacks are new, and the garbage collector looks at each (plain goroutines grow so, too)"
	caches = "what fits into a cache is faster than what does not, or is new and has to be cleared by the system"
	wakes  = "many goroutines at once do not fit into a cache, and all of them wake at one moment and want one mutex"
	heap   = "a heap takes n log n steps"
	turns  = "the ranks beyond the cores take turns, and each turn is a switch of processes"
)

var sections = []section{
	{"Ranks of MPI", "ranks", []growing{
		{"barrier", scaled(mpi, "barrier", "1x"), 1, true, turns},
		{"allreduce of one number", scaled(mpi, "allreduce of one number", "1x"), 1, true, turns},
		{"allreduce of 64 KiB", scaled(mpi, "allreduce of 64 KiB", "1x"), 1, true, turns},
	}},
	{"Vectors of MPI", "bytes", []growing{
		{"send, one way", scaled(mpi, "send", "1x"), 1, false, caches},
		{"allreduce, 2 ranks", scaled(mpi, "allreduce, 2 ranks", "1x"), 1, false, caches},
		{"allreduce, 4 ranks", scaled(mpi, "allreduce, 4 ranks", "1x"), 1, false, caches},
	}},
	{"Workers of pools", "workers", []growing{
		{"Pool.Apply, one call", scaled(pool, "apply", ""), 0, false, ""},
		{"Pool.Map of 100,000", scaled(pool, "map of 100000", ""), 0, false, ""},
		{"Pool, start and end", scaled(pool, "start and end", ""), 1, false, ""},
		{"Executor, 1000 calls", scaled(executor, "submit 1000", ""), 0, false, ""},
		{"Process, start and join", scaled(process, "start and join", ""), 1, false, ""},
	}},
	{"Tasks of a loop", "tasks", []growing{
		{"create and run", scaled(async, "create and run", ""), 1, false, memory},
		{"park and wake", scaled(async, "park and wake", ""), 1, false, memory},
		{"coroutines, one awaits the next", scaled(async, "coroutines, one awaits the next", ""), 1, false, ""},
		{"as_completed", scaled(async, "as_completed", ""), 1, false, memory},
		{"timers", scaled(async, "timers", ""), 1, false, heap},
		{"timers, cancelled", scaled(async, "timers, cancelled", ""), 1, false, heap},
		{"wait for a lock", scaled(async, "wait for a lock", ""), 1, false, memory},
		{"cancel waits for a lock", scaled(async, "cancel waits for a lock", ""), 1, false, memory},
	}},
	{"Threads", "threads", []growing{
		{"start and join", scaled(threading, "start and join", ""), 1, false, memory},
		{"wait for an event", scaled(threading, "wait for an event", ""), 1, false, memory},
		{"wait for a lock", scaled(threading, "wait for a lock", ""), 1, false, memory},
		{"meet at a barrier", scaled(threading, "meet at a barrier", ""), 1, false, memory},
		{"cancel waits for a lock", scaled(threading, "cancel waits for a lock", ""), 1, false, wakes},
		{"plain goroutines wait for a channel", scaled(threading, "limit goroutines", ""), 1, false, memory},
	}},
	{"Items and calls", "items", []growing{
		{"queue of threads, put and get", scaled(threading, "queue", ""), 1, false, ""},
		{"priority queue, put and get", scaled(threading, "priority queue", ""), 1, false, heap},
		{"queue of processes, put and get", scaled(process, "queue", ""), 1, false, ""},
		{"Pool.Map, 4 workers", scaled(pool, "map", ""), 1, false, ""},
		{"Executor, as_completed", scaled(executor, "as_completed", ""), 1, false, ""},
		{"Executor, cancelled", scaled(executor, "cancel", ""), 1, false, ""},
	}},
	{"Lines of a transcript", "lines", []growing{
		{"say", scaled(transcript, "say", ""), 1, false, ""},
		{"say, annotated", scaled(transcript, "say, annotated", ""), 1, false, ""},
		{"say, plain", scaled(transcript, "say, plain", ""), 1, false, ""},
		{"say, JSON", scaled(transcript, "say, JSON", ""), 1, false, ""},
		{"timeline of 4 threads", scaled(timeline, "lines of 4 threads", ""), 1, false, ""},
		{"timeline, a line for each thread", scaled(timeline, "threads", ""), 1, false, ""},
	}},
	{"Lines compared with a promise", "lines", []growing{
		{"compare with one line marked *", scaled(transcript, "say, compared with one line marked *", ""), 1, false, ""},
		{"compare with lines marked =", scaled(transcript, "say, compared with lines marked =", ""), 1, false, ""},
		{"compare with lines marked ~", scaled(transcript, "say, compared with lines marked ~", ""), 1, false, ""},
		{"compare, each of another actor", scaled(transcript, "say, each by another actor", ""), 1, false, ""},
		{"compare, holes filled", scaled(transcript, "say, holes filled", ""), 1, false, ""},
		{"compare, in stages", scaled(transcript, "say in stages", ""), 1, false, ""},
		{"compare, all in the wrong order", scaled(transcript, "a broken line", ""), 1, false, "for a line that breaks the promise 200 lines around it are tried"},
		{"checks", scaled(transcript, "checks", ""), 1, false, ""},
		{"checks, last first", scaled(transcript, "checks, last first", ""), 1, false, ""},
		{"checks, with values", scaled(transcript, "checks with values", ""), 1, false, caches},
		{"the same check", scaled(transcript, "the same check", ""), 1, false, ""},
		{"compare with many lines marked *", scaled(transcript, "stars", ""), 1, false, ""},
		{"parse a promise", scaled(transcript, "parse a promise", ""), 1, false, caches},
		{"compare two programs", scaled(transcript, "difference", ""), 1, false, caches},
	}},
}

const timeline = "internal/timeline"

const transcript = "internal/transcript"

// scaled is a benchmark of several sizes.
func scaled(pkg, operation, benchtime string) side {
	if benchtime == "" {
		benchtime = "50ms"
	}
	return side{program{path: pkg, benchtime: benchtime}, "Scale/" + underscored(operation), "ns/op"}
}
