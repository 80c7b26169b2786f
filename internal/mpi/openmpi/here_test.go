package openmpi

import (
	"os"
	"slices"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"cookbook/internal/process"
	"cookbook/internal/transcript"
)

func TestMain(m *testing.M) {
	process.Main()
	os.Setenv("GORACE", "atexit_sleep_ms=0") // or every rank of a -race build ends with a second's sleep
	goleak.VerifyTestMain(m)
}

// HeardLines keeps what a log is told.
type HeardLines struct {
	mu    sync.Mutex
	Lines []string
}

func (h *HeardLines) Event(e transcript.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.Lines = append(h.Lines, e.Actor+": "+e.Text)
}

// All returns the lines so far.
func (h *HeardLines) All() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.Lines)
}
