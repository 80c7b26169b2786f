package mpi

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// conformCommunicators is what makes communicators, and grids.
var conformCommunicators = []conformCase{
	{name: "Split groups by colour and orders by key", ranks: 1, run: func(k *conform) {
		for range 12 {
			colors, keys := make([]int, k.n), make([]int, k.n)
			for r := range colors {
				colors[r], keys[r] = k.rng.IntN(5)-1, k.rng.IntN(5)-2
			}
			if k.rng.IntN(3) == 0 {
				for r := range keys {
					keys[r] = -r // the other way round
				}
			}
			conformSplit(k, k.c, colors, keys)
		}
		colors, keys := make([]int, k.n), make([]int, k.n)
		for r := range keys {
			keys[r] = []int{math.MaxInt32, 0, math.MinInt32}[r%3] // MPI has 32 bits for each
		}
		conformSplit(k, k.c, colors, keys)
		for r := range keys {
			colors[r] = []int{math.MaxInt, Undefined, math.MaxInt - 1, math.MaxInt, math.MaxInt32 + 1}[r%5]
			keys[r] = []int{math.MaxInt, math.MinInt, 1 << 32, 0, -1 << 32, math.MaxInt, math.MinInt + 1}[r%7]
		}
		conformSplit(k, k.c, colors, keys)
	}},
	{name: "Split within Split", ranks: 1, run: func(k *conform) {
		half, err := k.c.Split(k.rank%2, -k.rank)
		k.ok(err)
		quarter, err := half.Split(half.Rank()%2, 0)
		k.ok(err)
		sum := []int{0}
		k.ok(Allreduce(quarter, []int{k.rank}, sum, Sum))
		var members []int
		for r := k.n - 1; r >= 0; r-- {
			if r%2 == k.rank%2 {
				members = append(members, r)
			}
		}
		want := 0
		for i, r := range members {
			if i%2 == half.Rank()%2 {
				want += r
			}
		}
		equal(k, "the size of the half", half.Size(), len(members))
		equal(k, "who this rank is in the half", members[half.Rank()], k.rank)
		equal(k, "the sum of the ranks of the quarter", sum[0], want)
		k.ok(half.Free()) // the inner one lives on
		got := []int{0}
		k.ok(Allreduce(quarter, []int{k.rank}, got, Sum))
		equal(k, "the same sum when the half is freed", got[0], want)
		k.ok(quarter.Free())
	}},
	{name: "messages stay in their communicator", ranks: 2, run: func(k *conform) {
		same2, err := k.c.Dup()
		k.ok(err)
		reversed, err := k.c.Split(0, -k.rank)
		k.ok(err)
		comms := []*Comm{k.c, same2, reversed}
		order := k.rng.Perm(len(comms))
		switch k.rank {
		case 0:
			for i, c := range comms {
				to := 1
				if c == reversed {
					to = k.n - 2
				}
				k.ok(Send(c, []int{i}, to, 4))
			}
		case 1:
			for _, i := range order {
				from := 0
				if comms[i] == reversed {
					from = k.n - 1
				}
				s, err := comms[i].Probe(AnySource, AnyTag)
				k.ok(err)
				equal(k, "the source", s.Source, from)
				buf := []int{-1}
				s, err = Recv(comms[i], buf, AnySource, AnyTag)
				k.ok(err)
				equal(k, "the status", s, Status{from, 4, 1})
				equal(k, "the communicator a message was sent in", buf[0], i)
			}
			for _, c := range comms {
				_, found, err := c.Iprobe(AnySource, AnyTag)
				k.ok(err)
				equal(k, "whether there is another message", found, false)
			}
		}
		k.ok(same2.Free())
		k.ok(reversed.Free())
	}},
	{name: "communicators can be made without end", ranks: 1, run: func(k *conform) {
		for i := range 100 { // more than there may be at a time
			c, err := k.c.Dup()
			k.ok(err)
			if i%10 == 0 {
				conformSum(k, c, i)
			}
			k.ok(c.Free())
		}
	}},
	{name: "many communicators at a time", ranks: 1, run: func(k *conform) {
		comms := make([]*Comm, 40)
		for i := range comms {
			var err error
			comms[i], err = k.c.Dup()
			k.ok(err)
		}
		var requests []*Request
		in := make([]int, len(comms))
		for i := range comms {
			r, err := Irecv(comms[i], in[i:i+1], AnySource, AnyTag)
			k.ok(err)
			requests = append(requests, r)
		}
		for i, c := range slices.Backward(comms) {
			k.ok(Send(c, []int{i}, (k.rank+1)%k.n, 0))
		}
		k.ok(Waitall(requests...))
		for i, got := range in {
			equal(k, "the communicator a message was sent in", got, i)
		}
		for _, i := range k.rng.Perm(len(comms)) {
			conformSum(k, comms[i], i)
			k.ok(comms[i].Free())
		}
	}},
	{name: "neighbours in a grid", ranks: 1, run: conformGrid},
	{name: "collective calls on parts of the world at once", ranks: 2, run: func(k *conform) {
		sub, err := k.c.Split(k.rank%2, k.rank)
		k.ok(err)
		for i := range 20 + 60*(k.rank%2) { // the two parts make different numbers of calls
			conformSum(k, sub, i)
			buf := make([]int, 500)
			if sub.Rank() == i%sub.Size() {
				buf[499] = i
			}
			k.ok(Bcast(sub, buf, i%sub.Size()))
			equal(k, "the last element of Bcast", buf[499], i)
		}
		k.ok(sub.Free())
		conformSum(k, k.c, 0)
	}},
}

