package mapreduce

import (
	"fmt"
	"os"
	"regexp"
	"runtime/debug"
	"strconv"
	"testing"

	"cookbook/internal/distributed/engine/enginetest"
)

// BenchmarkMemory shows the largest memory of each process, in MiB, for inputs of two sizes. It should not depend on the size.
func BenchmarkMemory(b *testing.B) {
	for _, size := range []int64{64 << 20, 1 << 30} {
		b.Run(fmt.Sprintf("MiB=%d", size>>20), func(b *testing.B) {
			for b.Loop() {
				debug.FreeOSMemory()
				os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) // sets the peak to what there is now
				e := enginetest.Open(b)
				conn := enginetest.Conn(b, e)
				g := group(b)
				mapper := start(b, g, serveArgs{At: e.Address(), Role: Mapper})
				reducer := start(b, g, serveArgs{At: e.Address(), Role: Reducer})
				if _, err := Run(b.Context(), conn, words, Generate(1, size)); err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(peak(b, os.Getpid()), "client+engine")
				b.ReportMetric(peak(b, mapper.Pid()), "mapper")
				b.ReportMetric(peak(b, reducer.Pid()), "reducer")
				g.Close()
			}
		})
	}
}

// peak is the largest resident memory that a process has had, in MiB.
func peak(b *testing.B, pid int) float64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	kb, err := strconv.Atoi(string(regexp.MustCompile(`VmHWM:\s+(\d+)`).FindSubmatch(status)[1]))
	if err != nil {
		b.Fatal(err)
	}
	return float64(kb) / 1024
}
