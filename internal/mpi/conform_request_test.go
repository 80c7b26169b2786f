package mpi

import (
	"fmt"
	"math/rand/v2"
)

// conformRequests is what is begun and waited for later.
var conformRequests = []conformCase{
	{name: "what is begun goes on by itself", ranks: 1, run: func(k *conform) {
		// All to all, this rank included, small and large, before anybody waits.
		for _, n := range []int{0, 8, 16_384, 16_385, 66_000} {
			var requests []*Request
			in := make([][]byte, k.n)
			for r := range k.n {
				in[r] = make([]byte, n+1)
				p, err := Irecv(k.c, in[r], r, n%100)
				k.ok(err)
				requests = append(requests, p)
			}
			for r := range k.n {
				p, err := Isend(k.c, conformBytes(n, k.rank*k.n+r), r, n%100)
				k.ok(err)
				requests = append(requests, p)
			}
			k.own.Shuffle(len(requests), func(i, j int) { requests[i], requests[j] = requests[j], requests[i] })
			k.ok(Waitall(requests...))
			for r := range k.n {
				same(k, fmt.Sprintf("%d bytes from rank %d", n, r), in[r][:n], conformBytes(n, r*k.n+k.rank))
				equal(k, "the byte behind them", in[r][n], 0)
			}
		}
	}},
	{name: "a receive from anybody gets nothing of a reduction", ranks: 1, run: func(k *conform) {
		got := make([]float64, 1)
		p, err := Irecv(k.c, got, AnySource, AnyTag)
		k.ok(err)
		sum := make([]float64, 1)
		for round := range 3 {
			k.ok(Allreduce(k.c, []float64{float64(k.rank + round)}, sum, Sum))
			equal(k, "the sum", sum[0], float64(k.n*(k.n-1)/2+k.n*round))
		}
		k.ok(Send(k.c, []float64{-1}, (k.rank+1)%k.n, 4))
		s, err := p.Wait()
		k.ok(err)
		equal(k, "the status", s, Status{(k.rank + k.n - 1) % k.n, 4, 1})
		equal(k, "what came", got[0], -1)
	}},
	{name: "a rank may send to itself", ranks: 1, run: func(k *conform) {
		for _, n := range []int{0, 5, 16_385, 1<<20 + 1} {
			want, buf := conformBytes(n, k.rank), make([]byte, n)
			sent, err := Isend(k.c, want, k.rank, 1)
			k.ok(err)
			s, err := Recv(k.c, buf, k.rank, 1)
			k.ok(err)
			_, err = sent.Wait()
			k.ok(err)
			equal(k, "the status", s, Status{k.rank, 1, n})
			same(k, "what came", buf, want)

			clear(buf)
			got, err := Irecv(k.c, buf, AnySource, 2)
			k.ok(err)
			k.ok(Send(k.c, want, k.rank, 2))
			s, err = got.Wait()
			k.ok(err)
			equal(k, "the status", s, Status{k.rank, 2, n})
			same(k, "what came to a receive that was begun", buf, want)

			clear(buf)
			got, err = Irecv(k.c, buf, k.rank, 3)
			k.ok(err)
			k.ok(Ssend(k.c, want, k.rank, 3))
			_, err = got.Wait()
			k.ok(err)
			same(k, "what came by Ssend", buf, want)
		}
	}},
	{name: "receives that were begun take messages in their order", ranks: 2, run: func(k *conform) {
		const count = 12
		switch k.rank {
		case 0:
			var requests []*Request
			bufs := make([][]int, count)
			for i := range bufs {
				bufs[i] = make([]int, 3000)
				tag := AnyTag
				if i%3 == 0 {
					tag = i % 2
				}
				r, err := Irecv(k.c, bufs[i], AnySource, tag)
				k.ok(err)
				requests = append(requests, r)
			}
			k.ok(Send(k.c, []int{0}, 1, 9)) // now all are begun
			// Each message goes to the first receive that takes it and has none.
			var free []int
			for i := range count {
				free = append(free, i)
			}
			want := make([]int, count)
			for m := range count {
				for at, i := range free {
					if i%3 != 0 || i%2 == m/2%2 {
						want[i] = m
						free = append(free[:at:at], free[at+1:]...)
						break
					}
				}
			}
			for i := count - 1; i >= 0; i-- {
				s, err := requests[i].Wait()
				k.ok(err)
				again, err := requests[i].Wait()
				k.ok(err)
				equal(k, "the status, asked for again", again, s)
				equal(k, fmt.Sprintf("the message that receive %d got", i), bufs[i][0], want[i])
				equal(k, "its tag", s.Tag, bufs[i][0]/2%2)
			}
		case 1:
			_, err := Recv(k.c, []int{0}, 0, 9)
			k.ok(err)
			for m := range count {
				buf := make([]int, 1+m%4*900) // some above the eager limit
				buf[0] = m
				k.ok(Send(k.c, buf, 0, m/2%2))
			}
		}
	}},
	{name: "a nil request is done", ranks: 1, run: func(k *conform) {
		nothing := Status{AnySource, AnyTag, 0}
		for _, none := range []*Request{nil, {}} {
			s, err := none.Wait()
			k.ok(err)
			equal(k, "the status of Wait", s, nothing)
			s, done, err := none.Test()
			k.ok(err)
			equal(k, "the status of Test", s, nothing)
			equal(k, "whether it is done", done, true)
		}
		for _, none := range []*ValueRequest[string]{nil, {}} {
			v, s, err := none.Wait()
			k.ok(err)
			equal(k, "the value of nothing", v, "")
			equal(k, "the status of the value", s, nothing)
		}
		k.ok(Waitall())
		k.ok(Waitall(nil, nil))
		// At the edges of a line a rank has one neighbour only.
		requests, got := make([]*Request, 2), []int{-1}
		var err error
		if k.rank > 0 {
			requests[0], err = Irecv(k.c, got, k.rank-1, 0)
			k.ok(err)
		}
		if k.rank < k.n-1 {
			requests[1], err = Isend(k.c, []int{k.rank}, k.rank+1, 0)
			k.ok(err)
		}
		k.ok(Waitall(requests...))
		equal(k, "what came from the left", got[0], k.rank-1)
	}},
	{name: "Test says when a request is done", ranks: 2, run: func(k *conform) {
		switch k.rank {
		case 0:
			buf := make([]int, 2)
			r, err := Irecv(k.c, buf, 1, 1)
			k.ok(err)
			for range 50 { // rank 1 waits for the go-ahead
				if _, done, err := r.Test(); done || err != nil {
					k.wrong("a receive is done before there is a message: %v", err)
					break
				}
			}
			k.ok(Send(k.c, []int{0}, 1, 2))
			for {
				s, done, err := r.Test()
				k.ok(err)
				if done {
					equal(k, "the status", s, Status{1, 1, 2})
					break
				}
			}
			same(k, "what came", buf, []int{3, 4})
			s, done, err := r.Test()
			k.ok(err)
			equal(k, "the status, asked for again", s, Status{1, 1, 2})
			equal(k, "whether it is done, asked again", done, true)
		case 1:
			_, err := Recv(k.c, []int{0}, 0, 2)
			k.ok(err)
			r, err := Isend(k.c, []int{3, 4}, 0, 1)
			k.ok(err)
			for done := false; !done; {
				_, done, err = r.Test()
				k.ok(err)
			}
		}
	}},
	{name: "a large send is done only when it is received", ranks: 2, run: func(k *conform) {
		want := conformBytes(1<<20, 3)
		switch k.rank {
		case 0:
			r, err := Isend(k.c, want, 1, 1)
			k.ok(err)
			for range 50 { // rank 1 receives this message after the next one
				if _, done, err := r.Test(); done || err != nil {
					k.wrong("a send of 1 MiB is done before its receiver has begun: %v", err)
					break
				}
			}
			k.ok(Send(k.c, []int{1}, 1, 2))
			_, err = r.Wait()
			k.ok(err)
		case 1:
			_, err := Recv(k.c, []int{0}, 0, 2)
			k.ok(err)
			buf := make([]byte, len(want))
			_, err = Recv(k.c, buf, 0, 1)
			k.ok(err)
			same(k, "what came", buf, want)
		}
	}},
	{name: "a collective call lets requests be", ranks: 2, run: func(k *conform) {
		next, before := (k.rank+1)%k.n, (k.rank+k.n-1)%k.n
		for _, n := range []int{10, 100_000} {
			buf := make([]byte, n)
			in, err := Irecv(k.c, buf, before, AnyTag)
			k.ok(err)
			k.ok(k.c.Barrier())
			out, err := Isend(k.c, conformBytes(n, k.rank), next, 5)
			k.ok(err)
			sum := []int{0}
			k.ok(Allreduce(k.c, []int{k.rank}, sum, Sum))
			equal(k, "the sum of the ranks", sum[0], k.n*(k.n-1)/2)
			k.ok(Waitall(in, out))
			same(k, "what came", buf, conformBytes(n, before))
		}
	}},
	{name: "random messages at once", ranks: 1, run: func(k *conform) {
		other, err := k.c.Dup()
		k.ok(err)
		type receive struct {
			message, size int
			buf           []byte
			r             *Request
			want          Status
		}
		var sends []*Request
		var receives []receive
		for i := range 250 {
			from, to, tag, n := k.root(), k.root(), k.rng.IntN(3), k.length()
			if k.rng.IntN(20) == 0 {
				n = 16_000 + k.rng.IntN(120_000)
			}
			c := k.c
			if k.rng.IntN(3) == 0 {
				c = other
			}
			begin := func(send bool) {
				switch {
				case send && k.rank == from:
					r, err := Isend(c, conformBytes(n, i), to, tag)
					k.ok(err)
					sends = append(sends, r)
				case !send && k.rank == to:
					buf := make([]byte, n)
					r, err := Irecv(c, buf, from, tag)
					k.ok(err)
					receives = append(receives, receive{i, n, buf, r, Status{from, tag, n}})
				}
			}
			sendFirst := k.rng.IntN(2) == 0
			begin(sendFirst)
			begin(!sendFirst)
		}
		k.own.Shuffle(len(receives), func(i, j int) { receives[i], receives[j] = receives[j], receives[i] })
		settle(k, k.own, len(receives), func(i int) {
			s, err := receives[i].r.Wait()
			k.ok(err)
			equal(k, fmt.Sprintf("the status of message %d", receives[i].message), s, receives[i].want)
			same(k, fmt.Sprintf("message %d", receives[i].message), receives[i].buf, conformBytes(receives[i].size, receives[i].message))
		}, sends)
		k.ok(other.Free())
	}},
	{name: "values go without waiting as well", ranks: 1, run: func(k *conform) {
		next, before := (k.rank+1)%k.n, (k.rank+k.n-1)%k.n
		for _, n := range []int{0, 10, 100_000} {
			in, err := IrecvValue[[]string](k.c, before, 2)
			k.ok(err)
			v := []string{fmt.Sprint("from ", k.rank), string(conformBytes(n, k.rank))}
			out, err := IsendValue(k.c, v, next, 2)
			k.ok(err)
			v[0], v[1] = "changed", "at once"
			got, s, err := in.Wait()
			k.ok(err)
			_, err = out.Wait()
			k.ok(err)
			equal(k, "the source", s.Source, before)
			equal(k, "the tag", s.Tag, 2)
			same(k, "the value", got, []string{fmt.Sprint("from ", before), string(conformBytes(n, before))})
		}
	}},
}

// settle finishes receives and sends in a random order.
func settle(k *conform, random *rand.Rand, receives int, receive func(i int), sends []*Request) {
	order := random.Perm(receives + len(sends))
	for _, i := range order {
		if i < receives {
			receive(i)
			continue
		}
		_, err := sends[i-receives].Wait()
		k.ok(err)
	}
}
