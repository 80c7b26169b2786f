package ch3

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/mpi"
	"cookbook/internal/transcript"
)

// The root has a list, and each rank gets one item. Then it has a buffer, and each rank gets a block of its own length.

// # One item for each rank

var dealItems = mpi.Register("ch3.scatter", func(ctx context.Context, comm *mpi.Comm, task deal) (dealt, error) {
	var record dealt
	rank := comm.Rank()
	out := mpi.Log(ctx).Actor(fmt.Sprintf("rank %d", rank))

	var list []int // nil on all ranks but the root
	if rank == task.Root {
		for i := range task.Items {
			list = append(list, i+1)
		}
		out.Printf("array_to_share = %v", list)
	}
	item, err := mpi.ScatterValues(comm, list, task.Root)
	if err != nil {
		return record, err // the list does not have one item for each rank: every rank ends here
	}
	out.Printf("process = %d recvbuf = %d", rank, item)
	record.Item = item

	if err := comm.Barrier(); err != nil { // all have printed their items
		return record, err
	}
	if rank == task.Root {
		mpi.Log(ctx).Note("Now the list is one too long. Every rank gets the error, and all go on.")
	}
	_, err = mpi.ScatterValues(comm, append(list, 0), task.Root)
	if err != nil && !errors.Is(err, mpi.ErrCount) {
		return record, err
	}
	record.Refused = fmt.Sprint(err)
	if rank == task.Root {
		out.Printf("%v", err)
	}
	record.Block, err = dealBlocks(ctx, comm, task.Root)
	return record, err
})

// deal says how many items each rank has.
type deal struct{ Root, Items int }

// dealt is what a rank got.
type dealt struct {
	Item    int    // of the list
	Refused string // what it was told when the list was too long
	Block   []int
}

// # Blocks of different lengths

// dealBlocks deals out blocks of different lengths.
func dealBlocks(ctx context.Context, comm *mpi.Comm, root int) ([]int, error) {
	rank := comm.Rank()
	out := mpi.Log(ctx).Actor(fmt.Sprintf("rank %d", rank))

	var buffer, counts, displs []int
	if rank == root {
		buffer, counts, displs = blocksFor(comm.Size())
		mpi.Log(ctx).Note("Scatterv cuts blocks of different lengths out of a buffer. Numbers between the blocks may be left out.")
		out.Printf("buffer = 0 to %d", len(buffer)-1)
		out.Printf("counts = %v", counts)
		out.Printf("displs = %v", displs)
	}

	// Only the root knows the counts, but each rank has to make room for its block. So the counts are dealt out first.
	count := make([]int, 1)
	if err := mpi.Scatter(comm, counts, count, root); err != nil {
		return nil, err
	}
	block := make([]int, count[0])
	if err := mpi.Scatterv(comm, buffer, counts, displs, block, root); err != nil {
		return nil, err
	}
	out.Printf("process = %d block = %v", rank, block)
	return block, nil
}

// blocksFor makes a buffer in which each number is its own place, and says which blocks to cut out of it. They are 1, 2, 3,
// 1, 2, 3 … numbers long, and between two of them is one number that no rank gets.
func blocksFor(ranks int) (buffer, counts, displs []int) {
	at := 0
	for r := range ranks {
		counts, displs = append(counts, 1+r%3), append(displs, at)
		at += counts[r] + 1
	}
	for i := range at - 1 {
		buffer = append(buffer, i)
	}
	return buffer, counts, displs
}

// # The run

func dealOut(ctx context.Context, out *transcript.Log, ranks int, task deal) error {
	out.Note("Only rank %d has a list. Each rank should get one item.", task.Root)
	records, err := mpi.Run(ctx, dealItems, ranks, task, mpi.WithLog(out))
	if err != nil {
		return err
	}

	items, told, blocks := 0, 0, 0
	buffer, counts, displs := blocksFor(ranks)
	left := slices.Clone(buffer)
	for r, record := range records {
		if record.Item == r+1 {
			items++
		}
		if strings.Contains(record.Refused, fmt.Sprintf("%d values for %d ranks", ranks+1, ranks)) {
			told++
		}
		if slices.Equal(record.Block, buffer[displs[r]:displs[r]+counts[r]]) {
			blocks++
		}
		left = slices.DeleteFunc(left, func(i int) bool { return slices.Contains(record.Block, i) })
	}
	out.Printf("nobody got %v", left)
	out.Check("ranks that got the item of their number", items, ranks)
	out.Check("ranks that were told both numbers", told, ranks)
	out.Check("ranks that got their own block", blocks, ranks)
	out.Check("numbers left out between the blocks", len(left), ranks-1)
	return nil
}

var scatter = catalog.Recipe{
	ID: "ch3.scatter", Section: "3.15", Title: "Deal a list out to the ranks by a scatter",
	Python: "comm.scatter", Go: "mpi.ScatterValues, mpi.Scatterv",
	Needs:  []catalog.Need{catalog.Processes, catalog.SharedMemory},
	Engine: "mpi",
	New: func(f *pflag.FlagSet) catalog.Run {
		ranks := catalog.IntP(f, "ranks", "n", 10, 1, mpi.MaxRanks, "ranks to start")
		root := catalog.Int(f, "root", 0, 0, mpi.MaxRanks-1, "rank that has the list")
		items := catalog.Int(f, "items", 0, 0, 1000, "length of the list; 0 stands for the number of ranks")
		return func(ctx context.Context, out *transcript.Log) error {
			if *root >= *ranks {
				return catalog.Usagef("--root %d: want 0 to %d, one of the %d ranks", *root, *ranks-1, *ranks)
			}
			return dealOut(ctx, out, *ranks, deal{Root: *root, Items: cmp.Or(*items, *ranks)})
		}
	},
}
