package mpi

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"cookbook/internal/process"
)

func TestMain(m *testing.M) {
	process.Main()
	os.Setenv("GORACE", "atexit_sleep_ms=0") // or every rank of a -race build ends with a second's sleep
	goleak.VerifyTestMain(m)
}

// needs skips a test whose engine this machine lacks, unless COOKBOOK_REQUIRE, which CI sets, says that it must not.
func needs(t *testing.T, e Engine) context.Context {
	t.Helper()
	ctx := WithEngine(t.Context(), e)
	err := e.Check(ctx)
	required := strings.Split(os.Getenv("COOKBOOK_REQUIRE"), ",")
	switch {
	case err == nil:
		return ctx
	case !errors.Is(err, ErrEngine):
		t.Fatalf("why there is no such engine is of another class than ErrEngine: %v", err)
	case EngineName(ctx) == "mpi" && slices.Contains(required, "mpi"), EngineName(ctx) == "local" && slices.Contains(required, "shared-memory"):
		t.Fatalf("the engine is required: %v", err)
	}
	t.Skipf("this machine lacks the engine: %v", err)
	return nil
}
