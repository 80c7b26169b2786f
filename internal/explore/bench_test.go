package explore

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"cookbook/internal/transcript"
)

// BenchmarkSchedule is one run of a program of two actors with ten lines each, and a promise for them.
func BenchmarkSchedule(b *testing.B) {
	var text strings.Builder
	for _, actor := range []string{"A", "B"} {
		for n := range 10 {
			fmt.Fprintf(&text, "~ %s  %d\n", actor, n)
		}
	}
	promise, err := transcript.ParsePromise("speakers.txt", text.String())
	if err != nil {
		b.Fatal(err)
	}
	p := speakers(2, 10)
	p.Promise = promise
	b.ReportAllocs()
	b.ResetTimer()
	r, err := Search(b.Context(), p, Options{Budget: time.Hour, Most: b.N, Exact: true})
	if err != nil {
		b.Fatal(err)
	}
	if len(r.Faults) > 0 {
		b.Fatal(r.Faults)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "schedules/s")
}
