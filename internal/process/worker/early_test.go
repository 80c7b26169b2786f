package worker

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"

	"cookbook/internal/process/proctest"
)

// What a child of a test does at package level, one after the other: what stands above begin is registered when Early is
// called, what stands below it is not.
var (
	stages []string
	above  = Register("test.above", func(context.Context, struct{}) ([]string, error) { return stages, nil })
	_      = RegisterRole("test.above", func() error { return say(stages) })
	_      = begin()
	below  = Register("test.below", func(context.Context, struct{}) ([]string, error) { return stages, nil })
	_      = RegisterRole("test.below", func() error { return say(stages) })
)

// earlyVariable has a child begin early.
const earlyVariable = "COOKBOOK_TEST_EARLY"

func begin() bool {
	stages = append(stages, "begun")
	if os.Getenv(earlyVariable) != "" {
		Early(nil)
	}
	stages = append(stages, "initialised")
	return true
}

func say(words []string) error {
	_, err := os.Stdout.WriteString(strings.Join(words, " "))
	return err
}

func TestAChildServesBeforeTheRestIsInitialised(t *testing.T) {
	t.Setenv(earlyVariable, "1")
	w := worker(t)
	for _, step := range []struct {
		name string
		f    func(context.Context, struct{}) ([]string, error)
		want []string
	}{
		{"what is registered", above, []string{"begun"}},
		{"the same again", above, []string{"begun"}},
		{"what is not registered yet", below, []string{"begun", "initialised"}},
		{"what was registered, afterwards", above, []string{"begun", "initialised"}},
	} {
		if got, err := Do(t.Context(), w, step.f, struct{}{}); err != nil || !slices.Equal(got, step.want) {
			t.Errorf("%s: %q, %v, want %q", step.name, got, err, step.want)
		}
	}
	_, err := Do(t.Context(), w, late(), point{})
	proctest.Mentions(t, err, "test.late: this process knows no function of that name")
}

func TestARolePlaysBeforeTheRestIsInitialised(t *testing.T) {
	t.Setenv(earlyVariable, "1")
	for role, want := range map[string]string{"test.above": "begun", "test.below": "begun initialised"} {
		cmd, err := Role{role}.Command(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if out, err := cmd.Output(); err != nil || string(out) != want {
			t.Errorf("%s: it wrote %q, %v, want %q", role, out, err, want)
		}
	}
}
