package spec

import (
	"math/rand/v2"
	"os"
	"runtime"
	"testing"
	"testing/synctest"

	"cookbook/internal/transcript"
)

// largest is the size of the programs that Overlap runs.
var largest = Size{3, 3, all}

// Overlap runs programs at random, of up to three threads with up to three operations each, on all processors at once and without holding the
// threads, so that their operations overlap. It fails the test at the first run that the specification does not allow: the
// specification then has no order of the calls that agrees with when they began and ended, or has calls go on that wait for ever.
// What waits has to block durably in the sense of testing/synctest, which tells when nothing can go on.
func Overlap[S comparable](t *testing.T, p *Primitive[S]) {
	t.Helper()
	runs := 2000
	switch {
	case os.Getenv(EveryVariable) != "":
		runs *= 100
	case raced, testing.Short():
		runs /= 10
	}
	dice := rand.New(rand.NewPCG(1, uint64(runs)))
	model := p.model()
	synctest.Test(t, func(t *testing.T) {
		for range runs {
			var v *Violation
			p.run(largest.random(p.Ops, dice), model, false, &v)(t.Context(), transcript.New(transcript.Config{}))
			if v != nil {
				t.Fatal(v)
			}
		}
	})
}

// random is a program of at most that size.
func (s Size) random(alphabet []string, dice *rand.Rand) Program {
	p := make(Program, 1+dice.IntN(s.Threads))
	for i := range p {
		for range 1 + dice.IntN(s.Operations) {
			p[i] = append(p[i], alphabet[dice.IntN(len(alphabet))])
		}
	}
	return p
}

// stumble lets other goroutines run now and then.
func stumble() {
	if rand.IntN(4) == 0 {
		runtime.Gosched()
	}
}
