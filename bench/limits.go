package main

// limits are the operations beside their limits. The first part has a ratio to reach.
var limits = []row{
	ranks("allreduce of 1 MiB, 4 ranks", 0.9),
	ranks("allreduce of 64 KiB, 2 ranks", 0.9),
	ranks("allreduce of 8 MiB, 2 ranks", 0.9),
	ranks("reduce of 1 MiB, 4 ranks", 1),
	ranks("scan of 1 MiB, 4 ranks", 1),
	ranks("gather of 4 × 256 KiB", 1),
	ranks("alltoall of 4 × 256 KiB", 1),
	ranks("bcast of 1 MiB, 4 ranks", 0.9),
	ranks("64 in flight", 1.5),
	ranks("allreduce of one number, 2 ranks", 1),
	ranksOfMPI("ping-pong of 8 B", 1.6),
	ranksOfMPI("allreduce, 9 ranks", 1.5),
	{"Pool.Apply", of(pool, "Apply/apply"), pipes, "bare pipes", 0.55, beforeRings("2.7", "40 µs", "a fifth"), false},
	{"ManagedDict, set a key", of(manager, "Manager/set_a_key"), pipes, "bare pipes", 0.35, beforeRings("1.4", "24 µs", "a quarter"), false},
	{"ManagedDict, set a key", of(manager, "Manager/set_a_key"), script(multiprocessing, "manager_dict_set"), "Python", 0.25, "", false},
	{"a line said by a child", in("ns/line", process, "Line"), pipes, "bare pipes", 0.45, beforeRings("2.2", "35 µs", "a fifth"), false},
	{"process Semaphore, uncontended", of(shm, "Semaphore/uncontended"), script(multiprocessing, "semaphore_uncontended"), "Python", 0.5, "", false},
	{"a child's start to serving", of(cookbook, "Startup/child_that_serves"), of(cookbook, "Startup/limit_empty_Go_program"), "empty Go program", 2, "", false},
	{"a parked task", in("B/task", async, "ParkedTasks/loop"), in("B/task", async, "ParkedTasks/beside=goroutines_that_wait_for_nothing"), "fresh goroutine", 1.1, "", true},
	{"a parked task", in("B/task", async, "ParkedTasks/loop"), in("B/task", async, "ParkedTasks/limit=goroutines"), "goroutine that waits", 1.1, "", true},

	ranks("ping-pong of 8 B", 0),
	ranks("ping-pong of 1 KiB", 0),
	ranks("ping-pong of 1 MiB", 0),
	ranks("allreduce, 4 ranks", 0),
	ranks("allreduce, 9 ranks", 0),
	ranks("alltoall of 4 × 64 KiB", 0),
	ranks("scatter of 4 × 256 KiB", 0),
	ranks("allgather of 4 × 256 KiB", 0),
	{"Lock", of(threading, "Lock/Lock"), of(threading, "Lock/limit_sync.Mutex"), "sync.Mutex", 4, "", false},
	{"Semaphore", of(threading, "Semaphore/Semaphore"), of(threading, "Semaphore/limit_x-sync"), "x/sync", 1.2, "", false},
	{"Condition, ping-pong", of(threading, "Condition/Condition"), of(threading, "Condition/limit_sync.Cond"), "sync.Cond", 1.5, "", false},
	{"Event, ping-pong", of(threading, "Event/Event"), of(threading, "Event/limit_sync.Cond"), "sync.Cond", 1.5, "", false},
	{"Queue, 1 to 3", of(threading, "Queue/Queue"), of(threading, "Queue/limit_channel"), "channel", 1.3, "", false},
	{"Thread, start and join", of(threading, "Thread/Thread"), of(threading, "Thread/limit_goroutine_and_WaitGroup"), "goroutine", 2, "", false},
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

// beforeRings tells what an operation took at a commit of old, where it was measured in one run with the pipes.
func beforeRings(ratio, took, share string) string {
	return "at commit debf8c6 " + ratio + " times the pipes, " + took + "; to reach is " + share + " of that ratio"
}

// of is a benchmark of a package whose figure is ns/op.
func of(pkg, name string) side { return in("ns/op", pkg, name) }

// in is a benchmark of a package.
func in(metric, pkg, name string) side { return side{program{path: pkg}, name, metric} }

// script is a figure of a script in Python.
func script(file, key string) side { return side{program{path: file}, key, ""} }

// ranks is what ranks do over shared memory, beside the same in C; ranksOfMPI is the same with --engine mpi. These benchmarks count
// their own rounds.
func ranks(name string, atMost float64) row { return besideC(name, name, "local", "", atMost) }

func ranksOfMPI(name string, atMost float64) row {
	return besideC("--engine mpi: "+name, name, "mpi", "mpi", atMost)
}

func besideC(operation, name, engine, tags string, atMost float64) row {
	measured := func(by string) side {
		return side{program{mpi, tags, "1x"}, "Messages/" + underscored(name) + "/" + by, "ns/op"}
	}
	return row{operation: operation, here: measured(engine), beside: measured("C"), what: "C, Open MPI", atMost: atMost}
}
