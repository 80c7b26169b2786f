package local

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"

	"cookbook/internal/mpi/engine"
)

// A sent message and a posted receive of a random traffic, numbered in the order in which they were begun.
type (
	modelSend struct {
		from, to, comm, tag int
		pending             engine.Pending
		taken               *modelReceive
	}
	modelReceive struct {
		number      int
		at, comm    int
		source, tag int
		buf         []byte
		pending     engine.Pending
		message     int // −1 until it is done
	}
)

func (r *modelReceive) wants(s *modelSend) bool {
	return r.at == s.to && r.comm == s.comm && (r.source == s.from || r.source == engine.AnySource) && (r.tag == s.tag || r.tag == engine.AnyTag)
}

// A model is some ranks and what they have begun. All calls are made by one goroutine and none waits, so a script says all.
type model struct {
	t        *testing.T
	comms    [][]*comm // by rank and communicator
	sends    []*modelSend
	receives []*modelReceive
}

func newModel(t *testing.T, ranks, eager int) *model {
	h := NewRanksHere(t, t.Context(), ranks, eager)
	m := &model{t: t}
	for _, r := range h.ranks {
		first := worldComm(r)
		m.comms = append(m.comms, []*comm{first, newComm(r, 2, 1, first.group)})
	}
	return m
}

func (m *model) send(from, to, comm, tag, size int) {
	s := &modelSend{from: from, to: to, comm: comm, tag: tag}
	buf := make([]byte, size)
	binary.LittleEndian.PutUint16(buf, uint16(len(m.sends)))
	for i := 2; i < size; i++ {
		buf[i] = byte(len(m.sends) + i)
	}
	m.sends = append(m.sends, s)
	var err error
	if s.pending, err = m.comms[from][comm].Isend(engine.CallIsend, buf, engine.TypeOf[byte](), to, tag); err != nil {
		m.t.Fatal(err)
	}
}

func (m *model) receive(at, source, comm, tag int) {
	r := &modelReceive{number: len(m.receives), at: at, source: source, comm: comm, tag: tag, buf: make([]byte, modelLargest), message: -1}
	m.receives = append(m.receives, r)
	var err error
	if r.pending, err = m.comms[at][comm].Irecv(engine.CallIrecv, &r.buf, engine.TypeOf[byte](), source, tag); err != nil {
		m.t.Fatal(err)
	}
}

// test asks once for each request that goes on, and reports whether one is done now.
func (m *model) test() (moved bool) {
	for _, s := range m.sends {
		if s.pending != nil {
			_, done, err := s.pending.Finish(engine.CallTest, false)
			if err != nil {
				m.t.Fatal(err)
			}
			if done {
				s.pending, moved = nil, true
			}
		}
	}
	for _, r := range m.receives {
		if r.pending != nil {
			e, done, err := r.pending.Finish(engine.CallTest, false)
			if err != nil {
				m.t.Fatal(err)
			}
			if done {
				r.pending, moved = nil, true
				m.took(r, e)
			}
		}
	}
	return moved
}

// took notes which message a receive was given.
func (m *model) took(r *modelReceive, e engine.Envelope) {
	r.message = int(binary.LittleEndian.Uint16(r.buf))
	if e.Bytes < 2 || r.message >= len(m.sends) {
		m.t.Fatalf("receive %d: %+v, message %d of %d", r.number, e, r.message, len(m.sends))
	}
	s := m.sends[r.message]
	for i := 2; i < e.Bytes; i++ {
		if r.buf[i] != byte(r.message+i) {
			m.t.Fatalf("byte %d of message %d is %d", i, r.message, r.buf[i])
		}
	}
	if s.taken != nil || !r.wants(s) || e.Source != s.from || e.Tag != s.tag {
		m.t.Fatalf("receive %d %+v was given message %d, %+v, as %+v", r.number, r, r.message, s, e)
	}
	s.taken = r
}

// settle lets all happen that can.
func (m *model) settle() {
	for quiet := 0; quiet < 4; quiet++ {
		if m.test() {
			quiet = -1
		}
	}
}

