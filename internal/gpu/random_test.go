package gpu

import (
	"math"
	"testing"
)

// The vectors are those that the authors publish with their code (Random123, kat_vectors).
func TestPhiloxGivesThePublishedNumbers(t *testing.T) {
	tests := []struct{ counter, stream, key, want uint64 }{
		{0, 0, 0, 0xe169c58d_6627e8d5},
		{math.MaxUint64, math.MaxUint64, math.MaxUint64, 0x41c83b0e_408f276d},
		{0x85a308d3_243f6a88, 0x03707344_13198a2e, 0x299f31d0_a4093822, 0x94fdcceb_d16cfe09},
	}
	for _, test := range tests {
		if got := philox(test.counter, test.stream, test.key); got != test.want {
			t.Errorf("philox(%#x, %#x, %#x) is %#x, want %#x", test.counter, test.stream, test.key, got, test.want)
		}
	}
}
