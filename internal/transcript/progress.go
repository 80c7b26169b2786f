package transcript

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
	full := min(size, size*done/total)
	bar := strings.Repeat("━", full) + strings.Repeat("─", size-full)
	text := fmt.Sprintf(" %d/%d %s", done, total, what)
	if room := max(0, b.style.Width-size-2); Columns(text) > room {
		text = Pad(text, room)
	}
	if b.style.Color {
		bar = "\x1b[32m" + bar[:full*len("━")] + "\x1b[0m\x1b[2m" + bar[full*len("━"):] + "\x1b[0m"
	}
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

// Over returns a sink that draws progress events on the bar and passes the others to below, the bar cleared first.
func (b *Bar) Over(below Sink) Sink {
	return SinkFunc(func(e Event) {
		if e.Kind == Progress {
			b.Draw(e.Text, e.Done, e.Total)
			return
		}
		b.Clear()
		below.Event(e)
	})
}
