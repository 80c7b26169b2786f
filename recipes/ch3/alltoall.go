package ch3

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/mpi"
	"cookbook/internal/transcript"
)

// An alltoallResult is what a rank has in the end, for main to look at.
type alltoallResult struct {
	Column        []int    // of the matrix
	Values        []string // as they are printed
	Drawn, Sorted []int    // keys
}

func alltoallRun(ctx context.Context, out *transcript.Log, ranks, keys int) error {
	results, err := mpi.Run(ctx, alltoallRank, ranks, keys, mpi.WithLog(out))
	if err != nil {
		return err
	}
	transposed, values, most := true, true, 0
	var drawn, sorted []int
	for r, result := range results {
		for s := range ranks {
			transposed = transposed && result.Column[s] == (s+1)*r
			values = values && result.Values[s] == fmt.Sprint(alltoallValue(s, r))
		}
		drawn, sorted = append(drawn, result.Drawn...), append(sorted, result.Sorted...)
		most = max(most, len(result.Sorted))
	}
	out.Printf("%d keys on %d ranks, on each at most %.2f times its share", len(sorted), ranks, float64(most*ranks)/float64(keys))
	out.Check("Alltoall transposes the matrix", transposed, true)
	out.Check("every value came to the rank it was for", values, true)
	out.Check("read rank by rank, the keys are sorted", slices.IsSorted(sorted), true)
	slices.Sort(drawn)
	slices.Sort(sorted)
	out.Check("no key was lost or made up", slices.Equal(drawn, sorted), true)
	return nil
}

var alltoallRank = mpi.Register("ch3.alltoall", func(ctx context.Context, comm *mpi.Comm, keys int) (alltoallResult, error) {
	var result alltoallResult
	log := mpi.Log(ctx)
	out := log.Actor(fmt.Sprintf("rank %d", comm.Rank()))
	for _, part := range []struct {
		note string
		run  func(out transcript.Actor, comm *mpi.Comm, keys int, result *alltoallResult) error
	}{
		{"Alltoall: every rank has one block for every rank. Row r of a matrix is rank r's, and what it gets is column r.", alltoallMatrix},
		{"AlltoallValues: each block has its own type, as Alltoallw has it for buffers.", alltoallValues},
		{"Alltoallv: each block has its own length. So ranks can sort keys together: each cuts its keys into ranges, one for each rank.", alltoallSort},
	} {
		if comm.Rank() == 0 { // in each part the others need something from rank 0, so this stands before their lines
			log.Note("%s", part.note)
		}
		if err := part.run(out, comm, keys, &result); err != nil {
			return result, err
		}
		if err := comm.Barrier(); err != nil { // nobody begins a part before all have spoken in the one before
			return result, err
		}
	}
	return result, nil
})

// alltoallMatrix is the book's program: blocks of one number each.
func alltoallMatrix(out transcript.Actor, comm *mpi.Comm, _ int, result *alltoallResult) error {
	send, recv := make([]int, comm.Size()), make([]int, comm.Size())
	for c := range send {
		send[c] = (comm.Rank() + 1) * c
	}
	if err := mpi.Alltoall(comm, send, recv); err != nil {
		return err
	}
	out.Printf("process %d sending %-14s receiving %s", comm.Rank(), alltoallShow(send), alltoallShow(recv))
	result.Column = recv
	return nil
}

// alltoallValue is what rank r has for rank s: a number, a string or a slice.
func alltoallValue(r, s int) any {
	return []any{r, fmt.Sprintf("from %d", r), []int{r, s}}[(r+s)%3]
}

func alltoallValues(out transcript.Actor, comm *mpi.Comm, _ int, result *alltoallResult) error {
	send := make([]any, comm.Size())
	for s := range send {
		send[s] = alltoallValue(comm.Rank(), s)
	}
	recv, err := mpi.AlltoallValues(comm, send)
	if err != nil {
		return err
	}
	for _, v := range recv {
		result.Values = append(result.Values, fmt.Sprint(v))
	}
	shown := result.Values
	if len(shown) > 8 {
		shown = append(shown[:8:8], "…")
	}
	out.Printf("process %d receiving %s", comm.Rank(), strings.Join(shown, ", "))
	return nil
}

// alltoallSort is a sample sort of random keys, of which each rank draws its share.
func alltoallSort(out transcript.Actor, comm *mpi.Comm, keys int, result *alltoallResult) error {
	n, rank, random := comm.Size(), comm.Rank(), out.Rand()
	for range keys*(rank+1)/n - keys*rank/n {
		result.Drawn = append(result.Drawn, random.IntN(10_000))
	}
	own := slices.Sorted(slices.Values(result.Drawn))

	// The samples of all ranks show how the keys are spread. From them every rank derives the same limits between n ranges.
	var samples, limits []int
	for i := 1; i < n && len(own) > 0; i++ {
		samples = append(samples, own[i*len(own)/n])
	}
	all, err := mpi.AllgatherValues(comm, samples)
	if err != nil {
		return err
	}
	samples = slices.Sorted(slices.Values(slices.Concat(all...)))
	for i := 1; i < n; i++ {
		limits = append(limits, samples[i*len(samples)/n])
	}

	// First the lengths of the blocks, so that each rank knows how much will come, then the blocks.
	sendCounts, recvCounts, total := make([]int, n), make([]int, n), 0
	for _, key := range own {
		r, _ := slices.BinarySearch(limits, key)
		sendCounts[r]++
	}
	if err := mpi.Alltoall(comm, sendCounts, recvCounts); err != nil {
		return err
	}
	for _, count := range recvCounts {
		total += count
	}
	result.Sorted = make([]int, total)
	if err := mpi.Alltoallv(comm, own, sendCounts, nil, result.Sorted, recvCounts, nil); err != nil {
		return err
	}
	slices.Sort(result.Sorted)
	out.Printf("sending %s, has %d: %s", alltoallShow(sendCounts), total, alltoallShow(result.Sorted))
	return nil
}

// alltoallShow prints numbers, of many only some.
func alltoallShow(v []int) string {
	if len(v) <= 8 {
		return fmt.Sprint(v)
	}
	return fmt.Sprintf("[%d %d … %d]", v[0], v[1], v[len(v)-1])
}

var alltoall = catalog.Recipe{
	ID: "ch3.alltoall", Section: "3.17", Title: "Exchange blocks between all ranks with Alltoall",
	Python: "comm.Alltoall", Go: "mpi.Alltoall, mpi.Alltoallv",
	Needs: []catalog.Need{catalog.Processes, catalog.SharedMemory}, Engine: "mpi",
	New: func(f *pflag.FlagSet) catalog.Run {
		ranks := catalog.IntP(f, "ranks", "n", 5, 1, mpi.MaxRanks, "ranks to start")
		keys := catalog.Int(f, "keys", 1000, 1, 1_000_000, "random numbers that the ranks sort together")
		return func(ctx context.Context, out *transcript.Log) error { return alltoallRun(ctx, out, *ranks, *keys) }
	},
}
