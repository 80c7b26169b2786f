// Package process runs functions of this program in other processes: what Python's multiprocessing does with the spawn
// method.
//
// Go cannot fork: a process of many threads cannot be copied with all of them. So a child is this same program, started
// again. It finds the function to run by the name under which the program has registered it, as a Python child finds it by
// importing its module.
//
//	var square = process.Register("example.square", func(ctx context.Context, x int) (int, error) {
//		return x * x, nil
//	})
//
//	func main() {
//		process.Main() // in a child: serves, and does not return
//		…
//		y, err := process.Call(ctx, square, 12)
//	}
//
// # Processes
//
// A [Process] is one function that runs in a process of its own, with a name, an exit code and an end to wait for. Processes
// belong to a [Group]: they share its memory, its log and its fate.
//
//	g, err := process.NewGroup(ctx, process.WithLog(out))
//	if err != nil {
//		return err
//	}
//	defer g.Close() // ends what is left
//	p := process.New(g, greet, "world", process.WithName("greeter"))
//	if err := p.Start(); err != nil {
//		return err
//	}
//	if err := p.Join(ctx); err != nil {
//		return err
//	}
//
// In the function [Current], [CurrentGroup] and [Log] find in its context who it is, where it may start processes in turn,
// and where it may speak. Its standard input is empty; its standard output and error are those of its parent.
//
// No process outlives its parent: it holds a pipe whose other end only its parent has, and when that ends, because the
// parent has ended in whatever way, so does the context of its function, and half a second later the process. Ctrl-C
// reaches parent and children alike; the children take no notice, and the parent decides.
//
// # Shared memory
//
// The processes of a group share memory, on Linux, and in it what they wait for each other with: [Lock], [RLock],
// [Semaphore], [Event], [Condition], [Barrier], [Value], [Array], and what they hand over: [Queue], [JoinableQueue], [End] of
// a pipe, [Memory]. All of these travel as arguments, inside structs too, and in queues: what arrives is the same object, not a copy.
//
// A process may be killed between any two instructions. The processes that wait for it are told: the next owner of a lock
// gets [ErrOwnerDied] with it, a semaphore's counts come back, a barrier breaks, a queue loses what the dead process had taken
// and nothing else. A wait does not rely on others to be woken: it looks around every 20 ms at least. When a run hangs, its
// report tells which process waits for which lock and which one holds it. On other systems than Linux the constructors return
// [ErrUnsupported].
//
// Everything that waits takes a context and gives up when the context ends; the error wraps the context's cause. Each form
// tries before it waits: what is there is had even if the context has ended, and a time-out of 0 or less is a try. If the
// context has ended and the time-out has, too, the error is that of the context. Only a manager is not asked for anything
// under a context that has ended.
//
// All this lasts as long as its group. Nothing is given back before, because a handle of it may be in any process or queue.
// A group has room for 65,536 objects and for 256 MiB in all, and for 1,024 processes at a time; beyond that the error wraps
// [ErrNoRoom]. So make objects once, or make a group for what is made again and again. What a manager holds lasts as long as
// the manager.
//
// What stands in the memory is documented in package shm below this one: go doc ./internal/process/shm Lock. The same holds
// for the packages worker, pool and manager. None of them imports this one; what shm calls a group is the processes of one Space.
//
// # Workers
//
// A [Worker] is a child that serves calls, one after another; [Do] makes one. [Call] starts a worker for a single call.
// Arguments and results are copied, and so are the items of queues and pipes and what a manager holds: numbers, bools,
// structs of them, strings and slices as they lie in memory, everything else by encoding/gob. Nothing else is shared: what
// the function changes, it changes in its own process. Some things change on the way:
//
//   - An empty slice arrives as nil. An empty map does not.
//   - By gob, fields without a capital, channels and functions in a struct stay behind, and −0 in a field becomes 0.
//   - Two pointers to one thing arrive as pointers to two.
//   - What stands in an interface needs gob.Register, and arrives as the type that was registered.
//   - A time loses its monotonic reading.
//   - A struct that holds a lock or an atomic number goes by gob: an unexported one arrives as its zero value, an exported or
//     embedded one is an error.
//
// Some values are refused: one that contains itself ([ErrCycle]), one that is deeper than 10,000 pointers, maps and slices
// ([ErrTooDeep]), and a struct with a field that points to a zero value, which would arrive as nil ([ErrLostPointer]). Such a
// pointer alone, in a slice or in a map arrives as it is.
//
// Requests come to a worker through memory that it shares with its parent. Where there is none, and if they are long, they come on
// its standard input, and answers leave on its standard output. In the function os.Stdin is therefore the null device, and what it
// prints to os.Stdout goes to os.Stderr, which is the parent's. Calls are made in one goroutine, one after another.
//
// A worker does not outlive its parent. Its standard input ends when the parent closes it, or ends in whatever way, kill -9
// included. Then the context of a function that is running ends, and a little later the process does.
//
// # Pools and managers
//
// A [Pool] is a number of workers that share out calls: [Map], [Apply] and their kin. A [Manager] is a worker that holds what
// other processes share: [ManagedDict], [ManagedList], [ManagedNamespace], [ManagedValue], [ManagedLock].
//
// # Roles
//
// A [Role] is a main function beside main, for a child that needs its standard input and output for itself.
//
// # What it costs
//
// Measured on two cores with this package's tests as the program; go test -bench . ./internal/process/... shows what it is
// elsewhere. A call to a running worker takes 1.5 µs, and [Apply] 3 µs, where eight bytes there and back through two bare pipes
// take 10 to 20. That is as long as calls follow one another: whoever waits looks into the memory for some 20 µs, less often each
// time that it was in vain, and then sleeps. A call that has to wake both sides takes 35 to 70 µs. Where parent and worker share one
// processor, a call takes 4 µs and Apply 5. A value with an interface in it takes some 20 µs more each time that it is sent.
//
// A worker from its start to its first answer and its end: 1.6 ms, where an empty Go program takes 1.0. What the packages of a
// program compute before main comes on top in every child. A Process from its start over a line in the log to its end: 2.2 ms,
// where an empty Go program takes 1.1, and this package's tests as a program that does nothing 1.7. A line from a process
// into the log: 7 µs.
//
// 100,000 squares by [Map] and four workers: 0.83 ms, where as many bytes through bare pipes take 0.5 and the loop here 0.2;
// one at a time they take 0.5 s. A pool to its first result: 2.4 ms. A request to a manager: 2 to 4 µs where one follows
// another, 40 to 70 where the manager has gone to sleep in between.
//
// # From Python
//
//	multiprocessing.Process      New; for a single result Call, for many calls a Worker and Do
//	if __name__ == "__main__":   Main
//	can't pickle local object    ErrNotRegistered
//	p.start, p.join(timeout)     Process.Start, Process.Join, Process.JoinTimeout
//	p.name, p.pid, p.daemon      Process.Name, Process.Pid, Process.Daemon
//	p.is_alive, p.exitcode       Process.IsAlive, Process.ExitCode, Process.Err
//	p.terminate, p.kill          Process.Terminate, Process.Kill
//	p.close                      Process.Close
//	current_process()            Current(ctx)
//	active_children()            Group.Children
//	the end of the main program  Group.Join, Group.Close
//	Lock, RLock                  NewLock, NewRLock
//	Semaphore, BoundedSemaphore  NewSemaphore, NewBoundedSemaphore
//	Event, Condition, Barrier    NewEvent, NewCondition, NewBarrier
//	Value, Array                 NewValue, NewArray
//	Queue, JoinableQueue, Pipe   NewQueue, NewJoinableQueue, NewPipe
//	shared_memory.SharedMemory   NewMemory
//	Pool(n)                      NewPool(ctx, n)
//	pool.map, map_async          Map, MapAsync
//	pool.apply, apply_async      Apply, ApplyAsync
//	pool.imap, imap_unordered    Imap, ImapUnordered
//	pool.starmap                 Map, with a struct for the arguments
//	close, join, terminate       Pool.Close, Pool.Join, Pool.Terminate
//	Manager()                    NewManager(ctx)
//	manager.dict(), list()       NewManagedDict[K, V](ctx, m), NewManagedList[T](ctx, m)
//	manager.Namespace()          NewManagedNamespace(ctx, m), SetAttr, GetAttr
//	manager.Value(), Lock()      NewManagedValue(ctx, m, v), NewManagedLock(ctx, m)
package process
