package mpi

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"cookbook/internal/mpi/engine"
)

// conformMessages is what one rank sends to another and waits for.
var conformMessages = []conformCase{
	{name: "a message has a status", ranks: 2, run: func(k *conform) {
		// Each sends to the next; who is first in the round receives last.
		next, before := (k.rank+1)%k.n, (k.rank+k.n-1)%k.n
		send := func() { k.ok(Send(k.c, []int32{int32(k.rank), 7}, next, 100+k.rank)) }
		if k.rank == 0 {
			send()
		}
		buf := []int32{-1, -1, -1}
		s, err := Recv(k.c, buf, before, 100+before)
		k.ok(err)
		equal(k, "the status", s, Status{before, 100 + before, 2})
		same(k, "a buffer larger than the message", buf, []int32{int32(before), 7, -1})
		if k.rank != 0 {
			send()
		}
	}},
	{name: "messages of all sizes arrive", ranks: 2, run: func(k *conform) {
		last := k.n - 1
		for i, n := range []int{0, 1, 7, 8, 9, 4095, 4096, 4097, 16383, 16384, 16385, 32768, 65535, 65536, 65537, 131071, 131072, 131073, 1<<20 + 1} {
			switch {
			case k.rank == 0 && i%3 == 0:
				k.ok(Send(k.c, conformBytes(n, i), last, i))
				k.ok(Ssend(k.c, conformBytes(n, i+1), last, i))
			case k.rank == 0:
				k.ok(Ssend(k.c, conformBytes(n, i), last, i))
				k.ok(Send(k.c, conformBytes(n, i+1), last, i))
			case k.rank == last:
				for twice := range 2 {
					buf := make([]byte, n+3)
					s, err := Recv(k.c, buf, 0, i)
					k.ok(err)
					equal(k, "the status", s, Status{0, i, n})
					same(k, fmt.Sprintf("a message of %d bytes", n), buf, append(conformBytes(n, i+twice), 0, 0, 0))
				}
			}
		}
	}},
	{name: "a receiver may ask for tags in any order", ranks: 2, run: func(k *conform) {
		const tags = 20
		order := k.rng.Perm(tags)
		lengths := make([]int, tags)
		for i := range lengths {
			lengths[i] = k.rng.IntN(200)
		}
		if k.rank == k.n-1 {
			for tag, n := range lengths {
				k.ok(Send(k.c, conformBytes(n, tag), 0, tag))
			}
		}
		if k.rank == 0 {
			for _, tag := range order {
				buf := make([]byte, 200)
				s, err := Recv(k.c, buf, AnySource, tag)
				k.ok(err)
				equal(k, "the status", s, Status{k.n - 1, tag, lengths[tag]})
				same(k, "what came", buf[:s.Count], conformBytes(lengths[tag], tag))
			}
		}
	}},
	{name: "messages of one sender keep their order", ranks: 2, run: func(k *conform) {
		const count = 60
		lengths := make([]int, count) // small and large ones, which may go different ways
		tags := make([]int, count)
		for i := range lengths {
			lengths[i], tags[i] = 1+k.rng.IntN(20), k.rng.IntN(2)
			if k.rng.IntN(4) == 0 {
				lengths[i] = 1 + k.rng.IntN(20_000)
			}
		}
		for _, asked := range []int{AnyTag, 0} {
			switch k.rank {
			case 0:
				for i, n := range lengths {
					buf := make([]int, n)
					buf[0], buf[n-1] = i, i
					if i%7 == 0 {
						k.ok(Ssend(k.c, buf, 1, tags[i]))
					} else {
						k.ok(Send(k.c, buf, 1, tags[i]))
					}
				}
			case 1:
				for i, n := range lengths {
					tag := asked
					if asked != AnyTag {
						tag = tags[i]
					}
					buf := make([]int, 20_000)
					s, err := Recv(k.c, buf, 0, tag)
					k.ok(err)
					equal(k, "the status", s, Status{0, tags[i], n})
					equal(k, "the number of the message", buf[0], i)
				}
			}
		}
	}},
	{name: "a sender gets ahead of its receiver", ranks: 2, run: func(k *conform) {
		// Far more than can be on its way at once, in messages that Send does not wait for.
		lengths := make([]int, 300)
		for i := range lengths {
			lengths[i] = k.rng.IntN(engine.DefaultEager + 1)
		}
		last := k.n - 1
		switch k.rank {
		case 0:
			for i, n := range lengths {
				k.ok(Send(k.c, conformBytes(n, i), last, i%5))
			}
		case last:
			buf := make([]byte, engine.DefaultEager)
			for i, n := range lengths {
				if i%3 == 0 {
					s, err := k.c.Probe(0, AnyTag)
					k.ok(err)
					equal(k, "what is there", s, Status{0, i % 5, n})
				}
				s, err := Recv(k.c, buf, 0, i%5)
				k.ok(err)
				equal(k, "the status", s, Status{0, i % 5, n})
				same(k, fmt.Sprintf("message %d", i), buf[:n], conformBytes(n, i))
			}
		}
	}},
	{name: "any source takes each message once", ranks: 2, run: func(k *conform) {
		const each = 30
		if k.rank != 0 {
			for i := range each {
				k.ok(Send(k.c, []int{k.rank, i}, 0, i%3))
			}
			return
		}
		next := make([]int, k.n)
		for range each * (k.n - 1) {
			buf := make([]int, 2)
			s, err := Recv(k.c, buf, AnySource, AnyTag)
			k.ok(err)
			equal(k, "the source, as the message says it", buf[0], s.Source)
			equal(k, "the tag", s.Tag, buf[1]%3)
			if s.Source > 0 && s.Source < k.n {
				equal(k, fmt.Sprintf("the message of rank %d", s.Source), buf[1], next[s.Source])
				next[s.Source]++
			}
		}
		for r := 1; r < k.n; r++ {
			equal(k, fmt.Sprintf("the number of messages of rank %d", r), next[r], each)
		}
	}},
	{name: "an empty message is one", ranks: 2, run: func(k *conform) {
		switch k.rank {
		case 0:
			k.ok(Send(k.c, []float64(nil), 1, 1))
			k.ok(Send(k.c, []float64{}, 1, 2))
			k.ok(Ssend(k.c, []float64{}, 1, 3))
			k.ok(Send(k.c, []float64{4}, 1, 4))
		case 1:
			for tag, buf := range [][]float64{1: nil, 2: {1, 2}, 3: {}} {
				if tag == 0 {
					continue
				}
				s, err := Recv(k.c, buf, 0, AnyTag)
				k.ok(err)
				equal(k, "the status", s, Status{0, tag, 0})
			}
			buf := []float64{0}
			_, err := Recv(k.c, buf, 0, 4)
			k.ok(err)
			same(k, "the message after them", buf, []float64{4})
		}
	}},
	{name: "Ssend waits for the receiver", ranks: 2, run: func(k *conform) {
		switch k.rank {
		case 0:
			k.ok(Ssend(k.c, []int64{1}, 1, 1))
			k.ok(Send(k.c, []int64{2}, 1, 2))
		case 1:
			s, err := k.c.Probe(0, AnyTag)
			k.ok(err)
			equal(k, "what is there", s, Status{0, 1, 8})
			for range 200 { // nothing was received, so nothing else can have been sent
				if s, found, err := k.c.Iprobe(0, 2); found || err != nil {
					k.wrong("before the message was received another came: %v, %v", s, err)
					break
				}
			}
			for tag := 1; tag <= 2; tag++ {
				buf := []int64{0}
				_, err := Recv(k.c, buf, 0, tag)
				k.ok(err)
				same(k, "what came", buf, []int64{int64(tag)})
			}
		}
	}},
	{name: "a probe leaves the message", ranks: 2, run: func(k *conform) {
		want := conformBytes(70_000, 5)
		switch k.rank {
		case 0:
			k.ok(Send(k.c, []int64{9, 9, 9}, k.n-1, 3))
			k.ok(Send(k.c, want, k.n-1, 4))
		case k.n - 1:
			for range 3 {
				s, err := k.c.Probe(AnySource, AnyTag)
				k.ok(err)
				equal(k, "the first message", s, Status{0, 3, 24})
				found := false
				for !found {
					s, found, err = k.c.Iprobe(0, 3)
					k.ok(err)
				}
				equal(k, "the first message", s, Status{0, 3, 24})
			}
			_, found, err := k.c.Iprobe(0, 5)
			k.ok(err)
			equal(k, "whether there is a message that nobody sent", found, false)
			s, err := Recv(k.c, make([]int64, 3), 0, 3)
			k.ok(err)
			equal(k, "what was received", s, Status{0, 3, 3})
			s, err = k.c.Probe(0, AnyTag)
			k.ok(err)
			equal(k, "the second message", s, Status{0, 4, len(want)})
			buf := make([]byte, s.Count)
			_, err = Recv(k.c, buf, s.Source, s.Tag)
			k.ok(err)
			same(k, "the second message", buf, want)
			_, found, err = k.c.Iprobe(AnySource, AnyTag)
			k.ok(err)
			equal(k, "whether there is a third message", found, false)
		}
	}},
	{name: "Iprobe sees at once what was sent before", ranks: 2, run: func(k *conform) {
		var dir string
		if k.rank == 0 {
			var err error
			dir, err = os.MkdirTemp("", "cookbook-probe-*")
			k.ok(err)
			defer os.RemoveAll(dir)
		}
		dir, err := BcastValue(k.c, dir, 0)
		k.ok(err)
		for round := range 5 {
			sent := filepath.Join(dir, strconv.Itoa(round)) // says so without a message
			switch k.rank {
			case 1:
				k.ok(Send(k.c, []int{round}, 0, MaxTag))
				k.ok(os.WriteFile(sent, nil, 0o600))
				_, err := Recv(k.c, []int{0}, 0, 0)
				k.ok(err)
			case 0:
				k.ok(conformAwaitFile(sent))
				s, found, err := k.c.Iprobe(AnySource, AnyTag)
				k.ok(err)
				equal(k, "whether the first look finds the message", found, true)
				if found {
					equal(k, "the status", s, Status{1, MaxTag, 8})
				}
				_, err = Recv(k.c, []int{0}, 1, MaxTag)
				k.ok(err)
				k.ok(Send(k.c, []int{0}, 1, 0))
			}
		}
	}},
	{name: "all send and receive at once", ranks: 1, run: func(k *conform) {
		for distance := range k.n + 1 {
			for _, n := range []int{0, 1, 1000, 9000, 70_000} {
				to, from := (k.rank+distance)%k.n, (k.rank+k.n*2-distance)%k.n
				buf := make([]byte, n+1)
				s, err := Sendrecv(k.c, conformBytes(n, k.rank), to, distance, buf, from, distance)
				k.ok(err)
				equal(k, "the status", s, Status{from, distance, n})
				same(k, fmt.Sprintf("what came over a distance of %d", distance), buf[:n], conformBytes(n, from))
				equal(k, "the byte behind it", buf[n], 0)
			}
		}
	}},
	{name: "what is sent and received may be of two types", ranks: 2, run: func(k *conform) {
		partner := k.rank ^ 1
		if partner >= k.n {
			partner = ProcNull
		}
		ints, floats := []int32{1, 2, 3}, []float64{0.5, 1.5}
		if k.rank%2 == 0 {
			buf := make([]float64, 2)
			s, err := Sendrecv(k.c, ints, partner, 1, buf, partner, 2)
			k.ok(err)
			if partner == ProcNull {
				equal(k, "the status of nothing", s, Status{ProcNull, AnyTag, 0})
				return
			}
			equal(k, "the status", s, Status{partner, 2, 2})
			same(k, "what came", buf, floats)
		} else {
			buf := make([]int32, 3)
			s, err := Sendrecv(k.c, floats, partner, 2, buf, partner, 1)
			k.ok(err)
			equal(k, "the status", s, Status{partner, 1, 3})
			same(k, "what came", buf, ints)
		}
	}},
	{name: "Sendrecv meets Send and Recv", ranks: 2, run: func(k *conform) {
		big := conformBytes(200_000, 1)
		buf := make([]byte, len(big))
		switch k.rank {
		case 0:
			_, err := Sendrecv(k.c, big, 1, 1, buf, 1, 2)
			k.ok(err)
			same(k, "what came", buf, big)
			_, err = Sendrecv(k.c, big, 1, 3, buf, AnySource, AnyTag)
			k.ok(err)
		case 1:
			k.ok(Send(k.c, big, 0, 2))
			_, err := Recv(k.c, buf, 0, 1)
			k.ok(err)
			same(k, "what came", buf, big)
			_, err = Recv(k.c, buf, 0, 3)
			k.ok(err)
			k.ok(Send(k.c, big, 0, 4))
		}
	}},
	{name: "no rank is a partner as well", ranks: 1, run: func(k *conform) {
		none := Status{ProcNull, AnyTag, 0}
		buf := []int{42}
		k.ok(Send(k.c, buf, ProcNull, 0))
		k.ok(Ssend(k.c, buf, ProcNull, 0))
		k.ok(SendValue(k.c, "nobody hears it", ProcNull, 0))
		s, err := Recv(k.c, buf, ProcNull, 0)
		k.ok(err)
		equal(k, "the status of Recv", s, none)
		s, err = k.c.Probe(ProcNull, 0)
		k.ok(err)
		equal(k, "the status of Probe", s, none)
		s, found, err := k.c.Iprobe(ProcNull, AnyTag)
		k.ok(err)
		equal(k, "the status of Iprobe", s, none)
		equal(k, "what Iprobe found", found, true)
		s, err = Sendrecv(k.c, buf, ProcNull, 0, buf, ProcNull, AnyTag)
		k.ok(err)
		equal(k, "the status of Sendrecv", s, none)
		v, s, err := RecvValue[string](k.c, ProcNull, 0)
		k.ok(err)
		equal(k, "the status of RecvValue", s, none)
		equal(k, "the value of nobody", v, "")
		v, s, err = SendrecvValue[int, string](k.c, 1, ProcNull, 0, ProcNull, 0)
		k.ok(err)
		equal(k, "the status of SendrecvValue", s, none)
		equal(k, "the value of nobody", v, "")
		is, err := Isend(k.c, buf, ProcNull, 0)
		k.ok(err)
		ir, err := Irecv(k.c, buf, ProcNull, AnyTag)
		k.ok(err)
		iv, err := IsendValue(k.c, "nobody hears it", ProcNull, 0)
		k.ok(err)
		k.ok(Waitall(is, ir, iv))
		s, done, err := ir.Test()
		k.ok(err)
		equal(k, "the status of Irecv", s, none)
		equal(k, "whether it is done", done, true)
		rv, err := IrecvValue[string](k.c, ProcNull, 0)
		k.ok(err)
		v, s, err = rv.Wait()
		k.ok(err)
		equal(k, "the status of IrecvValue", s, none)
		equal(k, "the value of nobody", v, "")
		same(k, "the buffer", buf, []int{42})
		// A line of ranks: the first has nobody before it, the last nobody behind.
		before, next := k.rank-1, k.rank+1
		if next == k.n {
			next = ProcNull
		}
		got := []int{-1}
		s, err = Sendrecv(k.c, []int{k.rank}, next, 0, got, before, 0)
		k.ok(err)
		equal(k, "the source in a line", s.Source, before)
		equal(k, "what came along the line", got[0], k.rank-1)
	}},
	{name: "random messages one after another", ranks: 2, run: func(k *conform) {
		for i := range 150 {
			from, tag, n := k.root(), k.rng.IntN(MaxTag+1), k.length()
			to := (from + 1 + k.rng.IntN(k.n-1)) % k.n
			how, heard := k.rng.IntN(3), k.rng.IntN(4)
			want := conformBytes(n, i)
			switch k.rank {
			case from:
				switch how {
				case 0:
					k.ok(Send(k.c, want, to, tag))
				case 1:
					k.ok(Ssend(k.c, want, to, tag))
				case 2:
					r, err := Isend(k.c, want, to, tag)
					k.ok(err)
					_, err = r.Wait()
					k.ok(err)
				}
				equal(k, "whether what was sent is as it was", slices.Equal(want, conformBytes(n, i)), true)
			case to:
				source, asked := from, tag
				if heard&1 != 0 {
					source = AnySource
				}
				if heard&2 != 0 {
					asked = AnyTag
				}
				buf := make([]byte, n)
				s, err := Recv(k.c, buf, source, asked)
				k.ok(err)
				equal(k, "the status", s, Status{from, tag, n})
				same(k, "what came", buf[:s.Count], want)
			}
			k.ok(k.c.Barrier()) // or another message might fit as well
		}
	}},
}
