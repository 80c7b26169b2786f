package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// The judges.
const (
	stress  = "stress"
	explore = "explore"
)

// A call is what one judge says of a mutant.
type call struct {
	Kill string `json:"kill,omitempty"` // promise, error, panic, hang, deadlock, endless, strayed; "": it lives
	Text string `json:"text,omitempty"` // what was wrong
	MS   int64  `json:"ms"`
}

// An outcome is what came of a mutant.
type outcome struct {
	Built   bool `json:"built"` // false: it does not compile
	Stress  call `json:"stress"`
	Explore call `json:"explore"`
}

// lives reports whether no judge has killed it.
func (o outcome) lives() bool { return o.Built && o.Stress.Kill == "" && o.Explore.Kill == "" }

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

// judge builds a mutant and has it judged. base is what came of the recipe as it stands, nil if this is that recipe: a judge takes
// the longer for a mutant the longer it took for the recipe.
func (c *court) judge(ctx context.Context, m *mutant, base *outcome) (o outcome, err error) {
	dir, err := os.MkdirTemp(c.dir, "")
	if err != nil {
		return o, err
	}
	defer os.RemoveAll(dir)
	binary, err := build(ctx, m, dir)
	if failed, ok := errors.AsType[*goError](err); ok && base != nil && strings.Contains(failed.said, m.file.name+":") {
		return o, nil // it does not compile, although go/types thought so
	}
	if err != nil {
		return o, err
	}
	o.Built = true
	if base == nil {
		base = &outcome{}
	}
	limit := 20*time.Second + 20*time.Duration(base.Stress.MS)*time.Millisecond
	if base.Stress.MS > 0 {
		limit -= 12 * time.Second
	}
	if base.Stress.Kill == "" {
		if o.Stress, err = c.ask(ctx, dir, binary, stress, m.Recipe, limit); err != nil {
			return o, err
		}
	}
	if base.Explore.Kill == "" {
		o.Explore, err = c.ask(ctx, dir, binary, explore, m.Recipe, 20*time.Second+4*c.budget)
	}
	return o, err
}

// ask has one judge run. One that does not end within the limit is ended: the mutant hangs.
func (c *court) ask(ctx context.Context, dir, binary, judge, recipe string, limit time.Duration) (call, error) {
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	cmd := exec.CommandContext(limited, binary, judge, recipe, c.budget.String())
	cmd.Env = append(os.Environ(), "TMPDIR="+dir, "TMP="+dir, "GOTRACEBACK=single")
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
