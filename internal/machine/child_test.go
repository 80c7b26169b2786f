package machine

import (
	"io"
	"strings"
	"testing"
)

func TestTheFirstOutputOfAChildIsKept(t *testing.T) {
	text := strings.Repeat("a", MaxOutput) + strings.Repeat("b", 5*MaxOutput)
	var o output
	n, err := io.Copy(&o, strings.NewReader(text)) // as package exec does
	if err != nil || n != int64(len(text)) || o.String() != text[:MaxOutput] {
		t.Errorf("took %d bytes, %v, and kept %d, want %d and %d", n, err, len(o.String()), len(text), MaxOutput)
	}
}
