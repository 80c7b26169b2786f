package mpi

import (
	"fmt"
	"slices"
)

// Each call is made with buffers of random contents and lengths. What must not be written to is filled at random as well,
// and compared afterwards with what it was.

// fill makes a buffer. All ranks draw it.
func (x conformOf[T]) fill(k *conform, n int) []T { return x.fillWith(k, n, conformOp[T]{}) }

func (x conformOf[T]) fillWith(k *conform, n int, o conformOp[T]) []T {
	random := o.random
	if random == nil {
		random = x.random
	}
	buf := make([]T, n)
	for i := range buf {
		buf[i] = random(k.rng)
	}
	return buf
}

// each makes a buffer for each rank.
func (x conformOf[T]) each(k *conform, n int) [][]T {
	all := make([][]T, k.n)
	for r := range all {
		all[r] = x.fill(k, n)
	}
	return all
}

// call makes a call and looks whether what was sent is as it was.
func (x conformOf[T]) call(k *conform, what string, send []T, f func() error) {
	was := slices.Clone(send)
	k.ok(f())
	same(k, fmt.Sprintf("what was sent by %s of %s", what, x.name), send, was)
}

// says names what is compared.
func (x conformOf[T]) says(what string, root int) string {
	if root < 0 {
		return fmt.Sprintf("%s of %s", what, x.name)
	}
	return fmt.Sprintf("%s of %s, root %d,", what, x.name, root)
}

// blocks is counts and displacements of blocks that lie in random order with gaps between them, and how long the whole is.
// Half of the time the displacements are nil: the blocks lie one after another.
func (k *conform) blocks(counts []int) (displs []int, length int) {
	if k.rng.IntN(2) == 0 {
		for _, n := range counts {
			length += n
		}
		return nil, length + k.rng.IntN(3)
	}
	displs = make([]int, len(counts))
	for _, r := range k.rng.Perm(len(counts)) {
		length += k.rng.IntN(3)
		displs[r] = length
		length += counts[r]
	}
	return displs, length + k.rng.IntN(3)
}

// counts is a length for each rank.
func (k *conform) counts() []int {
	counts := make([]int, k.n)
	for r := range counts {
		counts[r] = k.length()
	}
	return counts
}

// place is where block r lies in buf.
func place[T any](buf []T, counts, displs []int, r int) []T {
	at := 0
	if displs != nil {
		at = displs[r]
	} else {
		for _, n := range counts[:r] {
			at += n
		}
	}
	return buf[at : at+counts[r]]
}

func (x conformOf[T]) bcast(k *conform) {
	root := k.root()
	want := x.fill(k, k.length())
	buf := make([]T, len(want))
	if k.rank == root {
		copy(buf, want)
	}
	k.ok(Bcast(k.c, buf, root))
	same(k, x.says("Bcast", root), buf, want)
}

func (x conformOf[T]) scatter(k *conform) {
	root, n := k.root(), k.length()
	all := x.fill(k, n*k.n)
	recv, send := make([]T, n), make([]T, 1) // what others than the root send is not looked at
	if k.rank == root {
		send = all
	}
	x.call(k, "Scatter", send, func() error { return Scatter(k.c, send, recv, root) })
	same(k, x.says("Scatter", root), recv, all[k.rank*n:(k.rank+1)*n])
}

func (x conformOf[T]) scatterv(k *conform) {
	root, counts := k.root(), k.counts()
	displs, length := k.blocks(counts)
	all := x.fill(k, length)
	recv := make([]T, counts[k.rank])
	if k.rank == root {
		x.call(k, "Scatterv", all, func() error { return Scatterv(k.c, all, counts, displs, recv, root) })
	} else {
		k.ok(Scatterv(k.c, nil, nil, nil, recv, root))
	}
	same(k, x.says("Scatterv", root), recv, place(all, counts, displs, k.rank))
}

func (x conformOf[T]) gather(k *conform) {
	root, n := k.root(), k.length()
	all := x.each(k, n)
	recv := x.fill(k, n+1)
	want := slices.Clone(recv) // others than the root get nothing
	if k.rank == root {
		recv, want = make([]T, n*k.n), slices.Concat(all...)
	}
	x.call(k, "Gather", all[k.rank], func() error { return Gather(k.c, all[k.rank], recv, root) })
	same(k, x.says("Gather", root), recv, want)
}

func (x conformOf[T]) gatherv(k *conform) {
	root, counts := k.root(), k.counts()
	displs, length := k.blocks(counts)
	recv := x.fill(k, length)
	want := slices.Clone(recv)
	send := make([][]T, k.n)
	for r, n := range counts {
		send[r] = x.fill(k, n)
		if k.rank == root {
			copy(place(want, counts, displs, r), send[r])
		}
	}
	if k.rank != root {
		counts, displs = nil, nil
	}
	x.call(k, "Gatherv", send[k.rank], func() error { return Gatherv(k.c, send[k.rank], recv, counts, displs, root) })
	same(k, x.says("Gatherv", root), recv, want)
}

