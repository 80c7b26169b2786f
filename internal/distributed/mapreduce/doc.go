// Package mapreduce computes from an input of any size with worker processes, in two steps: mappers make pairs of keys and
// values of its pieces, and reducers make one result of all values of a key. It is what Disco is for Python.
//
//	var words = mapreduce.Register("example.words", mapreduce.Job[int]{
//		Map: func(_ context.Context, s mapreduce.Split, emit func([]byte, int)) error {
//			for word := range bytes.FieldsSeq(s.Data) {
//				emit(word, 1)
//			}
//			return nil
//		},
//		Combine: func(a, b int) int { return a + b },
//		Sort:    mapreduce.ByValue[int],
//	})
//
// In the workers' processes, which are of the same program or of one that has registered the same:
//
//	err := mapreduce.Serve(ctx, conn, mapreduce.Mapper) // in another one: mapreduce.Reducer
//
// In the client's:
//
//	pairs, err := mapreduce.Run(ctx, conn, words, mapreduce.Files("corpus"))
//
// # The words
//
// The input is cut into splits, at line ends. The text of a split travels to its mapper in a message, so mapper and
// client need not see the same files. Combine makes one value of all values that a split has for a key; this is what
// makes the rest cheap. The keys are divided into partitions. What travels from mappers to the partitions is the shuffle. Each
// partition is read by one reducer, which sorts its results; the client merges them.
//
// # What holds
//
//   - Every split counts once, although it is mapped at least once. A mapper acknowledges a split after all that
//     came of it is stored. If it dies before, another mapper gets the split 1.5 s later. The engine drops a second copy, and
//     where it cannot know it for one, the reducer does.
//   - A reducer stores snapshots. If it dies, another one goes on from the last.
//   - A split that kills its mappers ends the job with an error after four of them ([WithAttempts]). Only attempts that have
//     begun are counted, and from the second on nothing else is mapped in the same process.
//   - Workers may come and go, and the engine may start again: the client sends again what was under way. If the client dies,
//     a reducer removes its job after 10 s.
//   - Memory and storage do not grow with the input: 8 splits, or four for each mapper, are under way at the same time
//     ([WithWindow]), and what is in a snapshot is removed. They grow with the number of keys that differ. Without a Combine
//     the reducers keep all values.
//   - Keys and values travel as package wire writes them, so workers on other machines have to be of the same kind.
//
// # What it costs
//
// Measured on two cores that had other work to do, counting the words of 50 MiB: goroutines in one process, each with a map,
// take 0.67 s; one mapper and two reducers in processes of their own 1.7 s, two mappers 1.6 s. For 64 MiB and for 1 GiB
// the client with the engine in it has 111 and 133 MiB of memory, the mapper 34 and 42, the reducer 42 and 45. Many small
// files are slow: each is a split, and a split costs some milliseconds. go test -bench . shows what it is elsewhere.
package mapreduce
