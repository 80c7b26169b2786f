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
// # Workers
//
// A [Worker] is a child that serves calls, one after another; [Do] makes one. [Call] starts a worker for a single call.
// Arguments and results are copied: numbers, bools, strings and []byte as they are, everything else by encoding/gob with its
// rules (exported fields only; what stands in an interface needs gob.Register; nil and empty slices are not told apart).
// Nothing else is shared: what the function changes, it changes in its own process.
//
// Requests come to a worker on its standard input and its answers leave on its standard output. In the function os.Stdin is
// therefore the null device, and what it prints to os.Stdout goes to os.Stderr, which is the parent's.
//
// A worker does not outlive its parent. Its standard input ends when the parent closes it, or ends in whatever way, kill -9
// included. Then the context of a function that is running ends, and a little later the process does.
//
// # Roles
//
// A [Role] is a main function beside main, for a child that needs its standard input and output for itself.
//
// # What it costs
//
// Measured on two busy cores; go test -bench . shows what it is elsewhere. A call to a running worker: 15 to 20 µs, where
// eight bytes there and back through two bare pipes take 7 to 12; a small struct each way adds 3. A worker from its start
// to its first answer and its end: 1.6 ms, where an empty Go program takes 1.0. What the packages of a program compute
// before main comes on top in every child.
//
// # From Python
//
//	multiprocessing.Process      Call; a Worker and Do
//	if __name__ == "__main__":   Main
//	process.pid, is_alive        Worker.Pid, Worker.Done
//	process.exitcode             Worker.Err
//	process.terminate, kill      Worker.Kill
//	process.join                 Worker.Close, <-Worker.Done()
//	can't pickle local object    ErrNotRegistered
package process
