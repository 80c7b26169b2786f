package bench

import (
	"fmt"
	"time"
)

// pace guesses how long the rest takes. Steps are of kinds: those of one kind take about the same time.
type pace struct {
	show  func(what string, done, total int) // nil: nobody wants to know
	now   func() time.Time
	kinds map[string]*kind
	since time.Time // when the step that runs began
	kind  string    // of that one; "": none runs
}

type kind struct {
	left, done int
	took       time.Duration
}

func newPace(show func(what string, done, total int)) *pace {
	return &pace{show: show, now: time.Now, kinds: map[string]*kind{}}
}

// expect adds steps.
func (p *pace) expect(name string, steps int) {
	if p.kinds[name] == nil {
		p.kinds[name] = &kind{}
	}
	p.kinds[name].left += steps
}

// step ends the step that runs and begins one of a kind.
func (p *pace) step(name, what string) {
	p.end()
	p.kind, p.since = name, p.now()
	if p.show == nil {
		return
	}
	done, left := 0, 0
	for _, k := range p.kinds {
		done, left = done+k.done, left+k.left
	}
	if rest := p.remaining(); rest > 0 {
		what += fmt.Sprintf(", about %v left", rest)
	}
	p.show(what, done, done+left)
}

// end ends the step that runs, if one does.
func (p *pace) end() {
	k := p.kinds[p.kind]
	if k == nil {
		return
	}
	p.kind = ""
	k.done++
	k.left--
	k.took += p.now().Sub(p.since)
}

// skip leaves out steps that were expected.
func (p *pace) skip(name string, steps int) { p.kinds[name].left -= steps }

// remaining is how long the steps that are left take if they take as long as those of their kind; 0 before anything is known.
func (p *pace) remaining() time.Duration {
	var all kind
	for _, k := range p.kinds {
		all.done, all.took = all.done+k.done, all.took+k.took
	}
	if all.done == 0 {
		return 0
	}
	var rest time.Duration
	for _, k := range p.kinds {
		like := *k
		if k.done == 0 {
			like = all
		}
		rest += like.took / time.Duration(like.done) * time.Duration(k.left)
	}
	return max(rest.Round(time.Second), time.Second)
}
