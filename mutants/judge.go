package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// The judges.
const (
	stress  = "stress"
	explore = "explore"

	// What make test asks of a recipe beside its promise. Only what the others let live comes before it.
	tests = "tests"
	end   = "end"  // part of it: nothing that it started is left, and it ends when it is told to
	race  = "race" // and this: stress with Go's race detector
)

// A call is what one judge says of a mutant.
type call struct {
	Kill string `json:"kill,omitempty"` // promise, error, panic, hang, deadlock, endless, strayed, loose, left, race; "": it lives
	Text string `json:"text,omitempty"` // what was wrong
	MS   int64  `json:"ms"`

	Loose []string `json:"loose,omitempty"` // of explore: what the promise allows and no order does, if all orders were seen
}

// looser is the first line that the promise leaves loose for the mutant, and not for the recipe as it stands.
func (c call) looser(base call) string {
	for _, l := range c.Loose {
		if !slices.Contains(base.Loose, l) {
			return l
		}
	}
	return ""
}

// An outcome is what came of a mutant.
type outcome struct {
	Built   bool `json:"built"` // false: it does not compile
	Stress  call `json:"stress"`
	Explore call `json:"explore"`
	Tests   call `json:"tests"`
}

// lives reports whether no judge has killed it.
func (o outcome) lives() bool {
	return o.Built && o.Stress.Kill == "" && o.Explore.Kill == "" && o.Tests.Kill == ""
}

// A court builds mutants and has them judged.
type court struct {
	dir    string // for what is built
	budget time.Duration
}

// newCourt returns a court, and what removes all that it leaves behind.
func newCourt(budget time.Duration) (*court, func(), error) {
	dir, err := os.MkdirTemp("", "cookbook-mutants-")
	return &court{dir, budget}, func() { os.RemoveAll(dir) }, err
}

// judge builds a mutant and has it judged. recipe is what came of the recipe as it stands, nil if this is that recipe: a judge that
// kills it has no say, and may take the longer for a mutant the longer it took for the recipe.
func (c *court) judge(ctx context.Context, m *mutant, recipe *outcome) (o outcome, err error) {
	dir, err := os.MkdirTemp(c.dir, "")
	if err != nil {
		return o, err
	}
	defer os.RemoveAll(dir)
	binary, err := build(ctx, m, dir, "")
	if failed, ok := errors.AsType[*goError](err); ok && recipe != nil && strings.Contains(failed.said, m.file.name+":") {
		return o, nil // it does not compile, although go/types thought so
	}
	if err != nil {
		return o, err
	}
	o.Built = true
	var base outcome
	limit := time.Minute
	if recipe != nil {
		base, limit = *recipe, 8*time.Second+20*time.Duration(recipe.Stress.MS)*time.Millisecond
	}
	if base.Stress.Kill == "" {
		if o.Stress, err = c.ask(ctx, dir, binary, stress, m.Recipe, limit); err != nil {
			return o, err
		}
	}
	if base.Explore.Kill == "" {
		if o.Explore, err = c.ask(ctx, dir, binary, explore, m.Recipe, 20*time.Second+4*c.budget); err != nil {
			return o, err
		}
		if line := o.Explore.looser(base.Explore); recipe != nil && o.Explore.Kill == "" && line != "" {
			o.Explore.Kill, o.Explore.Text = "loose", line
		}
	}
	if base.Tests.Kill == "" && o.lives() {
		o.Tests, err = c.ask(ctx, dir, binary, end, m.Recipe, limit)
	}
	if err != nil || recipe == nil || base.Tests.Kill != "" || !o.lives() {
		return o, err // as it stands no recipe has a race: make test sees to that
	}
	if binary, err = build(ctx, m, dir, race); err == nil {
		o.Tests, err = c.ask(ctx, dir, binary, race, m.Recipe, 10*limit)
	}
	return o, err
}

// ask has one judge run. One that does not end within the limit is ended: the mutant hangs.
func (c *court) ask(ctx context.Context, dir, binary, judge, recipe string, limit time.Duration) (call, error) {
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	cmd := exec.CommandContext(limited, binary, append([]string{judge, recipe, c.budget.String()}, arguments[recipe]...)...)
	cmd.Env = append(os.Environ(), "TMPDIR="+dir, "TMP="+dir, "GOTRACEBACK=single", "GORACE=halt_on_error=1")
	inGroup(cmd)
	cmd.WaitDelay = time.Second
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	begun := time.Now()
	err := cmd.Run()
	said := call{MS: time.Since(begun).Milliseconds()}
	if ctx.Err() != nil {
		return said, context.Cause(ctx)
	}
	crash := stderr.String()
	switch exit, failed := errors.AsType[*exec.ExitError](err); {
	case limited.Err() != nil:
		said.Kill, said.Text = "hang", fmt.Sprintf("did not end within %v", limit.Round(time.Second))
	case strings.Contains(crash, "WARNING: DATA RACE"):
		said.Kill, said.Text = "race", "a data race"
	case strings.Contains(crash, "all goroutines are asleep"):
		said.Kill, said.Text = "hang", "all goroutines are asleep"
	case strings.HasPrefix(crash, "judge: "):
		return said, fmt.Errorf("%s %s: %s", judge, recipe, strings.TrimSpace(crash))
	case failed:
		said.Kill, said.Text = "panic", cmp.Or(strings.TrimSpace(firstLine(crash)), exit.String())
	case err != nil:
		return said, err
	default:
		if err := json.Unmarshal([]byte(stdout.String()), &said); err != nil {
			return said, fmt.Errorf("%s %s said %q: %w", judge, recipe, stdout.String(), err)
		}
		said.Text = firstLine(said.Text)
	}
	return said, nil
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}
