// Package growth is for benchmarks that show how cost grows: the same operation at several sizes, as in
//
//	go test -run '^$' -bench Scale ./internal/threading
package growth

import (
	"fmt"
	"testing"
)

// Run runs f for each size, as a benchmark operation/unit=size whose ns/op is what the whole work of that size costs. With
// -short it leaves out sizes above the middle one.
func Run(b *testing.B, operation, unit string, sizes []int, f func(b *testing.B, n int)) {
	if testing.Short() {
		sizes = sizes[:(len(sizes)+1)/2]
	}
	b.Run(operation, func(b *testing.B) {
		for _, n := range sizes {
			b.Run(fmt.Sprintf("%s=%d", unit, n), func(b *testing.B) { f(b, n) })
		}
	})
}

// Tens returns 100, 1000, … up to most.
func Tens(most int) (sizes []int) {
	for n := 100; n <= most; n *= 10 {
		sizes = append(sizes, n)
	}
	return sizes
}

// Doubles returns from, twice that, … up to most.
func Doubles(from, most int) (sizes []int) {
	for n := from; n <= most; n *= 2 {
		sizes = append(sizes, n)
	}
	return sizes
}
