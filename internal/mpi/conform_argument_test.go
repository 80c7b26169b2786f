package mpi

import (
	"errors"
	"math"
	"strings"
)

// conformArguments is calls that cannot be. The error comes from the arguments alone; the other ranks take no part, unless
// it says so, and the communicator remains of use.
var conformArguments = []conformCase{
	{name: "wrong ranks and tags", ranks: 1, run: func(k *conform) {
		b, me := []int{1}, k.rank
		for _, to := range []int{k.n, k.n + 5, AnySource, -7, math.MaxInt, math.MinInt, 1 << 32} {
			fails(k, "Send", Send(k.c, b, to, 0), ErrRank)
			fails(k, "Ssend", Ssend(k.c, b, to, 0), ErrRank)
			fails(k, "Send", SendValue(k.c, "", to, 0), ErrRank)
			_, err := Isend(k.c, b, to, 0)
			fails(k, "Isend", err, ErrRank)
			_, err = IsendValue(k.c, "", to, 0)
			fails(k, "Isend", err, ErrRank)
			_, err = Sendrecv(k.c, b, to, 0, b, me, 0)
			fails(k, "Sendrecv", err, ErrRank)
		}
		for _, from := range []int{k.n, -7, math.MaxInt, math.MinInt, 1 << 32} {
			_, err := Recv(k.c, b, from, 0)
			fails(k, "Recv", err, ErrRank)
			_, _, err = RecvValue[int](k.c, from, 0)
			fails(k, "Recv", err, ErrRank)
			_, err = Irecv(k.c, b, from, 0)
			fails(k, "Irecv", err, ErrRank)
			_, err = IrecvValue[int](k.c, from, 0)
			fails(k, "Irecv", err, ErrRank)
			_, err = k.c.Probe(from, 0)
			fails(k, "Probe", err, ErrRank)
			_, _, err = k.c.Iprobe(from, 0)
			fails(k, "Iprobe", err, ErrRank)
			_, err = Sendrecv(k.c, b, me, 0, b, from, 0)
			fails(k, "Sendrecv", err, ErrRank)
			_, _, err = SendrecvValue[int, int](k.c, 1, me, 0, from, 0)
			fails(k, "Sendrecv", err, ErrRank)
		}
		for _, tag := range []int{AnyTag, -1, MaxTag + 1, math.MaxInt, math.MinInt, 1 << 32} {
			fails(k, "Send", Send(k.c, b, me, tag), ErrTag)
			fails(k, "Ssend", Ssend(k.c, b, me, tag), ErrTag)
			fails(k, "Send", Send(k.c, b, ProcNull, tag), ErrTag)
			_, err := Isend(k.c, b, me, tag)
			fails(k, "Isend", err, ErrTag)
			_, err = Sendrecv(k.c, b, me, tag, b, me, 0)
			fails(k, "Sendrecv", err, ErrTag)
		}
		for _, tag := range []int{-1, MaxTag + 1, math.MaxInt, math.MinInt, 1 << 32} {
			_, err := Recv(k.c, b, me, tag)
			fails(k, "Recv", err, ErrTag)
			_, err = Irecv(k.c, b, AnySource, tag)
			fails(k, "Irecv", err, ErrTag)
			_, err = k.c.Probe(me, tag)
			fails(k, "Probe", err, ErrTag)
			_, err = Sendrecv(k.c, b, me, 0, b, me, tag)
			fails(k, "Sendrecv", err, ErrTag)
		}
		_, found, err := k.c.Iprobe(AnySource, AnyTag)
		k.ok(err)
		equal(k, "whether anything was sent", found, false)
		conformSum(k, k.c, 1)
	}},
	{name: "wrong roots", ranks: 1, run: func(k *conform) {
		b := make([]int, k.n)
		for _, root := range []int{-1, AnySource, k.n, math.MaxInt, math.MinInt, 1 << 32} {
			fails(k, "Bcast", Bcast(k.c, b, root), ErrRoot)
			fails(k, "Scatter", Scatter(k.c, b, b[:1], root), ErrRoot)
			fails(k, "Scatterv", Scatterv(k.c, b, b, nil, b[:1], root), ErrRoot)
			fails(k, "Gather", Gather(k.c, b[:1], b, root), ErrRoot)
			fails(k, "Gatherv", Gatherv(k.c, b[:1], b, b, nil, root), ErrRoot)
			fails(k, "Reduce", Reduce(k.c, b, b, Sum, root), ErrRoot)
			fails(k, "Reduce", Reduce(k.c, b, b, OpOf(func(a, _ int) int { return a }), root), ErrRoot)
			_, err := BcastValue(k.c, "", root)
			fails(k, "Bcast", err, ErrRoot)
			_, err = ScatterValues(k.c, []string{""}, root)
			fails(k, "Scatter", err, ErrRoot)
			_, err = GatherValues(k.c, "", root)
			fails(k, "Gather", err, ErrRoot)
		}
		conformSum(k, k.c, 2)
	}},
	{name: "wrong lengths", ranks: 1, run: func(k *conform) {
		me, n := k.rank, k.n
		b := func(n int) []int { return make([]int, n) }
		ones := b(n)
		for r := range ones {
			ones[r] = 1
		}
		with := func(r, v int) []int {
			counts := append([]int(nil), ones...)
			counts[r] = v
			return counts
		}
		fails(k, "Scatter", Scatter(k.c, b(n+1), b(1), me), ErrCount)
		fails(k, "Scatter", Scatter(k.c, nil, b(1), me), ErrCount)
		fails(k, "Gather", Gather(k.c, b(1), b(n-1), me), ErrCount)
		fails(k, "Allgather", Allgather(k.c, b(2), b(n)), ErrCount)
		fails(k, "Alltoall", Alltoall(k.c, b(n), b(2*n)), ErrCount)
		if n > 1 {
			fails(k, "Alltoall", Alltoall(k.c, b(n+1), b(n+1)), ErrCount)
		}
		for _, counts := range [][]int{nil, ones[1:], append(b(1), ones...), with(0, -1), with(n-1, n+1), with(0, 1<<62)} {
			fails(k, "Scatterv", Scatterv(k.c, b(n), counts, nil, b(1), me), ErrCount)
			fails(k, "Gatherv", Gatherv(k.c, b(1), b(n), counts, nil, me), ErrCount)
			fails(k, "Allgatherv", Allgatherv(k.c, b(1), b(n), counts, nil), ErrCount)
			fails(k, "Alltoallv", Alltoallv(k.c, b(n), counts, nil, b(n), ones, nil), ErrCount)
			fails(k, "Alltoallv", Alltoallv(k.c, b(n), ones, nil, b(n), counts, nil), ErrCount)
		}
		displs := b(n)
		for r := range displs {
			displs[r] = r
		}
		for _, first := range []int{-1, n, math.MaxInt, math.MinInt} {
			wrong := append([]int{first}, displs[1:]...)
			fails(k, "Gatherv", Gatherv(k.c, b(1), b(n), ones, wrong, me), ErrCount)
		}
		for _, wrong := range [][]int{displs[1:], append(b(1), displs...), append([]int{-1}, displs[1:]...), append([]int{n}, displs[1:]...)} {
			fails(k, "Scatterv", Scatterv(k.c, b(n), ones, wrong, b(1), me), ErrCount)
			fails(k, "Gatherv", Gatherv(k.c, b(1), b(n), ones, wrong, me), ErrCount)
			fails(k, "Allgatherv", Allgatherv(k.c, b(1), b(n), ones, wrong), ErrCount)
			fails(k, "Alltoallv", Alltoallv(k.c, b(n), ones, wrong, b(n), ones, nil), ErrCount)
		}
		fails(k, "Allgatherv", Allgatherv(k.c, b(2), b(n), ones, nil), ErrCount)
		fails(k, "Reduce", Reduce(k.c, b(2), b(3), Sum, me), ErrCount)
		fails(k, "Allreduce", Allreduce(k.c, b(2), b(1), Sum), ErrCount)
		fails(k, "Allreduce", Allreduce(k.c, b(2), nil, OpOf(func(a, _ int) int { return a })), ErrCount)
		fails(k, "Scan", Scan(k.c, b(2), b(1), Sum), ErrCount)
		_, err := AlltoallValues(k.c, make([]string, n+1))
		fails(k, "Alltoall", err, ErrCount)
		conformSum(k, k.c, 3)
	}},
	{name: "blocks to be written must not overlap, to be read they may", ranks: 2, run: func(k *conform) {
		twos, displs := make([]int, k.n), make([]int, k.n)
		for r := range twos {
			twos[r], displs[r] = 2, r
		}
		long := make([]int, k.n+1)
		for i := range long {
			long[i] = 10 * i
		}
		pair := []int{1, 2}
		fails(k, "Gatherv", Gatherv(k.c, pair, long, twos, displs, k.rank), ErrCount)
		fails(k, "Allgatherv", Allgatherv(k.c, pair, long, twos, displs), ErrCount)
		fails(k, "Alltoallv", Alltoallv(k.c, make([]int, 2*k.n), twos, nil, long, twos, displs), ErrCount)
		k.ok(Scatterv(k.c, long, twos, displs, pair, 0))
		same(k, "a block that shares an element with the next", pair, []int{10 * k.rank, 10*k.rank + 10})
		got := make([]int, 2*k.n)
		k.ok(Alltoallv(k.c, long, twos, displs, got, twos, nil))
		for r := range k.n {
			same(k, "such a block of Alltoallv", got[2*r:2*r+2], []int{10 * k.rank, 10*k.rank + 10})
		}
	}},
	{name: "a block without elements may lie anywhere", ranks: 1, run: func(k *conform) {
		for _, displ := range []int{-1, math.MinInt, math.MaxInt, 1 << 40, 7} {
			// Only the first rank has elements.
			counts, displs := make([]int, k.n), make([]int, k.n)
			for r := range displs {
				displs[r] = displ
			}
			counts[0], displs[0] = 3, 1
			all, root := []int{0, 1, 2, 3, 4}, k.n-1
			mine, got := make([]int, counts[k.rank]), make([]int, 5)
			k.ok(Scatterv(k.c, all, counts, displs, mine, root))
			same(k, "what Scatterv brought", mine, all[1:4][:len(mine)])
			k.ok(Gatherv(k.c, mine, got, counts, displs, root))
			if k.rank == root {
				same(k, "what Gatherv brought", got, []int{0, 1, 2, 3, 0})
			}
			k.ok(Allgatherv(k.c, mine, got, counts, displs))
			same(k, "what Allgatherv brought", got, []int{0, 1, 2, 3, 0})
			// Only rank 0 gets elements, from all.
			in, places, room := make([]int, k.n), make([]int, k.n), make([]int, 3*k.n)
			for r := range in {
				places[r] = displ
				if k.rank == 0 {
					in[r], places[r] = 3, 3*r
				}
			}
			k.ok(Alltoallv(k.c, all, counts, displs, room, in, places))
			for r := range k.n {
				same(k, "what Alltoallv brought", room[3*r:3*r+in[r]], all[1:4][:in[r]])
			}
			for i := range displs {
				counts[i], displs[i] = 0, displ
			}
			k.ok(Allgatherv(k.c, nil, []int(nil), counts, displs))
		}
	}},
	{name: "wrong colours and grids", ranks: 1, run: func(k *conform) {
		for _, color := range []int{-2, math.MinInt, math.MinInt32 - 1} {
			_, err := k.c.Split(color, 0)
			fails(k, "Split", err, ErrCount)
		}
		for _, dims := range [][]int{{k.n + 1}, {0}, {k.n, -1}, {math.MaxInt}, {math.MinInt}, {1, math.MaxInt, 2}, {1 << 32, 1 << 32}} {
			_, err := CartCreate(k.c, dims, make([]bool, len(dims)))
			fails(k, "CartCreate", err, ErrDims)
		}
		conformSum(k, k.c, 4)
	}},
	{name: "the world cannot be freed", ranks: 1, run: func(k *conform) {
		fails(k, "Free", k.world.Free(), ErrComm)
		conformSum(k, k.world, 5)
	}},
	{name: "a rank makes one call at a time", ranks: 1, run: func(k *conform) {
		// As if another goroutine were in a call: nothing gets past.
		other, err := k.c.Dup()
		k.ok(err)
		in, err := Irecv(k.c, []int{0}, k.rank, 0)
		k.ok(err)
		k.c.busy.Store(true)
		b := make([]int, k.n)
		for _, c := range []*Comm{k.c, other} {
			fails(k, "Send", Send(c, b, k.rank, 0), ErrBusy)
			_, err := Recv(c, b, k.rank, 0)
			fails(k, "Recv", err, ErrBusy)
			_, err = Isend(c, b, k.rank, 0)
			fails(k, "Isend", err, ErrBusy)
			_, err = Irecv(c, b, k.rank, 0)
			fails(k, "Irecv", err, ErrBusy)
			_, err = Sendrecv(c, b, k.rank, 0, b, k.rank, 0)
			fails(k, "Sendrecv", err, ErrBusy)
			_, err = c.Probe(k.rank, 0)
			fails(k, "Probe", err, ErrBusy)
			_, _, err = c.Iprobe(k.rank, 0)
			fails(k, "Iprobe", err, ErrBusy)
			fails(k, "Barrier", c.Barrier(), ErrBusy)
			fails(k, "Bcast", Bcast(c, b, 0), ErrBusy)
			fails(k, "Allreduce", Allreduce(c, b, b, Sum), ErrBusy)
			fails(k, "Alltoall", Alltoall(c, b, b), ErrBusy)
			_, err = BcastValue(c, "", 0)
			fails(k, "Bcast", err, ErrBusy)
			_, err = c.Split(0, 0)
			fails(k, "Split", err, ErrBusy)
			_, err = c.Dup()
			fails(k, "Dup", err, ErrBusy)
			fails(k, "Free", c.Free(), ErrBusy)
		}
		_, err = in.Wait()
		fails(k, "Wait", err, ErrBusy)
		_, _, err = in.Test()
		fails(k, "Test", err, ErrBusy)
		k.c.busy.Store(false)
		k.ok(Send(k.c, []int{1}, k.rank, 0))
		s, err := in.Wait()
		k.ok(err)
		equal(k, "the status of what could not be waited for", s, Status{k.rank, 0, 1})
		conformSum(k, other, 6)
		k.ok(other.Free())
	}},
	{name: "values that cannot be sent", ranks: 1, run: func(k *conform) {
		last := k.n - 1
		fails(k, "Send", SendValue(k.c, make(chan int), k.rank, 0), ErrType)
		fails(k, "Ssend", SsendValue(k.c, func() {}, k.rank, 0), ErrType)
		_, err := IsendValue(k.c, []func(){nil}, k.rank, 0)
		fails(k, "Isend", err, ErrType)
		ring := &conformNode{Number: 1}
		ring.Next = &conformNode{Number: 2, Next: ring}
		fails(k, "Send", SendValue(k.c, ring, k.rank, 0), ErrType)
		fails(k, "Ssend", SsendValue(k.c, *ring, k.rank, 0), ErrType)
		fails(k, "Send", SendValue(k.c, conformNode{Seen: new(bool)}, k.rank, 0), ErrType)
		_, _, err = SendrecvValue[chan int, int](k.c, nil, k.rank, 0, k.rank, 0)
		fails(k, "Sendrecv", err, ErrType)
		conformSum(k, k.c, 7)
		// Here all ranks take part, and all learn of it that need what was not sent.
		_, err = BcastValue(k.c, make(chan int), last)
		fails(k, "Bcast", err, ErrType)
		_, err = BcastValue(k.c, ring, last)
		fails(k, "Bcast", err, ErrType)
		_, err = AllgatherValues(k.c, ring)
		fails(k, "Allgather", err, ErrType)
		conformSum(k, k.c, 8)
		_, err = ScatterValues(k.c, make([]chan int, k.n), last)
		fails(k, "Scatter", err, ErrType)
		conformSum(k, k.c, 9)
		v := any("fine")
		if k.rank == 0 {
			v = func() {}
		}
		all, err := GatherValues(k.c, v, last)
		if k.rank == 0 || k.rank == last {
			fails(k, "Gather", err, ErrType)
		} else {
			k.ok(err)
			equal(k, "whether others get nothing", all == nil, true)
		}
		_, err = AllgatherValues(k.c, v)
		fails(k, "Allgather", err, ErrType)
		square := make([]any, k.n)
		for r := range square {
			square[r] = v
		}
		_, err = AlltoallValues(k.c, square)
		fails(k, "Alltoall", err, ErrType)
		_, err = AllreduceValue(k.c, v, func(a, _ any) any { return a })
		fails(k, "Allreduce", err, ErrType)
		conformSum(k, k.c, 10)
	}},
	{name: "a wrong number of values is every rank's error", ranks: 1, run: func(k *conform) {
		for i, n := range []int{0, k.n - 1, k.n + 1, 1000} {
			var values []string
			root := i % k.n
			if k.rank == root {
				values = make([]string, n)
			}
			_, err := ScatterValues(k.c, values, root)
			fails(k, "Scatter", err, ErrCount)
			conformSum(k, k.c, i)
		}
		values := make([]string, k.n)
		got, err := ScatterValues(k.c, values, 0)
		k.ok(err)
		equal(k, "a value when the number is right", got, "")
	}},
	{name: "a value of another type", ranks: 1, run: func(k *conform) {
		out, err := IsendValue(k.c, 1.5, k.rank, 0)
		k.ok(err)
		_, _, err = RecvValue[int](k.c, k.rank, 0)
		fails(k, "Recv", err, ErrType)
		if err != nil && (!strings.Contains(err.Error(), "float64") || !strings.Contains(err.Error(), "int")) {
			k.wrong("the error names not both types: %v", err)
		}
		_, err = out.Wait()
		k.ok(err)
		conformSum(k, k.c, 11)
	}},
}

// A conformNode may lead back to itself, or point to a zero value: neither can travel.
type conformNode struct {
	Number int
	Seen   *bool
	Next   *conformNode
}

// fails looks whether a call has failed as it had to. The text begins with the call's name.
func fails(k *conform, call string, err error, class ErrorClass) {
	var e *Error
	switch {
	case !errors.Is(err, class):
		k.wrong("%s returned %v, want %v", call, err, class)
	case !errors.As(err, &e) || e.Rank != k.world.Rank():
		k.wrong("the error of %s is of rank %v, want %d", call, e, k.world.Rank())
	case !strings.Contains(e.Text, call+": "):
		k.wrong("the error of %s says %q", call, e.Text)
	}
}
