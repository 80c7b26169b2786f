package explore

import (
	"fmt"
	"math"
	"slices"
	"time"

	"cookbook/internal/transcript"
)

// searchLevel runs all schedules with s.level preemptions.
func (s *search) searchLevel() {
	s.tree.limit = limit{s.level, -1}
	done := s.walk(partLevels)
	found := len(s.result.Faults) > 0
	if s.quiet.others.guesses > 0 && !found {
		s.phase = chance // steps are not certain to be where a schedule has them
		return
	}
	switch {
	case !done && !found && s.stopped(1):
		return // another search may go on here
	case done && !s.cutShort && !found:
		s.result.Bound = Bound{Preemptions: s.level, Departures: -1, Whole: !s.tree.cut}
	}
	switch {
	case found || done && !s.tree.cut && !s.free:
		s.phase = over
	case done && !s.tree.cut:
		s.phase = chance // all schedules were run, and each may come to something else the next time
	case !done || s.cutShort:
		s.phase, s.level = departures, 0
		if s.result.Bound.Preemptions >= enough {
			s.phase = chance
		}
	default:
		s.level++
	}
	s.tree, s.cutShort = tree{}, false
}

// searchDepartures runs all schedules with s.level departures.
func (s *search) searchDepartures() {
	s.tree.limit = limit{-1, s.level}
	done := s.walk(partDepartures)
	found := len(s.result.Faults) > 0
	switch {
	case !done && !found && s.stopped(1):
		return
	case done && !s.cutShort && !found:
		s.result.Bound.Departures = s.level
	}
	switch {
	case found:
		s.phase = over
	case !done || s.cutShort:
		s.phase = chance
	default:
		s.level++
	}
	s.tree, s.cutShort = tree{}, false
}

// walk runs the schedules of the tree; true: it came to the end of them.
func (s *search) walk(part float64) bool {
	begin := time.Now()
	looked := false
	for !s.stopped(part) {
		if !looked && time.Since(begin) > time.Duration(partLook*float64(s.options.Budget)) {
			if looked = true; s.phase == levels && s.tree.progress() < tooLarge && len(s.result.Faults) == 0 {
				return false
			}
		}
		if fault := s.skipped(); fault != nil {
			s.result.Faults = append(s.result.Faults, *fault)
			return false
		}
		s.step()
		if s.ctx.Err() != nil {
			return false
		}
		if !s.tree.next() {
			return true
		}
	}
	return false
}

// step runs one schedule of the tree.
func (s *search) step() {
	most := math.MaxInt
	if len(s.result.Faults) > 0 {
		most = s.result.Faults[0].Steps // a longer one says no more
	}
	s.announce(func() Schedule { return s.tree.schedule() })
	prefix := len(s.tree.nodes)
	var out outcome
	tries := s.tries()
	for try := range tries {
		s.tree.begin()
		out = s.run(s.ctx, func(step int, c *chooser) int {
			if step >= most {
				return -1
			}
			return s.tree.choose(step, c)
		}, transcript.Config{}, false)
		if s.tree.stray < 0 {
			break
		}
		s.strayed = true
		if try == tries-1 {
			s.cutShort = true
			s.straying = fmt.Sprintf("step %d: the same choices came to other ones than before", s.tree.stray+1)
		}
	}
	if s.tree.stray >= 0 || s.ctx.Err() != nil {
		s.tree.skip(prefix)
		return
	}
	if out.gaveUp {
		s.tree.skip(most)
		return
	}
	cost := s.tree.spent()
	s.count(s.tree.hash(), &out)
	if out.kind == "" {
		s.passed = s.passed[:0]
		for i := range s.tree.nodes {
			n := &s.tree.nodes[i]
			s.passed = append(s.passed, n.options[n.taken].actor)
		}
		return
	}
	s.tree.skip(out.steps)
	s.fault(&out, Fault{
		Schedule: s.tree.schedule(), Preemptions: cost.preemptions,
		Fewest: cost.preemptions == 0 || s.phase == levels && s.result.Bound.Preemptions >= cost.preemptions-1,
	})
	s.cutShort = s.cutShort || out.kind == Endless
}

// skipped returns the fault of the schedule that is next, if running it ends the process.
func (s *search) skipped() *Fault {
	if len(s.options.Skip) == 0 {
		return nil
	}
	next := s.tree.schedule()
	for _, f := range s.options.Skip {
		if slices.Equal(f.Schedule.Switches, next.Switches) {
			f.Fewest = s.phase == levels
			f.Preemptions = s.tree.spent().preemptions
			return &f
		}
	}
	return nil
}