// conformSum checks one collective call.
func conformSum(k *conform, c *Comm, x int) {
	sum := []int{0}
	k.ok(Allreduce(c, []int{c.Rank() + x}, sum, Sum))
	equal(k, "the sum of all ranks", sum[0], c.Size()*(c.Size()-1)/2+c.Size()*x)
}

// conformSplit splits and compares who is where.
func conformSplit(k *conform, c *Comm, colors, keys []int) {
	var members []int // of this rank's part
	for r := range colors {
		if colors[r] == colors[k.rank] {
			members = append(members, r)
		}
	}
	slices.SortStableFunc(members, func(a, b int) int { return cmp.Compare(keys[a], keys[b]) })
	part, err := c.Split(colors[k.rank], keys[k.rank])
	k.ok(err)
	if colors[k.rank] == Undefined {
		equal(k, "whether Undefined gives a communicator", part != nil, false)
		return
	}
	if part == nil {
		k.wrong("colour %d gives no communicator", colors[k.rank])
		k.ok(fmt.Errorf("Split gave nil"))
	}
	equal(k, "the size of the part", part.Size(), len(members))
	equal(k, "the rank in the part", part.Rank(), slices.Index(members, k.rank))
	for i, r := range members {
		equal(k, fmt.Sprintf("the world's rank of rank %d of the part", i), part.t.WorldRank(i), r)
	}
	got := make([]int, len(members))
	k.ok(Allgather(part, []int{k.rank}, got))
	same(k, "the members of the part", got, members)
	n := len(members)
	next, before := (part.Rank()+1)%n, (part.Rank()+n-1)%n
	from := []int{-1}
	s, err := Sendrecv(part, []int{k.rank}, next, 0, from, AnySource, AnyTag)
	k.ok(err)
	equal(k, "the source in the part", s.Source, before)
	equal(k, "who it is", from[0], members[before])
	k.ok(part.Free())
}

// conformGrid sends along the dimensions of random grids.
func conformGrid(k *conform) {
	for range 8 {
		dims, periods := []int{}, []bool{}
		places := 1
		for range 1 + k.rng.IntN(3) {
			d := 1 + k.rng.IntN(k.n/places)
			dims, periods = append(dims, d), append(periods, k.rng.IntN(2) == 0)
			places *= d
		}
		grid, err := CartCreate(k.c, dims, periods)
		k.ok(err)
		equal(k, "whether there is a place", grid != nil, k.rank < places)
		if grid == nil {
			continue
		}
		equal(k, "the rank in the grid", grid.Rank(), k.rank)
		equal(k, "the number of places", grid.Size(), places)
		for dim := range dims {
			for _, distance := range []int{-2, -1, 0, 1, 2, 5} {
				source, dest, err := grid.Shift(dim, distance)
				k.ok(err)
				here := gridCoords(dims, k.rank)
				equal(k, "the source", source, gridRank(dims, periods, gridMoved(here, dim, -distance)))
				equal(k, "the destination", dest, gridRank(dims, periods, gridMoved(here, dim, distance)))
				got := []int{ProcNull}
				s, err := Sendrecv(grid.Comm, []int{k.rank}, dest, dim, got, source, dim)
				k.ok(err)
				equal(k, "from whom it came", s.Source, source)
				equal(k, "what came", got[0], source)
			}
		}
		k.ok(grid.Free())
	}
}
