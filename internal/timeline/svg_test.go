package timeline

import (
	"bytes"
	"encoding/xml"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"cookbook/internal/golden"
)

// told is dining with what was said, and messages.
func told() Timeline {
	t := dining
	t.Lanes = slices.Clone(t.Lanes)
	t.Tell(map[string][]string{mainName: {"two threads eat", "both have eaten"}, "Thread-A": {"takes lock 1"}, "Thread-B": {"takes lock 2", "done"}, "a child": {"hello & <goodbye>", "\x1b[31mred"}})
	t.Messages = []Message{
		{"Thread-A", "Thread-B", 4 * msec, 6 * msec, "tag 7, 8 bytes"}, {"Thread-B", "main", 33 * msec, 44 * msec, ""}, {"Thread-A", "Thread-A", 22 * msec, 25 * msec, "to itself"},
		{"a stranger", "main", 1, 2, "from nobody"},
	}
	t.Clocks = Clocks{Processes: 2, Skew: 12345 * time.Nanosecond, Checks: 3}
	return t
}

// wellFormed returns all the text of a picture, which must be XML.
func wellFormed(t testing.TB, picture []byte) string {
	t.Helper()
	var text strings.Builder
	for d := xml.NewDecoder(bytes.NewReader(picture)); ; {
		token, err := d.Token()
		if err == io.EOF {
			return text.String()
		} else if err != nil {
			t.Fatalf("the picture is not well-formed: %v", err)
		}
		if chars, ok := token.(xml.CharData); ok {
			text.Write(chars)
		}
	}
}

func TestThePictureOfATimelineIsAsApproved(t *testing.T) {
	picture, err := told().SVG(Look{Title: "Two threads eat"})
	if err != nil {
		t.Fatal(err)
	}
	wellFormed(t, picture)
	golden.Compare(t, "dining.svg", string(picture))
}
