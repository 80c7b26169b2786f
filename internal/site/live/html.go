package live

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"cookbook/internal/transcript"
)

// HTML is the annotated transcript of a run, to be put into an element of class transcript: a div for each line, note and check, and one
// for the end. Progress is left out. A mark has its meaning as text for screen readers. An actor has one of the classes a0, which is main,
// to a8, in the order in which they come. Of the heading it uses Actors, Legend and Steps.
func HTML(events []transcript.Event, h transcript.Heading) string {
	p := newPainter(h)
	for _, e := range events {
		p.event(e)
	}
	return p.String()
}

// colours is how many classes there are for actors beside main.
const colours = 8

// painter draws events.
type painter struct {
	strings.Builder
	heading transcript.Heading
	actors  map[string]int // the number of an actor's class
	seen    []transcript.Mark
}

func newPainter(h transcript.Heading) *painter {
	p := &painter{heading: h, actors: map[string]int{transcript.Main: 0}}
	for _, name := range h.Actors {
		p.meet(name)
	}
	return p
}

// meet returns the number of an actor's class.
func (p *painter) meet(name string) int {
	n, known := p.actors[name]
	if !known {
		n = (len(p.actors)-1)%colours + 1
		p.actors[name] = n
	}
	return n
}

// take returns what has been drawn since the last call.
func (p *painter) take() string {
	drawn := p.String()
	p.Reset()
	return drawn
}

func (p *painter) event(e transcript.Event) {
	switch e.Kind {
	case transcript.Line:
		fmt.Fprintf(p, `<div class="line a%d%s">`, p.meet(e.Actor), bad(e.Mark == transcript.Broken))
		p.mark(e.Mark)
		p.cell("at", p.clock(e.At))
		p.cell("actor", e.Actor)
		p.cell("text", e.Text)
		p.expected(e)
		p.WriteString("</div>\n")
	case transcript.Note:
		fmt.Fprintf(p, "<div class=\"note\">%s</div>\n", escape(e.Text))
	case transcript.Check:
		mark := transcript.Claim
		if !e.OK {
			mark = transcript.Failed
		}
		fmt.Fprintf(p, `<div class="check%s">`, bad(!e.OK))
		p.mark(mark)
		p.cell("text", e.Text)
		p.WriteString("</div>\n")
	case transcript.End:
		p.end(e)
	}
}

// bad is the class of what broke a promise.
func bad(is bool) string {
	if is {
		return " bad"
	}
	return ""
}

func (p *painter) cell(class, text string) {
	fmt.Fprintf(p, `<span class="%s">%s</span> `, class, escape(text))
}

// mark draws a mark; its meaning is for those who cannot see it, and for a pointer that rests on it.
func (p *painter) mark(m transcript.Mark) {
	if m == transcript.Unmarked {
		p.WriteString(`<span class="mark"></span> `)
		return
	}
	if !slices.Contains(p.seen, m) {
		p.seen = append(p.seen, m)
	}
	meaning := escape(m.Info().Meaning)
	fmt.Fprintf(p, `<span class="mark" title="%s"><span aria-hidden="true">%s</span><span class="sr">%s: </span></span> `, meaning, escape(string(m)), meaning)
}

// expected draws what the promise has in the place of a broken line.
func (p *painter) expected(e transcript.Event) {
	if line, at := e.Expected(); e.Mark == transcript.Broken && line != "" {
		fmt.Fprintf(p, `<span class="expected">promised, line %d: <code>%s</code></span>`, at, escape(line))
	}
}

// end draws what came of the run.
func (p *painter) end(e transcript.Event) {
	class, said := "ok", fmt.Sprintf("%s kept in %s", counted(e.Kept, "promise"), p.took(e.At))
	switch {
	case e.Stopped():
		class, said = "stopped", "stopped after "+p.took(e.At)
	case e.Err != nil:
		class, said = "failed", "FAILED after "+p.took(e.At)
	case e.Kept == 0:
		class, said = "done", "done in "+p.took(e.At)
	case !e.Matched:
		said = fmt.Sprintf("%s held in %s", counted(e.Kept, "check"), p.took(e.At))
	}
	fmt.Fprintf(p, "<div class=\"end %s\"><p class=\"came\">%s</p>", class, said)
	if e.Err != nil {
		fmt.Fprintf(p, `<pre class="error">%s</pre>`, escape(e.Err.Error()))
	}
	if e.Unmatched != "" {
		fmt.Fprintf(p, `<p class="aside">Lines are not compared with the promise: %s.</p>`, escape(e.Unmatched))
	}
	if e.Seeded && !e.Stopped() {
		fmt.Fprintf(p, `<p class="aside">The same random numbers again: <code>--seed %d</code></p>`, e.Seed)
	}
	if p.heading.Legend {
		p.legend()
	}
	p.WriteString("</div>\n")
}

// legend says what the marks mean that have been drawn.
func (p *painter) legend() {
	p.WriteString(`<dl class="legend">`)
	for _, info := range transcript.Marks() {
		if slices.Contains(p.seen, info.Mark) {
			fmt.Fprintf(p, `<div><dt>%s</dt><dd>%s</dd></div>`, escape(string(info.Mark)), escape(info.Meaning))
		}
	}
	p.WriteString("</dl>")
}

// clock is when an event came.
func (p *painter) clock(at time.Duration) string {
	if p.heading.Steps {
		return fmt.Sprintf("step %d", at/time.Millisecond)
	}
	return transcript.Clock(at)
}

// took is how long the run has taken.
func (p *painter) took(at time.Duration) string {
	if p.heading.Steps {
		return counted(int(at/time.Millisecond), "step")
	}
	return transcript.Clock(at)
}

// escaper does what html.EscapeString does. That package has a table of all names of characters, which a page would have to load.
var escaper = sync.OnceValue(func() *strings.Replacer {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "'", "&#39;")
})

// escape is text as it stands in HTML, in an element or an attribute.
func escape(text string) string { return escaper().Replace(text) }

// counted is a number of things: 1 promise, 2 promises.
func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