// check compares what was matched with the rules of MPI (MPI 4.0 §3.5): the messages of one sender do not overtake each other where
// a receive wants both, a message goes to the first receive that wants it, and no message lies beside a receive that wants it.
func (m *model) check() {
	for k, s := range m.sends {
		for j, later := range m.sends[k+1:] {
			if r := later.taken; r != nil && s.from == later.from && r.wants(s) && (s.taken == nil || s.taken.number > r.number) {
				m.t.Errorf("message %d overtook message %d: receive %d wants both", k+1+j, k, r.number)
			}
		}
		for _, r := range m.receives {
			switch {
			case !r.wants(s) || s.taken == r:
			case s.taken == nil && r.message < 0:
				m.t.Errorf("receive %d does not get message %d", r.number, k)
			case s.taken != nil && s.taken.number > r.number && (r.message < 0 || m.sends[r.message].from == s.from && r.message > k):
				m.t.Errorf("message %d went to receive %d, and receive %d was there before", k, s.taken.number, r.number)
			}
		}
	}
}

// finish sends until each receive has a message, and takes the messages that are left.
func (m *model) finish() {
	for _, r := range m.receives {
		for r.message < 0 { // a receive that was there before may take it
			m.send(max(r.source, 0), r.at, r.comm, max(r.tag, 0), 2)
			m.settle()
		}
	}
	for range m.sends {
		for _, s := range m.sends {
			if s.taken == nil {
				m.receive(s.to, engine.AnySource, s.comm, s.tag)
				m.settle()
			}
		}
	}
	m.check()
	for _, s := range m.sends {
		if s.taken == nil || s.pending != nil {
			m.t.Errorf("%+v is left", s)
		}
	}
	for _, of := range m.comms {
		r := of[0].r
		r.progress() // which forgets receivers to whom all was sent
		waits := r.any.len() + len(r.polled) + len(r.sending) + len(r.requests)
		for p := range r.ins {
			waits += r.ins[p].posted.len() + r.ins[p].unexpected.len() + r.uses[p]
		}
		if waits != 0 {
			m.t.Errorf("rank %d still waits for something", r.me)
		}
	}
}

const (
	modelRanks   = 3
	modelLargest = 300
	modelEager   = 100
)

// play makes the calls of a script: of each step one byte says which call, one its ranks, and one the rest.
func (m *model) play(script []byte) {
	for ; len(script) >= 3; script = script[3:] {
		call, who, what := script[0], int(script[1]), int(script[2])
		one, other := who%modelRanks, who/modelRanks%modelRanks
		comm, tag := what&1, what>>1%3
		switch call % 8 {
		case 0, 1, 2:
			m.send(one, other, comm, tag, []int{2, 8, 9, 50, modelEager, modelEager + 1, modelLargest}[what>>3%7])
		case 3, 4, 5:
			if what>>3%4 == 0 {
				tag = engine.AnyTag
			}
			if what>>5%3 == 0 {
				other = engine.AnySource
			}
			m.receive(one, other, comm, tag)
		case 6:
			m.test()
		case 7:
			if _, _, err := m.comms[one][comm].Probe(engine.CallIprobe, other, tag, false); err != nil {
				m.t.Fatal(err)
			}
		}
	}
	m.settle()
	m.check()
	m.finish()
}

func FuzzMatching(f *testing.F) {
	for seed := range uint64(20) {
		dice := rand.New(rand.NewPCG(seed, 5))
		script := make([]byte, 3*(1+dice.IntN(200)))
		for i := range script {
			script[i] = byte(dice.Uint32())
		}
		f.Add(script)
	}
	f.Fuzz(func(t *testing.T, script []byte) {
		newModel(t, modelRanks, modelEager).play(script[:min(len(script), 3*300)])
	})
}

func TestAFifoKeepsItsOrder(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	var f fifo[int]
	var want []int
	for i := range 5000 {
		switch n := len(want); {
		case n == 0 || dice.IntN(2) == 0:
			f.push(i)
			want = append(want, i)
		case dice.IntN(50) == 0:
			odd := func(v int) bool { return v%2 == 1 }
			f.removeAll(odd)
			want = slices.DeleteFunc(want, odd)
		default:
			k := 0
			if dice.IntN(3) == 0 {
				k = dice.IntN(n)
			}
			if got := f.remove(k); got != want[k] {
				t.Fatalf("step %d: took %d, want %d", i, got, want[k])
			}
			want = slices.Delete(want, k, k+1)
		}
		if !slices.Equal(f.waiting(), want) || f.len() != len(want) {
			t.Fatalf("step %d: %d wait, want %d", i, f.waiting(), want)
		}
	}
}

// A fifo that never becomes empty does not grow without bound.
func TestAFifoReusesItsMemory(t *testing.T) {
	var f fifo[int]
	for i := range 100_000 {
		f.push(i)
		if f.len() > 10 {
			f.remove(0)
		}
	}
	if cap(f.all) > 100 {
		t.Errorf("there is room for %d where 10 wait", cap(f.all))
	}
}
