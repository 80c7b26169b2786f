package csp

import (
	"context"
	"math/rand/v2"
	"testing"

	"cookbook/internal/distributed/engine"
	"cookbook/internal/distributed/engine/enginetest"
)

// kindFor is the narrowest kind for so many ends.
func kindFor(writers, readers int) Kind {
	switch {
	case writers == 1 && readers == 1:
		return One2One
	case writers == 1:
		return One2Any
	case readers == 1:
		return Any2One
	}
	return Any2Any
}

func TestPoisonAnywhereEndsEveryProcess(t *testing.T) {
	for seed := range uint64(200) {
		poisonSomewhere(t, seed, func(kind Kind, capacity, writers, readers int) (outs []Out[int], ins []In[int]) {
			c := NewChannel[int](kind, "A", capacity)
			for range writers {
				outs = append(outs, c.Writer())
			}
			for range readers {
				ins = append(ins, c.Reader())
			}
			return outs, ins
		})
	}
}

// poisonSomewhere makes a random network: stages in line, each of several processes, and between them channels, which
// connect makes. One process poisons its channels at a random time, and all have to end.
func poisonSomewhere(t *testing.T, seed uint64, connect func(kind Kind, capacity, writers, readers int) ([]Out[int], []In[int])) {
	t.Helper()
	rnd := rand.New(rand.NewPCG(seed, 0))
	wide := make([]int, 2+rnd.IntN(4))
	for i := range wide {
		wide[i] = 1 + rnd.IntN(3)
	}
	last := len(wide) - 1
	ins, outs := make([][]In[int], last+1), make([][]Out[int], last+1)
	for i := range last {
		outs[i], ins[i+1] = connect(kindFor(wide[i], wide[i+1]), rnd.IntN(3), wide[i], wide[i+1])
	}
	at, after := rnd.IntN(last+1), rnd.IntN(30) // which stage poisons, and after how many values
	var n Network
	for i, width := range wide {
		for k := range width {
			n.Spawn(t.Context(), func(ctx context.Context) (err error) {
				if i > 0 {
					defer Leave(&err, ins[i][k])
				}
				if i < last {
					defer Leave(&err, outs[i][k])
				}
				for turn := 0; ; turn++ {
					if i == at && k == 0 && turn == after {
						return ErrPoisoned
					}
					if i > 0 {
						if _, err := ins[i][k].Read(ctx); err != nil {
							return err
						}
					}
					if i < last {
						if err := outs[i][k].Write(ctx, turn); err != nil {
							return err
						}
					}
				}
			})
		}
	}
	if err := n.Wait(); err != nil {
		t.Errorf("seed %d: %v", seed, err)
	}
}

func TestPoisonAnywhereEndsEveryProcessElsewhere(t *testing.T) {
	e := enginetest.Open(t)
	conns := []*engine.Conn{enginetest.Conn(t, e), enginetest.Conn(t, e), enginetest.Conn(t, e)}
	for seed := range uint64(20) {
		poisonSomewhere(t, seed, func(kind Kind, capacity, writers, readers int) (outs []Out[int], ins []In[int]) {
			h := stretch[int](t, e, kind, capacity)
			for i := range writers {
				outs = append(outs, openWriter(t, conns[i], h.Writer()))
			}
			for i := range readers {
				ins = append(ins, openReader(t, conns[len(conns)-1-i], h.Reader()))
			}
			return outs, ins
		})
	}
}
