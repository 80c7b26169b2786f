package mpi

import (
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"cookbook/internal/transcript"
)

// What every engine has to do in the same way. The cases run one after another inside the ranks, each on a communicator of
// its own; what they send, how much and from where follows from one seed that all ranks know, so each of them can work out
// alone what has to arrive. What is wrong is said in the log, which also works when the rest does not.

// A conformCase is something that engines have to do.
type conformCase struct {
	name  string
	ranks int // it takes at least this many
	run   func(k *conform)
	check func(t *testing.T, n int, said []conformLine) // of what the ranks said, in the order in which they did; nil: nothing
}

// A conformLine is what a rank said in a case.
type conformLine struct {
	rank       int
	name, text string
}

// conform is a case as one rank of it sees it.
type conform struct {
	c       *Comm
	world   *Comm
	rank, n int
	rng     *rand.Rand // the same numbers on all ranks, if all draw as many
	own     *rand.Rand // different numbers on each
	name    string
	out     transcript.Actor
	wrongs  int
}

// Beyond this number, the rest of what is wrong in a case is not worth reading.
const conformEnough = 5

const conformWrong = "wrong: "

// wrong reports something.
func (k *conform) wrong(format string, args ...any) {
	if k.wrongs++; k.wrongs <= conformEnough {
		k.say(conformWrong+format, args...)
	}
}

func (k *conform) say(format string, args ...any) {
	k.out.Printf("%s: %s", k.name, fmt.Sprintf(format, args...))
}

// ok gives the run up if there is an error: the ranks are no longer in step.
func (k *conform) ok(err error) {
	if err != nil {
		panic(conformLost{err})
	}
}

type conformLost struct{ err error }

// equal compares what came with what had to come.
func equal[T comparable](k *conform, what string, got, want T) {
	if got != want {
		k.wrong("%s is %v, want %v", what, got, want)
	}
}

// same compares buffers.
func same[T comparable](k *conform, what string, got, want []T) {
	if len(got) != len(want) {
		k.wrong("%s has %d elements, want %d", what, len(got), len(want))
		return
	}
	for i := range got {
		if got[i] != want[i] {
			k.wrong("%s[%d] of %d is %v, want %v", what, i, len(got), got[i], want[i])
			return
		}
	}
}

// length is how long a buffer is to be. All ranks draw it.
func (k *conform) length() int {
	switch k.rng.IntN(8) {
	case 0:
		return 0
	case 1:
		return 1
	case 2:
		return k.rng.IntN(2500)
	default:
		return k.rng.IntN(100)
	}
}

// root is a rank. All ranks draw it.
func (k *conform) root() int { return k.rng.IntN(k.n) }

// bytes is a pattern that shows a byte in a wrong place.
func conformBytes(n, salt int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i + i>>8 + i>>16 + 31*salt)
	}
	return b
}

type conformArg struct {
	Seed uint64
	Only string // the name of a case; empty: all
}

// conformAll walks through all cases and returns how many things it has called wrong.
var conformAll = Register("conform", func(ctx context.Context, c *Comm, arg conformArg) (wrongs int, err error) {
	out := Log(ctx).Actor(strconv.Itoa(c.Rank()))
	for _, one := range conformCases() {
		if c.Size() < one.ranks || arg.Only != "" && arg.Only != one.name {
			continue
		}
		n, err := one.walk(c, arg.Seed, out)
		wrongs += min(n, conformEnough)
		if err != nil {
			return wrongs, fmt.Errorf("%s, rank %d: %w", one.name, c.Rank(), err)
		}
	}
	return wrongs, nil
})

// walk runs a case on a communicator that is there for it alone.
func (one conformCase) walk(world *Comm, seed uint64, out transcript.Actor) (wrongs int, err error) {
	c, err := world.Dup()
	if err != nil {
		return 0, fmt.Errorf("make a communicator for it: %w", err)
	}
	h := fnv.New64()
	h.Write([]byte(one.name))
	k := &conform{
		c: c, world: world, rank: c.Rank(), n: c.Size(), name: one.name, out: out,
		rng: rand.New(rand.NewPCG(seed, h.Sum64())), own: rand.New(rand.NewPCG(seed+uint64(c.Rank())+1, h.Sum64())),
	}
	if k.rank == 0 {
		k.say("begun")
	}
	defer func() {
		wrongs = k.wrongs
		switch lost := recover().(type) {
		case nil:
		case conformLost:
			err = lost.err
		default:
			panic(lost)
		}
	}()
	one.run(k)
	k.ok(c.Free())
	return
}

