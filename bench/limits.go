package main

// limits are the operations beside their limits. The first part has a ratio to reach.
var limits = []row{
	ranks("allreduce of 1 MiB, 4 ranks", 0.9, whenCopied("4.0 times", lessThanC)),
	ranks("allreduce of 64 KiB, 2 ranks", 0.9, whenCopied("1.6 to 2.4 times", lessThanC)),
	ranks("allreduce of 8 MiB, 2 ranks", 0.9, whenCopied("1.6 times", lessThanC)),
	ranks("reduce of 1 MiB, 4 ranks", 1, whenCopied("6.1 times", noMoreThanC)),
	ranks("scan of 1 MiB, 4 ranks", 1, noMoreThanC),
	ranks("gather of 4 × 256 KiB", 1, noMoreThanC),
	ranks("alltoall of 4 × 256 KiB", 1, noMoreThanC),
	ranks("bcast of 1 MiB, 4 ranks", 0.9, whenCopied("0.8 to 1.5 times", lessThanC)),
	ranks("64 in flight", 1.5, "when this was set it took 8 to 9 times as long as C; half as much again as C is allowed"),
	ranks("allreduce of one number, 2 ranks", 1, "when this was set it took 1.27 times as long as C; "+noMoreThanC),
	ranksOfMPI("ping-pong of 8 B", 1.6, "when this was set it took 2.4 times as long as C; calls from Go into C come on top, so 1.6 times is allowed"),
	ranksOfMPI("allreduce, 9 ranks", 1.5, "when this was set it took 2.6 times as long as C; 1.5 times is allowed"),
	{"Pool.Apply", of(pool, "Apply/apply"), pipes, "bare pipes", 0.55, beforeRings("2.7", "a fifth"), false},
	{"ManagedDict, set a key", of(manager, "Manager/set_a_key"), pipes, "bare pipes", 0.35, beforeRings("1.4", "a quarter"), false},
	{"ManagedDict, set a key", of(manager, "Manager/set_a_key"), script(multiprocessing, "manager_dict_set"), "Python", 0.25, "before messages went through shared memory it took 0.9 times Python's time; a quarter of Python's is asked", false},
	{"a line said by a child", in("ns/line", process, "Line"), pipes, "bare pipes", 0.45, beforeRings("2.2", "a fifth"), false},
	{"process Semaphore, uncontended", of(shm, "Semaphore/uncontended"), script(multiprocessing, "semaphore_uncontended"), "Python", 0.5, "when this was set it took as long as Python's; half of that is asked", false},
	{"a child's start to serving", of(cookbook, "Startup/child_that_serves"), of(cookbook, "Startup/limit_empty_Go_program"), "empty Go program", 2, "when this was set it took 4.0 times as long as an empty Go program; twice is allowed", false},
	{"a parked task", in("B/task", async, "ParkedTasks/loop"), in("B/task", async, "ParkedTasks/beside=goroutines_that_wait_for_nothing"), "fresh goroutine", 1.1, parked, true},
	{"a parked task", in("B/task", async, "ParkedTasks/loop"), in("B/task", async, "ParkedTasks/limit=goroutines"), "goroutine that waits", 1.1, parked, true},

	ranks("ping-pong of 8 B", 0, ""),
	ranks("ping-pong of 1 KiB", 0, ""),
	ranks("ping-pong of 1 MiB", 0, ""),
	ranks("allreduce, 4 ranks", 0, ""),
	ranks("allreduce, 9 ranks", 0, ""),
	ranks("alltoall of 4 × 64 KiB", 0, ""),
	ranks("scatter of 4 × 256 KiB", 0, ""),
	ranks("allgather of 4 × 256 KiB", 0, ""),
	{"Lock", of(threading, "Lock/Lock"), of(threading, "Lock/limit_sync.Mutex"), "sync.Mutex", 4, fair("four times"), false},
	{"Semaphore", of(threading, "Semaphore/Semaphore"), of(threading, "Semaphore/limit_x-sync"), "x/sync", 1.2, "x/sync serves in turn, and ends waits, too; a fifth more is allowed", false},
	{"Condition, ping-pong", of(threading, "Condition/Condition"), of(threading, "Condition/limit_sync.Cond"), "sync.Cond", 1.5, fair("half as much again"), false},
	{"Event, ping-pong", of(threading, "Event/Event"), of(threading, "Event/limit_sync.Cond"), "sync.Cond", 1.5, fair("half as much again"), false},
	{"Queue, 1 to 3", of(threading, "Queue/Queue"), of(threading, "Queue/limit_channel"), "channel", 1.3, fair("three tenths more"), false},
	{"Thread, start and join", of(threading, "Thread/Thread"), of(threading, "Thread/limit_goroutine_and_WaitGroup"), "goroutine", 2, "a thread has a name, a result and an end that others can wait for; twice a goroutine is allowed", false},
	{"Barrier of two", of(threading, "Barrier/Barrier"), of(threading, "Barrier/limit_sync.Cond_barrier"), "sync.Cond", 0, "", false},
	{"Loop.CallSoon", of(async, "CallSoon/loop"), of(async, "CallSoon/limit=channel"), "channel", 0, "", false},
	{"Task, switch", of(async, "TaskSwitch/loop/tasks=1"), of(async, "TaskSwitch/limit=iter.Pull"), "iter.Pull", 0, "", false},
	{"Future, awaited", of(async, "Future/loop"), of(async, "Future/beside=goroutine+channel"), "goroutine", 0, "", false},
	{"Loop.CallLater, 10,000 timers", in("ns/timer", async, "Timers/loop"), in("ns/timer", async, "Timers/limit=time.AfterFunc"), "time.AfterFunc", 0, "", false},
	{"Executor of 5 goroutines, submit", of(executor, "Submit/threads"), of(executor, "Submit/limit=channel"), "channel", 0, "", false},
	{"process Lock, uncontended", of(shm, "Lock/uncontended"), of(shm, "Lock/limit_compare-and-swap_pair"), "compare-and-swap", 0, "", false},
	{"process Lock, contended", of(shm, "LockOfTwo/lock"), of(shm, "LockOfTwo/limit_open_file_description"), "lock of a file", 0, "", false},
	{"process Queue, 8 bytes", of(process, "Queue/8_bytes_1_to_1"), of(process, "Queue/limit_8_bytes_by_a_raw_pipe"), "bare pipe", 0, "", false},
	{"process Queue, 1 KiB", of(process, "Queue/[]byte_of_1024_1_to_1"), of(process, "Queue/limit_1024_bytes_by_a_raw_pipe"), "bare pipe", 0, "", false},
	{"Process, from start to end", of(process, "Process/without_a_log"), of(process, "Process/limit_empty_program"), "empty Go program", 0, "", false},
	{"Pool.Map of 100,000 squares", of(pool, "PoolMap/map"), of(pool, "PoolMap/limit_raw_pipes"), "bare pipes", 0, "", false},
}

