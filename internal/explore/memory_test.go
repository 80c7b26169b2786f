package explore

import (
	"runtime/metrics"
	"testing"
	"time"
)

// A search of many schedules stays small: two hashes a schedule, and the heap of one run.
func TestMemory(t *testing.T) {
	schedules := 30_000
	if testing.Short() {
		schedules = 3_000
	}
	most := uint64(0)
	memory := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	r, err := Search(t.Context(), speakers(5, 4), Options{Budget: time.Hour, Most: schedules, Exact: true, Progress: func(Progress) {
		metrics.Read(memory)
		most = max(most, memory[0].Value.Uint64()-memory[1].Value.Uint64())
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d schedules, %d orders: %.1f MB in %v", r.Schedules, r.Orders, float64(most)/1e6, r.Elapsed)
	if most > 100e6 {
		t.Errorf("%d schedules took %.1f MB", r.Schedules, float64(most)/1e6)
	}
}
