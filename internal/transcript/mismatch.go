package transcript

import (
	"fmt"
	"strings"
)

// Mismatch is a broken promise: what was expected, what came, and from whom. It is the first difference of a run.
type Mismatch struct {
	File     string `json:"file"`               // of the promise
	Line     int    `json:"line,omitempty"`     // of that file; 0 if no line of it is concerned
	Expected string `json:"expected,omitempty"` // that line
	Actor    string `json:"actor,omitempty"`    // who spoke; empty if the run ended instead
	Got      string `json:"got,omitempty"`
	Reason   string `json:"reason"`
}

func (m *Mismatch) Error() string {
	var b strings.Builder
	if m.Actor != "" {
		fmt.Fprintf(&b, "%s said %q, ", m.Actor, m.Got)
	} else if m.Got != "" {
		fmt.Fprintf(&b, "%s, ", m.Got)
	}
	b.WriteString(m.Reason)
	if m.Line > 0 {
		fmt.Fprintf(&b, ": %q, line %d of %s", m.Expected, m.Line, m.File)
	} else {
		fmt.Fprintf(&b, ": %s", m.File)
	}
	return b.String()
}
