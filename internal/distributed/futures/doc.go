// Package futures shares the calls of a function out over worker processes, on this machine or on many: what SCOOP does.
//
//	var double = futures.Register("example.double", func(_ context.Context, x int) (int, error) { return 2 * x, nil })
//
//	s, err := futures.Open(ctx, conn)
//	if err != nil {
//		return err
//	}
//	defer s.Close()
//	doubled, err := futures.Map(ctx, s, double, []int{1, 2, 3})
//
// Workers are processes of the same program that call [Serve]. A function is known there by the name under which it was
// registered, so it is registered at package level. Arguments and results are copied by package wire, as in calls of package process.
//
// # What is certain
//
//   - Results stand in the order of the inputs ([Map]), or come as they are ready ([MapAsCompleted]).
//   - What a function draws from [Rand] depends on the seed and on the index of its input, on nothing else. And [MapReduce]
//     folds in an order that depends on the inputs alone. So a result does not depend on the number of workers, on their
//     speed, or on whether one has died.
//   - Inputs are sent in chunks. A chunk whose worker dies goes to another one, a second or two later: a function may be called
//     twice for one input, and its result counts once. A chunk that has cost five workers their lives is an error, [ErrLost].
//   - Nothing waits for ever. A call without workers is [ErrNoWorkers] after 10 s. A worker whose client is gone ends the
//     context of its call after 10 s, and at once if the client leaves of its own accord.
//
// # What it costs
//
// A chunk is stored in the engine, and its results go to the caller directly: about 0.5 ms. So a map of one item takes 0.5 ms,
// and 1,000 small items take 25 ms, because they travel in 64 chunks; in two chunks, by [WithChunk], they take 1.2 ms. 1,000 calls
// of 0.25 ms take 0.13 s with two workers, 0.17 s with a process.Pool of two, and 0.25 s in a loop here.
//
// # From Python
//
//	futures.map                  Map
//	futures.map_as_completed     MapAsCompleted
//	futures.mapReduce            MapReduce
//	python -m scoop -n 4         four processes that call Serve, or cookbook worker
//	random in a task             Rand: one stream a task
package futures
