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
	asyncio = "asyncio_bench.py"
	async   = "internal/async"
)

var pairs = []pair{
	{"call_soon", asyncio, "call_soon", async, "CallSoon/loop", "ns/op", false},
	{"task switch, 1 task", asyncio, "task_switch_1", async, "TaskSwitch/loop/tasks=1", "ns/op", false},
	{"task switch, 100 tasks", asyncio, "task_switch_100", async, "TaskSwitch/loop/tasks=100", "ns/op", false},
	{"future, awaited", asyncio, "future", async, "Future/loop", "ns/op", false},
	{"call_later, 10,000 timers", asyncio, "call_later", async, "Timers/loop", "ns/timer", false},
	{"gather, 10,000 tasks", asyncio, "gather", async, "Gather", "ns/task", false},
	{"thread pool, submit", asyncio, "thread_pool_submit", async, "Executor/threads", "ns/op", false},
	{"thread pool, as_completed", asyncio, "thread_pool_as_completed", async, "AsCompleted", "ns/op", false},
	{"process pool, submit", asyncio, "process_pool_submit", async, "Executor/processes", "ns/op", false},
	{"parked task, in bytes", asyncio, "parked_task", async, "ParkedTasks", "B/task", true},
}