const (
	mpi       = "internal/mpi"
	threading = "internal/threading"
	cookbook  = "cmd/cookbook"
)

// pipes is eight bytes there and back through two pipes, the least that a call of another process took before there were rings.
var pipes = of(process+"/worker", "RoundTrip/limit_raw_pipes")

// Where the ratios to reach come from.
const (
	lessThanC   = "a tenth less than C is asked"
	noMoreThanC = "no more than C is asked"
	parked      = "when this was set it took 1.25 times the bytes of a fresh goroutine and its stack; a tenth more is allowed"
)

// whenCopied tells what an operation on vectors took when they were copied once more.
func whenCopied(times, asked string) string {
	return "before ranks read vectors straight out of each other's memory it took " + times + " as long as C; " + asked
}

// beforeRings tells what an operation took, measured in one run with the pipes.
func beforeRings(ratio, share string) string {
	return "before messages went through shared memory it took " + ratio + " times the pipes; " + share + " of that is asked"
}

// fair tells why an operation of threads may take more.
func fair(more string) string {
	return "it serves threads in the order in which they came, and every wait can be ended, which what stands beside it does not offer: " + more + " is allowed"
}

// of is a benchmark of a package whose figure is ns/op.
func of(pkg, name string) side { return in("ns/op", pkg, name) }

// in is a benchmark of a package.
func in(metric, pkg, name string) side { return side{program{path: pkg}, name, metric} }

// script is a figure of a script in Python.
func script(file, key string) side { return side{program{path: file}, key, ""} }

// ranks is what ranks do over shared memory, beside the same in C; ranksOfMPI is the same with --engine mpi. These benchmarks count
// their own rounds.
func ranks(name string, atMost float64, remark string) row {
	return besideC(name, name, "local", "", atMost, remark)
}

func ranksOfMPI(name string, atMost float64, remark string) row {
	return besideC("--engine mpi: "+name, name, "mpi", "mpi", atMost, remark)
}

func besideC(operation, name, engine, tags string, atMost float64, remark string) row {
	measured := func(by string) side {
		return side{program{mpi, tags, "1x"}, "Messages/" + underscored(name) + "/" + by, "ns/op"}
	}
	return row{operation: operation, here: measured(engine), beside: measured("C"), what: "C, Open MPI", atMost: atMost, remark: remark}
}
