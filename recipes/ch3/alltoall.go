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

// Every rank has a block for every rank, and gets one from each: blocks of one length, values of any type, and blocks of
// different lengths. With the last the ranks sort random keys together.

// An exchanged is what a rank has in the end. Main checks it.
type exchanged struct {
	Column        []int    // of the matrix
	Values        []string // as they are printed
	Drawn, Sorted []int    // keys
}

var exchangeBlocks = mpi.Register("ch3.alltoall", func(ctx context.Context, comm *mpi.Comm, keys int) (exchanged, error) {
	var result exchanged
	log := mpi.Log(ctx)
	out := log.Actor(fmt.Sprintf("rank %d", comm.Rank()))
	for _, part := range []struct {
		note string
		run  func(r *exchanged, out transcript.Actor, comm *mpi.Comm, keys int) error
	}{
		{"Alltoall: every rank has one block for every rank. Rank r has row r of a matrix and gets column r.",
			(*exchanged).transpose},
		{"AlltoallValues: each block has its own type, as Alltoallw has it for buffers.", (*exchanged).values},
		{"Alltoallv: each block has its own length. So ranks can sort keys together: each cuts its keys into ranges, " +
			"one for each rank.", (*exchanged).sort},
	} {
		if comm.Rank() == 0 { // in each part the others need something from rank 0, so the note comes before their lines
			log.Note("%s", part.note)
		}
		if err := part.run(&result, out, comm, keys); err != nil {
			return result, err
		}
		if err := comm.Barrier(); err != nil { // no rank begins a part before all have ended the part before it
			return result, err
		}
	}
	return result, nil
})

// # Alltoall

// transpose is the book's program: blocks of one number each.
func (r *exchanged) transpose(out transcript.Actor, comm *mpi.Comm, _ int) error {
	send, recv := make([]int, comm.Size()), make([]int, comm.Size())
	for c := range send {
		send[c] = (comm.Rank() + 1) * c
	}
	if err := mpi.Alltoall(comm, send, recv); err != nil {
		return err
	}
	out.Printf("process %d sending %-14s receiving %s", comm.Rank(), someOf(send), someOf(recv))
	r.Column = recv
	return nil
}

// # AlltoallValues

func (r *exchanged) values(out transcript.Actor, comm *mpi.Comm, _ int) error {
	send := make([]any, comm.Size())
	for s := range send {
		send[s] = valueFor(comm.Rank(), s)
	}
	recv, err := mpi.AlltoallValues(comm, send)
	if err != nil {
		return err
	}
	for _, v := range recv {
		r.Values = append(r.Values, fmt.Sprint(v))
	}
	shown := r.Values
	if len(shown) > 8 {
		shown = append(shown[:8:8], "…")
	}
	out.Printf("process %d receiving %s", comm.Rank(), strings.Join(shown, ", "))
	return nil
}

// valueFor is what rank r has for rank s: a number, a string or a slice.
func valueFor(r, s int) any {
	return []any{r, fmt.Sprintf("from %d", r), []int{r, s}}[(r+s)%3]
}

// # Alltoallv

// sort is a sample sort of random keys, of which each rank draws its share.
func (r *exchanged) sort(out transcript.Actor, comm *mpi.Comm, keys int) error {
	n, rank, random := comm.Size(), comm.Rank(), out.Rand()
	for range keys*(rank+1)/n - keys*rank/n {
		r.Drawn = append(r.Drawn, random.IntN(10_000))
	}
	own := slices.Sorted(slices.Values(r.Drawn))

	// The samples of all ranks show how the keys are spread. From them every rank computes the same limits of n ranges.
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

	// First the lengths of the blocks are sent, so that each rank knows how much will come. Then the blocks are sent.
	sendCounts, recvCounts, total := make([]int, n), make([]int, n), 0
	for _, key := range own {
		to, _ := slices.BinarySearch(limits, key)
		sendCounts[to]++
	}
	if err := mpi.Alltoall(comm, sendCounts, recvCounts); err != nil {
		return err
	}
	for _, count := range recvCounts {
		total += count
	}
	r.Sorted = make([]int, total)
	if err := mpi.Alltoallv(comm, own, sendCounts, nil, r.Sorted, recvCounts, nil); err != nil {
		return err
	}
	slices.Sort(r.Sorted)
	out.Printf("sending %s, has %d: %s", someOf(sendCounts), total, someOf(r.Sorted))
	return nil
}

// someOf prints numbers. If there are many it prints only some.
func someOf(v []int) string {
	if len(v) <= 8 {
		return fmt.Sprint(v)
	}
	return fmt.Sprintf("[%d %d … %d]", v[0], v[1], v[len(v)-1])
}

// # The run

func exchangeAll(ctx context.Context, out *transcript.Log, ranks, keys int) error {
	results, err := mpi.Run(ctx, exchangeBlocks, ranks, keys, mpi.WithLog(out))
	if err != nil {
		return err
	}
	transposed, values, most, drawn, sorted := true, true, 0, []int{}, []int{}
	for r, result := range results {
		for s := range ranks {
			transposed = transposed && result.Column[s] == (s+1)*r
			values = values && result.Values[s] == fmt.Sprint(valueFor(s, r))
		}
		drawn, sorted = append(drawn, result.Drawn...), append(sorted, result.Sorted...)
		most = max(most, len(result.Sorted))
	}
	share := float64(most*ranks) / float64(keys)
	out.Printf("%d keys on %d ranks, on each at most %.2f times its share", len(sorted), ranks, share)
	out.Check("Alltoall transposes the matrix", transposed, true)
	out.Check("every value came to the rank it was for", values, true)
	out.Check("read rank by rank, the keys are sorted", slices.IsSorted(sorted), true)
	slices.Sort(drawn)
	slices.Sort(sorted)
	out.Check("no key was lost or made up", slices.Equal(drawn, sorted), true)
	return nil
}

var alltoall = catalog.Recipe{
	ID: "ch3.alltoall", Section: "3.17", Title: "Exchange blocks between all ranks with Alltoall",
	Python: "comm.Alltoall", Go: "mpi.Alltoall, mpi.Alltoallv",
	Needs: []catalog.Need{catalog.Processes, catalog.SharedMemory}, Engine: "mpi",
	New: func(f *pflag.FlagSet) catalog.Run {
		ranks := catalog.IntP(f, "ranks", "n", 5, 1, mpi.MaxRanks, "ranks to start")
		keys := catalog.Int(f, "keys", 1000, 1, 1_000_000, "random numbers that the ranks sort together")
		return func(ctx context.Context, out *transcript.Log) error { return exchangeAll(ctx, out, *ranks, *keys) }
	},
}
