package transcript

import "strings"

// Suggest returns the text of the promise file with the changes of Loose made, but for those of lines that are loose on purpose. Each
// order that was added keeps the promise that it returns.
func (o *Orders) Suggest(text string) string {
	t := o.tighten(false)
	if t == nil || len(t.moves)+len(t.marks)+len(t.cuts) == 0 {
		return text
	}
	lines := append([]string{""}, strings.SplitAfter(text, "\n")...) // from 1
	if end := len(lines) - 1; lines[end] != "" {
		lines[end] += "\n"
	}
	lines = append(lines, "") // the end of the file
	above := make([]string, len(lines))
	for at := range t.cuts {
		top := at
		for top > 1 && strings.HasPrefix(strings.TrimLeft(lines[top-1], " \t"), "#") {
			top--
		}
		above[top] = indent(lines[at]) + "--\n"
	}
	for at, line := range lines {
		m, moved := t.moves[at]
		if !moved && !t.marks[at] {
			continue
		}
		mark := Ordered
		if t.marks[at] {
			mark = Exact
		}
		tight := string(mark) + strings.TrimLeft(line, " \t")[len(mark):] // every mark that changes is one byte
		if m.above == 0 {
			lines[at] = strings.Repeat(indent(line)+tight, max(1, m.times))
		} else {
			lines[at] = ""
			above[m.above] += strings.Repeat(indent(lines[m.above])+tight, m.times)
		}
	}
	var b strings.Builder
	for at := range lines {
		b.WriteString(above[at])
		b.WriteString(lines[at])
	}
	return b.String()
}

// indent returns the blanks before what is put above a line.
func indent(line string) string {
	text := strings.TrimLeft(line, " \t")
	blank := line[:len(line)-len(text)]
	if isCloser(strings.TrimSpace(text)) {
		blank += "  "
	}
	return blank
}
