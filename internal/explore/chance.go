package explore

import (
	"math/rand/v2"

	"cookbook/internal/transcript"
)

// searchAtRandom runs schedules at random to the end of the budget. Every fourth is a walk that takes each choice with the same
// probability: the product of the numbers of choices estimates how many schedules there are (D. Knuth, 1975).
func (s *search) searchAtRandom() {
	length := max(s.longest, 1)
	for !s.stopped(1) {
		s.random++
		if s.random%4 == 0 {
			s.uniform()
			continue
		}
		schedule := Schedule{Seed: s.options.Seed, Number: s.random, Length: length}
		r := newRandom(schedule)
		s.announce(func() Schedule { return schedule })
		out := s.run(s.ctx, r.choose, transcript.Config{}, false)
		if out.gaveUp {
			return
		}
		if s.count(hashOf(r.switches), &out) {
			s.result.Random++
		}
		if out.kind != "" {
			s.fault(&out, Fault{Schedule: schedule, Preemptions: -1})
			s.phase = over
			return
		}
	}
}

// uniform is one walk.
func (s *search) uniform() {
	dice := rand.New(rand.NewPCG(s.options.Seed, uint64(s.random)))
	weight := 1.0
	var switches []Switch
	s.announce(func() Schedule { return Schedule{} })
	out := s.run(s.ctx, func(step int, c *chooser) int {
		i := dice.IntN(len(c.held))
		weight *= float64(len(c.held))
		if usual, _ := c.usual(); i != usual {
			switches = append(switches, Switch{step, c.held[i].id})
		}
		return i
	}, transcript.Config{}, false)
	if out.gaveUp {
		return
	}
	s.weights += weight
	s.walks++
	if s.count(hashOf(switches), &out) {
		s.result.Random++
	}
	if out.kind != "" {
		s.fault(&out, Fault{Schedule: Schedule{Switches: switches}, Preemptions: -1})
		s.phase = over
	}
}