// conformCases is the list of all.
func conformCases() []conformCase {
	var all []conformCase
	for _, some := range [][]conformCase{conformMessages, conformRequests, conformCollectives(), conformReductions, conformCommunicators, conformValues(), conformArguments} {
		all = append(all, some...)
	}
	return all
}

// conformSeed is COOKBOOK_SEED, or a fresh one.
func conformSeed(t *testing.T) uint64 {
	t.Helper()
	seed := rand.Uint64()
	if s := os.Getenv("COOKBOOK_SEED"); s != "" {
		var err error
		if seed, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatalf("COOKBOOK_SEED: %v", err)
		}
	}
	t.Logf("COOKBOOK_SEED=%d repeats this", seed)
	return seed
}

func TestEveryEngineDoesTheSame(t *testing.T) {
	seed := conformSeed(t)
	for _, e := range engines {
		t.Run(EngineName(WithEngine(t.Context(), e)), func(t *testing.T) {
			ctx := needs(t, e)
			for _, n := range []int{1, 2, 3, 4, 7, 9} {
				t.Run(fmt.Sprintf("%d ranks", n), func(t *testing.T) { conformRun(t, ctx, n, conformArg{Seed: seed}) })
			}
		})
	}
}

// The numbers of ranks that the suite leaves out.
func TestEveryNumberOfRanksRoundsInTheSameOrder(t *testing.T) {
	seed := conformSeed(t)
	for _, e := range engines {
		t.Run(EngineName(WithEngine(t.Context(), e)), func(t *testing.T) {
			ctx := needs(t, e)
			for _, n := range []int{5, 6, 8} {
				t.Run(fmt.Sprintf("%d ranks", n), func(t *testing.T) { conformRun(t, ctx, n, conformArg{Seed: seed, Only: conformRounding}) })
			}
		})
	}
}

// Messages that Send does not wait for, and that come in parts nevertheless.
func TestTheEagerLimitChangesNothing(t *testing.T) {
	ctx := needs(t, Local{})
	seed := conformSeed(t)
	for _, limit := range []int{1000, 100_000, 500_000} {
		t.Run(fmt.Sprintf("%d bytes", limit), func(t *testing.T) { conformRun(t, ctx, 4, conformArg{Seed: seed}, WithEagerLimit(limit)) })
	}
}

// conformRun walks through all cases with that many ranks and reports on each.
func conformRun(t *testing.T, ctx context.Context, n int, arg conformArg, opts ...Option) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	var lines conformListener
	opts = append(opts, WithLog(transcript.New(transcript.Config{Sink: &lines})))
	counts, err := Run(ctx, conformAll, n, arg, opts...)
	said := map[string][]conformLine{}
	last, wrongs := "none", 0
	for _, l := range lines.all() {
		said[l.name] = append(said[l.name], l)
		if l.text == "begun" {
			last = l.name
		}
	}
	for _, one := range conformCases() {
		if len(said[one.name]) == 0 {
			if err == nil && n >= one.ranks && arg.Only == "" {
				t.Errorf("%s: nobody said that it began", one.name)
			}
			continue
		}
		t.Run(one.name, func(t *testing.T) {
			for _, l := range said[one.name] {
				if text, ok := strings.CutPrefix(l.text, conformWrong); ok {
					wrongs++
					t.Errorf("rank %d: %s", l.rank, text)
				}
			}
			if err != nil && one.name == last {
				t.Errorf("the last to begin: %v", err)
			} else if one.check != nil {
				one.check(t, n, said[one.name])
			}
		})
	}
	if err != nil {
		t.Fatalf("rank 0 began %q last: %v", last, err)
	}
	counted := 0
	for _, c := range counts {
		counted += c
	}
	if len(counts) != n || counted != wrongs {
		t.Errorf("%d ranks returned that %d things were wrong, and the log holds %d", len(counts), counted, wrongs)
	}
}

// A conformListener keeps what ranks say.
type conformListener struct {
	mu    sync.Mutex
	lines []conformLine
}

func (l *conformListener) Event(e transcript.Event) {
	rank, err := strconv.Atoi(e.Actor)
	if e.Kind != transcript.Line || err != nil {
		return
	}
	name, text, _ := strings.Cut(e.Text, ": ")
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, conformLine{rank, name, text})
}

func (l *conformListener) all() []conformLine {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lines
}
