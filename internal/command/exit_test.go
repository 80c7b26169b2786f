package command

import (
	"errors"
	"fmt"
	"syscall"
	"testing"

	"cookbook/internal/catalog"
)

// lacking is an error of a machine that lacks something, or of one that does not.
type lacking bool

func (lacking) Error() string   { return "no abacus" }
func (l lacking) Missing() bool { return bool(l) }

func TestExitCodes(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want int
	}{
		{nil, ExitOK},
		{errors.New("broken"), ExitFailed},
		{fmt.Errorf("one: %w", catalog.Usagef("a wrong flag")), ExitUsage},
		{fmt.Errorf("one: %w", lacking(true)), ExitMissing},
		{lacking(false), ExitFailed},
		{&TimeoutError{Recipe: "ch9.x"}, ExitTimeout},
		{InterruptedError{}, ExitInterrupted},
		{InterruptedError{syscall.SIGTERM}, 128 + int(syscall.SIGTERM)},
		{errors.Join(catalog.Usagef("a wrong flag"), lacking(true)), ExitMissing},
		{errors.Join(lacking(true), InterruptedError{}), ExitInterrupted},
		{errors.Join(InterruptedError{}, &TimeoutError{Recipe: "ch9.x"}), ExitTimeout},
	} {
		if got := ExitCode(tt.err); got != tt.want {
			t.Errorf("%v: got %d, want %d", tt.err, got, tt.want)
		}
	}
}
