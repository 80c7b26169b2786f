package mapreduce

import (
	"bytes"
	"testing"
)

func TestAGeneratedTextIsTheSameAgain(t *testing.T) {
	first, again := corpus(t, 100_001), corpus(t, 100_001)
	if len(first) != 100_001 || !bytes.Equal(first, again) {
		t.Errorf("%d and %d bytes", len(first), len(again))
	}
	if n := len(plainCount(first)); n < 3000 {
		t.Errorf("%d different words", n)
	}
}
