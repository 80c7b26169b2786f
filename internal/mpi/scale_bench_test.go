package mpi

import (
	"testing"

	"cookbook/internal/measure/growth"
)

// BenchmarkScale is how rounds of messages grow with the ranks and with the bytes, over shared memory.
func BenchmarkScale(b *testing.B) {
	over := func(b *testing.B, ranks int, o benchOrder) {
		took, err := Run(b.Context(), benchRank, ranks, o)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(took[0], "ns/op")
	}
	for _, o := range []struct {
		name, what string
		bytes      int
		rounds     int // of 2 ranks; more ranks take fewer
	}{{"barrier", "barrier", 0, 40_000}, {"allreduce of one number", "allreduce", 0, 40_000}, {"allreduce of 64 KiB", "allreduce", 64 << 10, 4000}} {
		growth.Run(b, o.name, "ranks", growth.Doubles(2, 128), func(b *testing.B, n int) {
			over(b, n, benchOrder{o.what, o.bytes, o.rounds / n})
		})
	}
	for _, o := range []struct {
		name, what string
		ranks      int
	}{{"send", "pingpong", 2}, {"allreduce, 2 ranks", "allreduce", 2}, {"allreduce, 4 ranks", "allreduce", 4}} {
		bytes := append([]int{}, growth.Doubles(8, 64<<20)...)
		few := bytes[:0]
		for i, n := range bytes { // 8, 64, 512, … and the last
			if i%3 == 0 || i == len(bytes)-1 {
				few = append(few, n)
			}
		}
		growth.Run(b, o.name, "bytes", few, func(b *testing.B, n int) {
			over(b, o.ranks, benchOrder{o.what, n, min(max((128<<20)/n, 3), 10_000)})
		})
	}
}
