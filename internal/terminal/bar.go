package terminal

import (
	"fmt"
	"io"
	"strings"
)

// Bar draws progress in place on one line of a terminal. The zero value draws nothing, and so does a nil *Bar.
type Bar struct {
	w     io.Writer
	style Style
	drawn bool
}

// NewBar returns a bar on w, which must be a terminal.
func NewBar(w io.Writer, s Style) *Bar { return &Bar{w: w, style: s} }

// Draw shows that done of total steps of what are done.
func (b *Bar) Draw(what string, done, total int) {
	if b == nil || b.w == nil || total <= 0 {
		return
	}
	const size = 30
	full := int(size * float64(max(0, min(done, total))) / float64(total))
	text := Cut(fmt.Sprintf(" %d/%d %s", done, total, Safe(OneLine(what))), max(0, b.style.Columns()-size-2))
	bar := b.style.Paint(Green, strings.Repeat("━", full)) + b.style.Paint(Dim, strings.Repeat("─", size-full))
	fmt.Fprintf(b.w, "\r\x1b[K%s%s", bar, text)
	b.drawn = true
}

// Clear removes the bar, so that something else may be written.
func (b *Bar) Clear() {
	if b != nil && b.drawn {
		fmt.Fprint(b.w, "\r\x1b[K")
		b.drawn = false
	}
}
