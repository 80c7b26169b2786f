package local

import "cookbook/internal/mpi/engine"

// bcastVector: the root puts its vector on its stage piece by piece, and all others take it from there.
func (c *comm) bcastVector(op engine.Call, buf []byte, t engine.Datatype, root int) error {
	f, err := c.flow(op, len(buf), t, 1)
	if err != nil {
		return err
	}
	for i := range f.pieces() {
		if c.me == root {
			if err := f.free(i); err != nil {
				return err
			}
			copy(f.at(root, i), f.of(buf, i))
			f.tell(staged, i)
			continue
		}
		if err := f.await(root, staged, i); err != nil {
			return err
		}
		copy(f.of(buf, i), f.at(root, i))
		f.tell(done, i)
	}
	if c.me == root {
		f.tell(done, f.pieces()-1)
	}
	return nil
}

// wholeBytes is up to what length each rank that is given a result folds all of it: to wait for others' parts would cost more.
const wholeBytes = 8 << 10

// foldWhole combines what the first ranks send, for a rank that is given the result: for another one, recv is nil.
func (c *comm) foldWhole(op engine.Call, send, recv []byte, t engine.Datatype, o engine.Operator, ranks int) error {
	f, err := c.flow(op, len(send), t, 1)
	if err != nil || len(send) == 0 {
		return err
	}
	for i := range f.pieces() {
		if err := f.free(i); err != nil {
			return err
		}
		copy(f.at(c.me, i), f.of(send, i))
		f.tell(staged, i)
		if recv != nil {
			for p := range ranks {
				if err := f.await(p, staged, i); err != nil {
					return err
				}
			}
			o.FoldFrom(f.of(recv, i), ranks, func(p int) []byte { return f.at(p, i) })
		}
		f.tell(done, i)
	}
	return nil
}

// reduceVector combines what all ranks send: each rank folds its part of each piece straight out of all stages, into its own, and
// those that are given the result collect the parts from there. If root is negative, all are.
func (c *comm) reduceVector(op engine.Call, send, recv []byte, t engine.Datatype, o engine.Operator, root int) error {
	f, err := c.flow(op, len(send), t, 1)
	if err != nil {
		return err
	}
	pieces := f.pieces()
	for i := range pieces + 2*foldLag { // a piece is staged, another folded, and a third collected
		if i < pieces {
			if err := f.stage(send, i); err != nil {
				return err
			}
		}
		if j := i - foldLag; j >= 0 && j < pieces {
			if err := f.fold(send, j, o); err != nil {
				return err
			}
			if root >= 0 && root != c.me {
				f.tell(done, j)
			}
		}
		if j := i - 2*foldLag; j >= 0 && (root < 0 || root == c.me) {
			if err := f.collect(recv, j); err != nil {
				return err
			}
			f.tell(done, j)
		}
	}
	return nil
}

const foldLag = 1

// stage puts a piece of a vector on this rank's stage, but the part that only this rank reads.
func (f *flow) stage(vector []byte, piece int) error {
	if err := f.free(piece); err != nil {
		return err
	}
	from, to := f.of(vector, piece), f.at(f.c.me, piece)
	n, count := len(f.c.group), len(from)/f.size
	copy(to[:f.bound(count, f.c.me, n)], from)
	after := f.bound(count, f.c.me+1, n)
	copy(to[after:], from[after:])
	f.tell(staged, piece)
	return nil
}

// fold combines this rank's part of a piece, and leaves it on this rank's stage.
func (f *flow) fold(vector []byte, piece int, o engine.Operator) error {
	c := f.c
	for p := range c.group {
		if err := f.await(p, staged, piece); err != nil {
			return err
		}
	}
	mine := f.part(f.of(vector, piece), c.me)
	o.FoldFrom(f.part(f.at(c.me, piece), c.me), len(c.group), func(p int) []byte {
		if p == c.me {
			return mine
		}
		return f.part(f.at(p, piece), c.me)
	})
	f.tell(folded, piece)
	return nil
}

// collect copies the result of a piece to where it is wanted.
func (f *flow) collect(vector []byte, piece int) error {
	to := f.of(vector, piece)
	for p := range f.c.group {
		if err := f.await(p, folded, piece); err != nil {
			return err
		}
		copy(f.part(to, p), f.part(f.at(p, piece), p))
	}
	return nil
}

// scanVector: each rank combines what the one before it has on its stage with what it sends, and puts the result on its own.
func (c *comm) scanVector(op engine.Call, send, recv []byte, t engine.Datatype, o engine.Operator) error {
	f, err := c.flow(op, len(send), t, 1)
	if err != nil {
		return err
	}
	for i := range f.pieces() {
		if err := f.free(i); err != nil {
			return err
		}
		mine, sum := f.of(send, i), f.at(c.me, i)
		if c.me == 0 {
			copy(sum, mine)
		} else {
			if err := f.await(c.me-1, staged, i); err != nil {
				return err
			}
			before := f.at(c.me-1, i)
			o.FoldFrom(sum, 2, func(r int) []byte {
				if r == 0 {
					return before
				}
				return mine
			})
		}
		f.tell(staged, i)
		copy(f.of(recv, i), sum)
		f.tell(done, i)
	}
	return nil
}

// exchangeBlocks moves blocks of one size. to is what this rank has for another one, from where it wants what that one has. Either
// is nil where this rank has or wants nothing. If it has the same for all, that goes over its stage once.
func (c *comm) exchangeBlocks(op engine.Call, bytes int, t engine.Datatype, same bool, to, from func(rank int) []byte) error {
	vectors := len(c.group)
	if same {
		vectors = 1
	}
	f, err := c.flow(op, bytes, t, vectors)
	if err != nil {
		return err
	}
	pieces := f.pieces()
	place := func(rank int) int { return rank % vectors }
	for i := range pieces + 1 { // a piece is staged, and another collected
		if i < pieces && to != nil {
			if err := f.free(i); err != nil {
				return err
			}
			for p := range vectors {
				if same || p != c.me {
					copy(f.oneAt(c.me, i, p), f.of(to(p), i))
				}
			}
			f.tell(staged, i)
		}
		j := i - 1
		if j < 0 {
			continue
		}
		for d := range c.group {
			p := (c.me + d) % len(c.group)
			switch {
			case from == nil || from(p) == nil:
			case p == c.me:
				copy(f.of(from(p), j), f.of(to(p), j))
			default:
				if err := f.await(p, staged, j); err != nil {
					return err
				}
				copy(f.of(from(p), j), f.oneAt(p, j, place(c.me)))
			}
		}
		f.tell(done, j)
	}
	return nil
}
