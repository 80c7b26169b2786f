package transcript

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// layout is where the lines of a promise file stand in one run.
type layout struct {
	source []sourceInfo // by line of the file, from 1
	visits []visit      // the last is the end of the file
	items  []item       // what must come, in the order of the promise
}

// sourceInfo is what the text of the file says of one of its lines.
type sourceInfo struct {
	text   string
	depth  int    // how many blocks it stands in
	when   bool   // one of them is a when
	reason string // why it is loose on purpose; "": it is not
}

// visit is a place between two lines of the run: where the expander reaches a statement, or the end of a turn of a repeat.
type visit struct {
	statement
	stage        int
	lines, stars int // how many stand above
}

// item is a line that must come: a = or ~ line, or one of the times that a * line comes if it always comes the same number of times.
type item struct {
	element int
	at      int // line of the file
	actor   string
	exact   bool
	stage   int
	visit   int  // that it stands at
	moved   bool // it is a * line that would stand above the statement of another visit
	star    int  // 0: no * line; else orders those of one visit
}

// newLayout walks through the promise as the expander does. It returns nil if there is nothing to see.
func newLayout(p *Promise) *layout {
	body, err := (&parser{file: p.file, values: p.values}).parse(p.text)
	if err != nil || p.Unmatched != "" {
		return nil
	}
	l := &layout{source: sourceLines(p.text)}
	x := &expander{promise: &Promise{file: p.file}, patterns: map[string]*regexp.Regexp{}}
	x.visit = func(st statement) {
		l.visits = append(l.visits, visit{st, x.stage, len(x.promise.lines), len(x.promise.stars)})
	}
	if err := x.block(body, scope{holes: map[string]declared{}, numbers: map[string]int{}, values: p.values}); err != nil {
		return nil
	}
	x.visit(statement{kind: endStatement, at: len(l.source) - 1})
	for v, at := range l.visits[:len(l.visits)-1] {
		for i := at.lines; i < l.visits[v+1].lines; i++ {
			e := &p.lines[i]
			l.items = append(l.items, item{element: i, at: e.at, actor: e.actor, exact: e.mark == Exact, stage: e.stage, visit: v})
		}
	}
	return l
}

// sort puts the items in the order of the promise.
func (l *layout) sort() { slices.SortStableFunc(l.items, l.compare) }

func (l *layout) compare(a, b item) int {
	above := func(i item) int {
		if i.moved {
			return 0
		}
		return 1
	}
	return cmp.Or(cmp.Compare(a.visit, b.visit), cmp.Compare(above(a), above(b)), cmp.Compare(a.star, b.star), cmp.Compare(a.element, b.element))
}

// spots returns the places of the file where a line could be put: above a = or ~ line or a repeat, at the end of a repeat, at the end
// of the file. For each it has the visits.
func (l *layout) spots() [][]int {
	byLine := map[int][]int{}
	for v, at := range l.visits {
		switch {
		case at.kind == repeatStatement && l.visits[v+1].at > at.end: // it has no turns
		case at.kind == lineStatement && (at.mark == Exact || at.mark == Ordered), at.kind == repeatStatement, at.kind == endStatement:
			byLine[at.at] = append(byLine[at.at], v)
		}
	}
	var all [][]int
	for _, visits := range byLine {
		all = append(all, visits)
	}
	slices.SortFunc(all, func(a, b []int) int { return cmp.Compare(l.visits[a[0]].at, l.visits[b[0]].at) })
	return all
}

// sourceLines reads the text of a file: the blocks, and the comments that say why a line is loose on purpose. Such a comment begins with
// "# loose:". It speaks of the lines below it, up to an empty line, another comment or --, and of the blocks among them as a whole. In
// the comment at the top of the file, with an empty line below it, it speaks of all lines.
func sourceLines(text string) []sourceInfo {
	all := []sourceInfo{{}}
	var whens []bool // by depth
	everywhere, reason, depth := "", "", 0
	comment := "" // the comment of which the line above is the end
	for i, line := range strings.Split(text, "\n") {
		line = strings.Trim(line, " \t\r")
		word, _ := cutWord(line)
		info := sourceInfo{text: line}
		if isCloser(line) && len(whens) > 0 {
			whens = whens[:len(whens)-1]
		}
		info.depth, info.when = len(whens), slices.Contains(whens, true)
		switch {
		case strings.HasPrefix(line, "#"):
			said := strings.TrimSpace(line[1:])
			if why, ok := strings.CutPrefix(said, "loose:"); ok {
				comment = strings.TrimSpace(why)
			} else if comment != "" {
				comment += " " + said
			}
			if len(whens) <= depth {
				reason = ""
			}
		case line == "" || line == "--" || len(whens) < depth:
			if line == "" && onTop(text, i) {
				everywhere = comment
			}
			comment = ""
			if len(whens) <= depth {
				reason = ""
			}
		case comment != "":
			reason, comment, depth = comment, "", len(whens)
		}
		info.reason = reason
		all = append(all, info)
		if word == "repeat" || word == "when" || line == "else" {
			whens = append(whens, word != "repeat")
		}
	}
	for i := range all {
		if all[i].reason == "" {
			all[i].reason = everywhere
		}
	}
	return append(all, sourceInfo{reason: everywhere})
}

// onTop reports whether all of the first n lines of a text are comments.
func onTop(text string, n int) bool {
	for line := range strings.SplitSeq(text, "\n") {
		if n == 0 {
			break
		}
		if n--; !strings.HasPrefix(strings.TrimLeft(line, " \t"), "#") {
			return false
		}
	}
	return true
}
