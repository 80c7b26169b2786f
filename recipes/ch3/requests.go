package ch3

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/mpi"
	"cookbook/internal/transcript"
)

// A rank begins to send and to receive, does something else, and waits only when it needs the result. No rank has to be
// first, so ranks in a ring cannot wait for each other without end.

const toRight, toLeft, late = 0, 1, 2 // tags, which distinguish messages between the same two ranks

// # Buffers

// swapWithNeighbours sends this rank's numbers to both neighbours in a ring, and returns theirs.
func swapWithNeighbours(comm *mpi.Comm, me transcript.Actor, size int) (fromLeft, fromRight []int, err error) {
	rank, n := comm.Rank(), comm.Size()
	left, right := (rank+n-1)%n, (rank+1)%n
	own := slices.Repeat([]int{rank}, size)
	fromLeft, fromRight = make([]int, size), make([]int, size)

	me.Printf("process %d begins to swap %d numbers with %d and %d", rank, size, left, right)
	in1, err1 := mpi.Irecv(comm, fromLeft, left, toRight)
	in2, err2 := mpi.Irecv(comm, fromRight, right, toLeft)
	out1, err3 := mpi.Isend(comm, own, right, toRight)
	out2, err4 := mpi.Isend(comm, own, left, toLeft)
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return nil, nil, err
	}
	sum := 0 // Messages travel while this rank computes. It may read what it sends, but must not touch the other buffers.
	for _, number := range own {
		sum += number
	}
	if err := mpi.Waitall(in1, in2, out1, out2); err != nil {
		return nil, nil, err
	}
	me.Printf("process %d has summed up its own, %d, and has those of %d and %d", rank, sum, fromLeft[0], fromRight[0])
	return fromLeft, fromRight, nil
}

// # Values

// gatherTexts sends a text from each rank to rank 0, which has begun to receive all of them before it waits for one.
func gatherTexts(comm *mpi.Comm, me transcript.Actor) (texts []string, err error) {
	if comm.Rank() > 0 {
		request, err := mpi.IsendValue(comm, fmt.Sprintf("greetings from %d", comm.Rank()), 0, toLeft)
		if err != nil {
			return nil, err
		}
		_, err = request.Wait()
		return nil, err
	}
	var requests []*mpi.ValueRequest[string]
	for from := 1; from < comm.Size(); from++ {
		request, err := mpi.IrecvValue[string](comm, from, toLeft)
		if err != nil {
			return nil, err
		}
		requests = append(requests, request)
	}
	for _, request := range slices.Backward(requests) {
		text, _, err := request.Wait()
		if err != nil {
			return nil, err
		}
		me.Printf("%s", text)
		texts = append(texts, text)
	}
	return texts, nil
}

// # A synchronous send

// sendToBegun lets rank 1 send synchronously to rank 0, which has begun to receive and does not wait for it yet.
func sendToBegun(comm *mpi.Comm, me transcript.Actor) (text string, err error) {
	switch comm.Rank() {
	case 0:
		me.Printf("beginning to receive")
		request, err := mpi.IrecvValue[string](comm, 1, toLeft)
		if err != nil {
			return "", err
		}
		if _, err := mpi.Recv(comm, []byte{}, 1, late); err != nil { // rank 1 sends this when its SsendValue has returned
			return "", err
		}
		me.Printf("waiting only now")
		text, _, err = request.Wait()
		return text, err
	case 1:
		if err := mpi.SsendValue(comm, "in time", 0, toLeft); err != nil {
			return "", err
		}
		me.Printf("SsendValue has returned")
		return "", mpi.Send(comm, []byte{}, 0, late)
	}
	return "", nil
}

// swapped is what came to a rank.
type swapped struct {
	FromLeft, FromRight []int
	Texts               []string
	InTime              string
}

var swapAndGather = mpi.Register("ch3.requests", func(ctx context.Context, comm *mpi.Comm, size int) (s swapped, err error) {
	me := mpi.Log(ctx).Actor(fmt.Sprintf("rank %d", comm.Rank()))
	if s.FromLeft, s.FromRight, err = swapWithNeighbours(comm, me, size); err != nil {
		return s, err
	}
	if err := comm.Barrier(); err != nil { // all have said what they have
		return s, err
	}
	if s.Texts, err = gatherTexts(comm, me); err != nil {
		return s, err
	}
	s.InTime, err = sendToBegun(comm, me)
	return s, err
})

// # The run

func useRequests(ctx context.Context, out *transcript.Log, ranks, size int) error {
	out.Note("With Send and then Recv, messages of this length would hang: each rank would wait for its right neighbour.")
	results, err := mpi.Run(ctx, swapAndGather, ranks, size, mpi.WithLog(out))
	if err != nil {
		return err
	}
	right, texts := 0, []string{}
	for r, got := range results {
		left := slices.Repeat([]int{(r + ranks - 1) % ranks}, size)
		if slices.Equal(got.FromLeft, left) && slices.Equal(got.FromRight, slices.Repeat([]int{(r + 1) % ranks}, size)) {
			right++
		}
		if r > 0 {
			texts = append([]string{fmt.Sprintf("greetings from %d", r)}, texts...)
		}
	}
	out.Check("ranks that have both neighbours' numbers", right, ranks)
	out.Check("rank 0 has a text of every other rank", results[0].Texts, texts)
	out.Check("a synchronous send returns when its receive has begun", results[0].InTime, "in time")
	return nil
}

var requests = catalog.Recipe{
	ID: "ch3.requests", Section: "3.12", Title: "Send and receive without waiting",
	Python: "mpi4py: Comm.Isend, Comm.Irecv, Request.Waitall", Go: "mpi.Isend, mpi.Irecv, mpi.Waitall",
	Needs: []catalog.Need{catalog.Processes, catalog.SharedMemory}, Engine: "mpi",
	New: func(f *pflag.FlagSet) catalog.Run {
		ranks := catalog.IntP(f, "ranks", "n", 4, 2, mpi.MaxRanks, "ranks to start")
		size := catalog.Int(f, "size", 50_000, 1, 1_000_000, "numbers in each message between neighbours")
		return func(ctx context.Context, out *transcript.Log) error { return useRequests(ctx, out, *ranks, *size) }
	},
}
