package ch3

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/mpi"
	"cookbook/internal/transcript"
)

// One rank has a value. All ranks make one call, and after it all of them have the value.

var shareValue = mpi.Register("ch3.broadcast", func(ctx context.Context, comm *mpi.Comm, task toShare) (shared, error) {
	var record shared
	rank := comm.Rank()
	out := mpi.Log(ctx).Actor(fmt.Sprintf("rank %d", rank))

	value := 0 // nothing yet; in Python None
	buffer := make([]int, 3)
	if rank == task.Root {
		value = task.Value
		buffer = []int{task.Value, 2 * task.Value, 3 * task.Value}
		out.Printf("process = %d has %d to share", rank, value)
	}
	record.Before = value

	// All ranks make this one call. It sends on the root, and receives on the others.
	value, err := mpi.BcastValue(comm, value, task.Root)
	if err != nil {
		return record, err
	}
	out.Printf("process = %d variable shared  = %d", rank, value)
	record.After = value

	value += rank
	record.Changed = value

	// The same for a buffer. Each rank has to have one of the right length.
	err = mpi.Bcast(comm, buffer, task.Root)
	record.Buffer = buffer
	return record, err
})

// toShare is the argument of all ranks. Only the root reads the value; the others get it by the broadcast.
type toShare struct{ Root, Value int }

// shared is what a rank's own variables held, step by step.
type shared struct {
	Before, After, Changed int
	Buffer                 []int
}

func broadcastValue(ctx context.Context, out *transcript.Log, ranks int, task toShare) error {
	out.Note("All ranks run the same function and make the same call. Only rank %d has the value before the call.", task.Root)
	records, err := mpi.Run(ctx, shareValue, ranks, task, mpi.WithLog(out))
	if err != nil {
		return err
	}

	var before, after, changed, added []int
	holders, buffers := 0, 0
	for rank, r := range records {
		before, after, changed = append(before, r.Before), append(after, r.After), append(changed, r.Changed)
		added = append(added, task.Value+rank)
		if r.Before != 0 {
			holders++
		}
		if slices.Equal(r.Buffer, []int{task.Value, 2 * task.Value, 3 * task.Value}) {
			buffers++
		}
	}
	out.Note("The values of the ranks' variables, from rank 0 on:")
	out.Printf("before  %v", before)
	out.Printf("after   %v", after)
	out.Check("ranks that held something before", holders, 1)
	out.Check("every rank holds the value afterwards", slices.Equal(after, slices.Repeat([]int{task.Value}, ranks)), true)

	out.Note("The name says shared, but each rank has a copy of its own. Then rank r has added r to its copy.")
	out.Printf("plus r  %v", changed)
	out.Check("nobody sees what the others add", slices.Equal(changed, added), true)

	out.Note("Bcast does the same for a buffer, a slice of numbers, and fills it in place. This is the last rank's:")
	out.Printf("buffer  %v", records[ranks-1].Buffer)
	out.Check("ranks whose buffer is the root's", buffers, ranks)
	return nil
}

var broadcast = catalog.Recipe{
	ID: "ch3.broadcast", Section: "3.14", Title: "Give every rank the same value by a broadcast",
	Python: "comm.bcast", Go: "mpi.BcastValue, mpi.Bcast",
	Needs:  []catalog.Need{catalog.Processes, catalog.SharedMemory},
	Engine: "mpi",
	New: func(f *pflag.FlagSet) catalog.Run {
		ranks := catalog.IntP(f, "ranks", "n", 10, 1, mpi.MaxRanks, "ranks to start")
		root := catalog.Int(f, "root", 0, 0, mpi.MaxRanks-1, "rank that has the value")
		value := catalog.Int(f, "value", 100, -1_000_000, 1_000_000, "number that this rank has; not 0")
		return func(ctx context.Context, out *transcript.Log) error {
			if *root >= *ranks {
				return catalog.Usagef("--root %d: want 0 to %d, one of the %d ranks", *root, *ranks-1, *ranks)
			}
			if *value == 0 {
				return catalog.Usagef("--value 0: want another number, because 0 is what the other ranks begin with")
			}
			return broadcastValue(ctx, out, *ranks, toShare{Root: *root, Value: *value})
		}
	},
	Wrong: broadcastWrong,
}
