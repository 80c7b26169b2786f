package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// keptFile holds the verdicts so far, a line of JSON for each.
const keptFile = "bin/mutants.json"

// A trial has all mutants judged, several at once.
type trial struct {
	court  *court
	stderr io.Writer
	begun  time.Time

	mu    sync.Mutex
	kept  map[string]outcome // by the sum of the mutant
	file  *os.File           // where what comes is kept
	done  int                // mutants with a verdict
	new   int                // of them, those that were judged now
	alive int
	shown time.Time
}

// keptVerdict is a line of that file.
type keptVerdict struct {
	Sum     string  `json:"sum"`
	Mutant  string  `json:"mutant"` // its key, for the reader
	Outcome outcome `json:"outcome"`
}

// open reads the verdicts that are kept, but for those that are to be judged anew.
func (t *trial) open(o options) error {
	t.kept = map[string]outcome{}
	if err := os.MkdirAll(filepath.Dir(keptFile), 0o777); err != nil {
		return err
	}
	how := os.O_RDWR | os.O_CREATE | os.O_APPEND
	if o.fresh {
		how |= os.O_TRUNC
	}
	f, err := os.OpenFile(keptFile, how, 0o666)
	if err != nil {
		return err
	}
	t.file = f
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var v keptVerdict
		if json.Unmarshal(lines.Bytes(), &v) == nil { // the last line may have been cut
			t.kept[v.Sum] = v.Outcome
		}
	}
	if o.again {
		maps.DeleteFunc(t.kept, func(_ string, o outcome) bool { return o.lives() })
	}
	return nil
}

// verdict is what came of a mutant, now or when it was judged before.
func (t *trial) verdict(ctx context.Context, m *mutant, base *outcome) (outcome, error) {
	promise, err := os.ReadFile(strings.TrimSuffix(m.File, ".go") + ".txt")
	if err != nil {
		return outcome{}, err
	}
	sum := m.sum(fmt.Appendf(promise, "%v%s", t.court.budget, strings.Join(arguments[m.Recipe], "\n")))
	t.mu.Lock()
	o, ok := t.kept[sum]
	t.mu.Unlock()
	if ok {
		return o, nil
	}
	if base == nil || m.Compiles {
		if o, err = t.court.judge(ctx, m, base); err != nil {
			return o, fmt.Errorf("%s: %w", m.key(), err)
		}
	}
	line, err := json.Marshal(keptVerdict{sum, m.key(), o})
	if err != nil {
		return o, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kept[sum] = o
	t.new++
	_, err = t.file.Write(append(line, '\n'))
	return o, err
}

// judgeAll returns what came of each mutant, and of each recipe as it stands.
func (t *trial) judgeAll(ctx context.Context, all []*mutant, jobs int) (outcomes []outcome, bases map[string]outcome, err error) {
	bases = map[string]outcome{}
	var recipes []*mutant
	for _, m := range all {
		if _, ok := bases[m.Recipe]; !ok {
			as := *m
			as.start, as.end, as.by, as.Operator = 0, 0, "", "none"
			recipes, bases[m.Recipe] = append(recipes, &as), outcome{}
		}
	}
	t.say(fmt.Sprintf("judging %d recipes as they stand", len(recipes)))
	asTheyStand, err := atOnce(ctx, jobs, recipes, func(ctx context.Context, m *mutant) (outcome, error) {
		return t.verdict(ctx, m, nil)
	})
	if err != nil {
		return nil, nil, err
	}
	for i, m := range recipes {
		bases[m.Recipe] = asTheyStand[i]
	}
	t.begun, t.new = time.Now(), 0
	outcomes, err = atOnce(ctx, jobs, all, func(ctx context.Context, m *mutant) (outcome, error) {
		base := bases[m.Recipe]
		o, err := t.verdict(ctx, m, &base)
		if err == nil {
			t.progress(o, len(all))
		}
		return o, err
	})
	return outcomes, bases, err
}

// atOnce returns what judge says of each, and calls it so many times at once.
func atOnce(ctx context.Context, jobs int, all []*mutant, judge func(context.Context, *mutant) (outcome, error)) ([]outcome, error) {
	outcomes := make([]outcome, len(all))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(jobs)
	for i, m := range all {
		group.Go(func() (err error) {
			if err = context.Cause(ctx); err == nil {
				outcomes[i], err = judge(ctx, m)
			}
			return err
		})
	}
	return outcomes, group.Wait()
}

func (t *trial) say(what string) { fmt.Fprintln(t.stderr, what) }

// progress tells how far the trial is, and how long the rest will take if it is like what was judged.
func (t *trial) progress(o outcome, all int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.done++
	if o.lives() {
		t.alive++
	}
	if time.Since(t.shown) < 10*time.Second && t.done < all || t.new == 0 {
		return
	}
	t.shown = time.Now()
	left := time.Since(t.begun) / time.Duration(t.new) * time.Duration(all-t.done)
	t.say(fmt.Sprintf("%d of %d mutants, %d survive, about %v left", t.done, all, t.alive, left.Round(time.Second)))
}