func (x conformOf[T]) allgather(k *conform) {
	n := k.length()
	all := x.each(k, n)
	recv := make([]T, n*k.n)
	x.call(k, "Allgather", all[k.rank], func() error { return Allgather(k.c, all[k.rank], recv) })
	same(k, x.says("Allgather", -1), recv, slices.Concat(all...))
}

func (x conformOf[T]) allgatherv(k *conform) {
	counts := k.counts()
	displs, length := k.blocks(counts)
	recv := x.fill(k, length)
	want := slices.Clone(recv)
	send := make([][]T, k.n)
	for r, n := range counts {
		send[r] = x.fill(k, n)
		copy(place(want, counts, displs, r), send[r])
	}
	x.call(k, "Allgatherv", send[k.rank], func() error { return Allgatherv(k.c, send[k.rank], recv, counts, displs) })
	same(k, x.says("Allgatherv", -1), recv, want)
}

func (x conformOf[T]) alltoall(k *conform) {
	n := k.rng.IntN(30)
	all := x.each(k, n*k.n)
	recv := make([]T, n*k.n)
	x.call(k, "Alltoall", all[k.rank], func() error { return Alltoall(k.c, all[k.rank], recv) })
	var want []T
	for r := range k.n {
		want = append(want, all[r][k.rank*n:(k.rank+1)*n]...)
	}
	same(k, x.says("Alltoall", -1), recv, want)
}

func (x conformOf[T]) alltoallv(k *conform) {
	// counts[r][q] elements go from rank r to rank q.
	counts, displs, send := make([][]int, k.n), make([][]int, k.n), make([][]T, k.n)
	for r := range k.n {
		counts[r] = make([]int, k.n)
		for q := range counts[r] {
			counts[r][q] = k.rng.IntN(12)
		}
		if k.rng.IntN(8) == 0 {
			counts[r][k.root()] = 3000 + k.rng.IntN(3000)
		}
		var length int
		displs[r], length = k.blocks(counts[r])
		send[r] = x.fill(k, length)
	}
	var here struct {
		counts, displs []int
		recv, want     []T
	}
	for q := range k.n { // all draw what the others receive into
		in := make([]int, k.n)
		for r := range in {
			in[r] = counts[r][q]
		}
		d, length := k.blocks(in)
		recv := x.fill(k, length)
		if q != k.rank {
			continue
		}
		here.counts, here.displs, here.recv, here.want = in, d, recv, slices.Clone(recv)
		for r := range k.n {
			copy(place(here.want, in, d, r), place(send[r], counts[r], displs[r], q))
		}
	}
	mine := send[k.rank]
	x.call(k, "Alltoallv", mine, func() error {
		return Alltoallv(k.c, mine, counts[k.rank], displs[k.rank], here.recv, here.counts, here.displs)
	})
	same(k, x.says("Alltoallv", -1), here.recv, here.want)
}

// reduce calls Reduce, Allreduce and Scan with all operators that know the type.
func (x conformOf[T]) reduce(k *conform) {
	for _, o := range x.ops {
		root, n := k.root(), k.length()
		all := make([][]T, k.n)
		upTo := make([][]T, k.n) // what the ranks up to one come to
		for r := range all {
			all[r] = x.fillWith(k, n, o)
			upTo[r] = slices.Clone(all[r])
			if r > 0 {
				for i := range upTo[r] {
					upTo[r][i] = o.f(upTo[r-1][i], all[r][i])
				}
			}
		}
		mine, whole := all[k.rank], upTo[k.n-1]

		recv := x.fill(k, n+1)
		want := slices.Clone(recv) // others than the root get nothing
		if k.rank == root {
			recv, want = recv[:n], whole
		}
		x.call(k, "Reduce", mine, func() error { return Reduce(k.c, mine, recv, o.op, root) })
		same(k, x.says("Reduce by "+o.name, root), recv, want)

		recv = make([]T, n)
		x.call(k, "Allreduce", mine, func() error { return Allreduce(k.c, mine, recv, o.op) })
		same(k, x.says("Allreduce by "+o.name, -1), recv, whole)

		recv = make([]T, n)
		x.call(k, "Scan", mine, func() error { return Scan(k.c, mine, recv, o.op) })
		same(k, x.says("Scan by "+o.name, -1), recv, upTo[k.rank])
	}
}

// ring is what goes from one to the next, by three ways to send.
func (x conformOf[T]) ring(k *conform) {
	n := k.length()
	all := x.each(k, n)
	next, before := (k.rank+1)%k.n, (k.rank+k.n-1)%k.n
	recv := make([]T, n)
	x.call(k, "Sendrecv", all[k.rank], func() error {
		s, err := Sendrecv(k.c, all[k.rank], next, 1, recv, before, 1)
		equal(k, x.says("the status", -1), s, Status{before, 1, n})
		return err
	})
	same(k, x.says("what came", -1), recv, all[before])

	recv = make([]T, n)
	in, err := Irecv(k.c, recv, before, 2)
	k.ok(err)
	x.call(k, "Send", all[k.rank], func() error { return Send(k.c, all[k.rank], next, 2) })
	s, err := in.Wait()
	k.ok(err)
	equal(k, x.says("the status", -1), s, Status{before, 2, n})
	same(k, x.says("what came later", -1), recv, all[before])
}
