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

// Each rank has a part. In the end the root has all parts, or every rank has them: values, then buffers of one length,
// then buffers of different lengths.

// toCollect says which rank collects, and which one gives 0 in place of its square.
type toCollect struct{ Root, Zero int }

// collected is what a rank gave and got. Only the root gets something from a gather.
type collected struct {
	Gave             int
	Values, Squares  []int // from GatherValues and Gather
	Known            []int // from Allgather
	Blocks, AllKnown []int // from Gatherv and Allgatherv
}

var collect = mpi.Register("ch3.gather", func(ctx context.Context, comm *mpi.Comm, task toCollect) (c collected, err error) {
	rank := comm.Rank()
	out := mpi.Log(ctx).Actor(fmt.Sprintf("rank %d", rank))

	c.Gave = (rank + 1) * (rank + 1)
	if rank == task.Zero {
		c.Gave = 0
	}
	out.Printf("process = %d gives %d", rank, c.Gave)
	if c.Values, err = mpi.GatherValues(comm, c.Gave, task.Root); err != nil {
		return c, err
	}
	if rank == task.Root {
		mpi.Log(ctx).Note("The root prints what it has received. It computes nothing itself.")
		out.Printf("rank = %d ...receiving data from other processes", rank)
		for from, value := range c.Values {
			if from == rank {
				out.Printf("process %d has its own %d", rank, value)
			} else {
				out.Printf("process %d receiving %d from process %d", rank, value, from)
			}
		}
		mpi.Log(ctx).Note("Allgather: every rank gets the values of all ranks.")
	}
	return c, c.buffers(ctx, out, comm, task.Root)
})

// buffers collects slices of numbers. A rank that receives makes room for what all send.
func (c *collected) buffers(ctx context.Context, out transcript.Actor, comm *mpi.Comm, root int) error {
	rank, send := comm.Rank(), []int{c.Gave}
	c.Known = make([]int, comm.Size())
	if err := mpi.Allgather(comm, send, c.Known); err != nil {
		return err
	}
	out.Printf("process = %d knows %v", rank, c.Known)

	block, counts, total := ownBlock(rank), []int{}, 0
	for r := range comm.Size() {
		counts = append(counts, len(ownBlock(r)))
		total += counts[r]
	}
	if rank == root {
		c.Squares, c.Blocks = make([]int, comm.Size()), make([]int, total)
		mpi.Log(ctx).Note("Gather and Gatherv fill the root's buffer. With Gatherv the ranks give 1, 2, 3, 1, 2 … numbers.")
	}
	if err := mpi.Gather(comm, send, c.Squares, root); err != nil {
		return err
	}
	if err := mpi.Gatherv(comm, block, c.Blocks, counts, nil, root); err != nil {
		return err
	}
	if rank == root {
		out.Printf("Gather  %v", c.Squares)
		out.Printf("Gatherv %v", c.Blocks)
	}
	c.AllKnown = make([]int, total)
	if err := mpi.Allgatherv(comm, block, c.AllKnown, counts, nil); err != nil {
		return err
	}
	out.Printf("process = %d knows all blocks %v", rank, c.AllKnown)
	return nil
}

// ownBlock is what rank r gives to Gatherv: its number, one to three times.
func ownBlock(r int) []int { return slices.Repeat([]int{r}, 1+r%3) }

// # The run

func collectAll(ctx context.Context, out *transcript.Log, ranks int, task toCollect) error {
	out.Note("Each rank has a value. Rank %d collects all values.", task.Root)
	records, err := mpi.Run(ctx, collect, ranks, task, mpi.WithLog(out))
	if err != nil {
		return err
	}

	var given, squares, blocks []int
	for r, record := range records {
		given, squares, blocks = append(given, record.Gave), append(squares, (r+1)*(r+1)), append(blocks, ownBlock(r)...)
	}
	empty, know, knowBlocks := 0, 0, 0
	for _, record := range records {
		if record.Values == nil {
			empty++
		}
		if slices.Equal(record.Known, given) {
			know++
		}
		if slices.Equal(record.AllKnown, blocks) {
			knowBlocks++
		}
	}
	root := records[task.Root]
	out.Check("the root has what each rank gave", slices.Equal(root.Values, given), true)
	out.Check("ranks that get nothing from Gather", empty, ranks-1)
	out.Check("ranks that know everything after Allgather", know, ranks)
	buffers := slices.Equal(root.Squares, given) && slices.Equal(root.Blocks, blocks)
	out.Check("Gather and Gatherv do the same with buffers", buffers, true)
	out.Check("ranks that know every block after Allgatherv", knowBlocks, ranks)
	if task.Zero < 0 {
		out.Check("these are the squares", slices.Equal(given, squares), true)
	} else {
		out.Note("A program that computes what it should receive would have printed %d for rank %d.",
			squares[task.Zero], task.Zero)
	}
	return nil
}

var gather = catalog.Recipe{
	ID: "ch3.gather", Section: "3.16", Title: "Collect a value from every rank by a gather",
	Python: "comm.gather", Go: "mpi.GatherValues, mpi.Gatherv, mpi.Allgather",
	Needs:  []catalog.Need{catalog.Processes, catalog.SharedMemory},
	Engine: "mpi",
	New: func(f *pflag.FlagSet) catalog.Run {
		ranks := catalog.IntP(f, "ranks", "n", 5, 1, mpi.MaxRanks, "ranks to start")
		root := catalog.Int(f, "root", 0, 0, mpi.MaxRanks-1, "rank that collects")
		zero := catalog.Int(f, "zero", -1, -1, mpi.MaxRanks-1, "rank that gives 0 in place of its square, or -1 for no rank")
		return func(ctx context.Context, out *transcript.Log) error {
			if *root >= *ranks {
				return catalog.Usagef("--root %d: want 0 to %d, one of the %d ranks", *root, *ranks-1, *ranks)
			}
			if *zero >= *ranks {
				return catalog.Usagef("--zero %d: want 0 to %d, one of the %d ranks, or -1", *zero, *ranks-1, *ranks)
			}
			return collectAll(ctx, out, *ranks, toCollect{Root: *root, Zero: *zero})
		}
	},
}
