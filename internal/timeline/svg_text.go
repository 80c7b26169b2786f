package timeline

import (
	"fmt"
	"strings"

	"cookbook/internal/svg"
)

// fitMiddle cuts a name that has no room in its middle: names of functions begin alike.
func fitMiddle(name string) string {
	if svg.Width(name, labelSize) <= mostLabel {
		return name
	}
	runes := []rune(name)
	end := string(runes[len(runes)-min(len(runes), 8):])
	return strings.TrimSuffix(svg.Fit(name, labelSize, mostLabel-svg.Width(end, labelSize)), "…") + "…" + end
}

// wrap breaks items into lines. They stay whole, if they can.
func wrap(items []string, size, width float64) []string {
	var lines []string
	add := func(text, separator string) {
		if n := len(lines); n > 0 && svg.Width(lines[n-1]+separator+text, size) <= width {
			lines[n-1] += separator + text
		} else {
			lines = append(lines, svg.Fit(text, size, width))
		}
	}
	for _, item := range items {
		if svg.Width(item, size) <= width {
			add(item, "  ·  ")
			continue
		}
		for i, word := range strings.Fields(item) {
			if i == 0 {
				word = "·  " + word
			}
			add(word, " ")
		}
	}
	return lines
}

// facts are what stands above the picture.
func (c *canvas) facts() []string {
	all := []string{length(c.t.End, c.t.Steps), counted(c.all, "lane")}
	if len(c.t.Lanes) == 0 {
		return []string{"nothing was recorded"}
	}
	if n := len(c.t.Messages); n > 0 {
		all = append(all, c.t.countMessages())
	}
	return append(all, c.t.notes()...)
}

// about tells in words what the picture shows.
func (c *canvas) about() string {
	const most = 12
	var b strings.Builder
	fmt.Fprintf(&b, "What happened in %s. ", length(c.t.End, c.t.Steps))
	for i, l := range c.t.Lanes {
		if i == most {
			fmt.Fprintf(&b, "%s. ", counted(len(c.t.Lanes)-most, "more lane"))
			break
		}
		b.WriteString(l.about(c.t.End) + ". ")
	}
	for i, h := range c.t.Things {
		if i == most {
			break
		}
		b.WriteString(h.about() + ". ")
	}
	if n := len(c.t.Messages); n > 0 {
		b.WriteString(c.t.countMessages() + ".")
	}
	return strings.TrimSpace(b.String())
}
