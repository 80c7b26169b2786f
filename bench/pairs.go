package main

// A pair is one operation, measured on both sides. Both must do the same work: read both before you add one.
type pair struct {
	operation string // what the table calls it
	script    string // in bench/python
	key       string // of the script's figure
	pkg       string // the directory of the Go package
	benchmark string // with its sub-benchmarks, as go test prints it, without "Benchmark" and the number of CPUs
	metric    string // the unit of the Go figure
	once      bool   // it takes long and varies little: measured once, and not at all with --quick
}

const (
	asyncio  = "asyncio_bench.py"
	async    = "internal/async"
	executor = "internal/executor"

	multiprocessing = "multiprocessing_bench.py"
	process         = "internal/process"
	shm             = process + "/shm"
	pool            = process + "/pool"
	manager         = process + "/manager"

	celery = "celery_bench.py"
	tasks  = "internal/distributed/tasks"

	pyro    = "pyro_bench.py"
	objects = "internal/distributed/objects"
	rpyc    = "rpyc_bench.py"
	remote  = "internal/distributed/remote"
)

var pairs = []pair{
	{"call_soon", asyncio, "call_soon", async, "CallSoon/loop", "ns/op", false},
	{"task switch, 1 task", asyncio, "task_switch_1", async, "TaskSwitch/loop/tasks=1", "ns/op", false},
	{"task switch, 100 tasks", asyncio, "task_switch_100", async, "TaskSwitch/loop/tasks=100", "ns/op", false},
	{"future, awaited", asyncio, "future", async, "Future/loop", "ns/op", false},
	{"call_later, 10,000 timers", asyncio, "call_later", async, "Timers/loop", "ns/timer", false},
	{"gather, 10,000 tasks", asyncio, "gather", async, "Gather", "ns/task", false},
	{"thread pool, submit", asyncio, "thread_pool_submit", executor, "Submit/threads", "ns/op", false},
	{"thread pool, as_completed", asyncio, "thread_pool_as_completed", executor, "AsCompleted", "ns/op", false},
	{"process pool, submit", asyncio, "process_pool_submit", executor, "Submit/processes", "ns/op", false},
	{"parked task, in bytes", asyncio, "parked_task", async, "ParkedTasks/loop", "B/task", true},

	{"process, fork", multiprocessing, "process_start_fork", process, "Process/without_a_log", "ns/op", false},
	{"process, spawn", multiprocessing, "process_start_spawn", process, "Process/without_a_log", "ns/op", false},
	{"lock between processes", multiprocessing, "lock_uncontended", shm, "Lock/uncontended", "ns/op", false},
	{"lock, two processes", multiprocessing, "lock_contended_2", shm, "LockOfTwo/lock", "ns/op", false},
	{"semaphore", multiprocessing, "semaphore_uncontended", shm, "Semaphore/uncontended", "ns/op", false},
	{"barrier, two processes", multiprocessing, "barrier_2", shm, "Barrier", "ns/op", false},
	{"queue, 8 bytes", multiprocessing, "queue_1to1_8B", process, "Queue/[]byte_of_8_1_to_1", "ns/op", false},
	{"queue, 1 KiB", multiprocessing, "queue_1to1_1KiB", process, "Queue/[]byte_of_1024_1_to_1", "ns/op", false},
	{"queue, 2 to 2", multiprocessing, "queue_2to2_8B", process, "Queue/8_bytes_2_to_2", "ns/item", false},
	{"pipe, 8 bytes", multiprocessing, "pipe_1to1_8B", process, "Pipe/one_way", "ns/op", false},
	{"pool, apply", multiprocessing, "pool_apply", pool, "Apply/apply", "ns/op", false},
	{"pool, map of 100,000", multiprocessing, "pool_map_100000", pool, "PoolMap/map", "ns/op", false},
	{"manager, set a key", multiprocessing, "manager_dict_set", manager, "Manager/set_a_key", "ns/op", false},

	{"task, to its result", celery, "celery_task", tasks, "Task", "ns/op", false},
	{"tasks, with results", celery, "celery_tasks", tasks, "Tasks", "ns/op", false},
	{"tasks, without results", celery, "celery_ignored", tasks, "TasksIgnored", "ns/op", false},
	{"remote object, call", pyro, "pyro_call", objects, "Call/object", "ns/op", false},
	{"RPyC, call", rpyc, "call", remote, "Call/remote", "ns/op", false},
	{"RPyC, a call that calls back", rpyc, "callback", remote, "Callback", "ns/op", false},
	{"RPyC, execute", rpyc, "execute", remote, "Execute", "ns/op", false},
}
