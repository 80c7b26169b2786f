package transcript

import (
	"slices"
	"strings"

	"cookbook/internal/terminal"
)

// Mark says how firmly a line's place is promised; see [Marks].
type Mark string

// The marks. Unmarked is a line of a run that is not matched.
const (
	Exact    Mark = "="
	Ordered  Mark = "~"
	Any      Mark = "*"
	Claim    Mark = "✓"
	Failed   Mark = "✗"
	Broken   Mark = "!"
	Unmarked Mark = ""
)

// MarkInfo is all there is to know of a mark. The parser of promises, the transcript, explain and the help of run take it from
// here: a new mark is a new row of the table below, and its rule in [Matcher].
type MarkInfo struct {
	Mark    Mark
	Meaning string        // in one line
	Look    terminal.Look // on a terminal
	Written bool          // it may stand in a promise; the others only come in a run
	Spoken  bool          // its lines are said by an actor
}

// Marks returns the table of the marks, in the order in which they are explained.
func Marks() []MarkInfo {
	return []MarkInfo{
		{Exact, "exactly here, among all lines so marked", terminal.Green, true, true},
		{Ordered, "in its actor's own order; free against other actors", terminal.Green, true, true},
		{Any, "any number of times, zero included", terminal.Green, true, true},
		{Claim, "a check that held", terminal.Green, true, false},
		{Failed, "a check that did not hold: the run has failed", terminal.Red, false, false},
		{Broken, "a line that was not promised: the run has failed", terminal.Red, false, true},
	}
}

// Info returns the row of a mark, the zero value if it has none.
func (m Mark) Info() MarkInfo {
	all := Marks()
	if i := slices.IndexFunc(all, func(info MarkInfo) bool { return info.Mark == m }); i >= 0 {
		return all[i]
	}
	return MarkInfo{}
}

// writtenMarks lists the marks that a line of a promise may begin with, for an error.
func writtenMarks() string {
	var marks []string
	for _, info := range Marks() {
		if info.Written {
			marks = append(marks, string(info.Mark))
		}
	}
	return strings.Join(marks, " ")
}

// splitMark cuts a line of a promise behind its mark, which is "" if there is none.
func splitMark(line string) (Mark, string) {
	for _, info := range Marks() {
		rest, ok := strings.CutPrefix(line, string(info.Mark))
		if ok && info.Written && (rest == "" || rest[0] == ' ' || rest[0] == '\t') {
			return info.Mark, strings.TrimLeft(rest, " \t")
		}
	}
	return Unmarked, ""
}

// PartKind says what a part of a promise's line is.
type PartKind uint8

// The kinds of parts. Text is all that has no other kind, blanks included.
const (
	TextPart    PartKind = iota
	MarkPart             // a mark
	ActorPart            // who speaks
	HolePart             // a hole or a family, with its braces
	KeywordPart          // repeat, when, else, end, let, unmatched or --
	CommentPart          // a comment, to the end of the line
)

// Part is a part of one line of a promise, as it is written.
type Part struct {
	Kind PartKind
	Text string
}

// Parts divides one line of a promise as the parser does. The texts of the parts, one after another, are the line. What is neither
// mark, keyword nor comment is text; whether the line is well-formed only the parser says.
func Parts(line string) []Part {
	body := strings.TrimLeft(line, " \t")
	var parts []Part
	add := func(kind PartKind, text string) {
		if text != "" {
			parts = append(parts, Part{kind, text})
		}
	}
	add(TextPart, line[:len(line)-len(body)])
	trimmed := strings.TrimRight(body, " \t\r")
	word, _ := cutWord(trimmed)
	mark, said := splitMark(trimmed)
	switch {
	case strings.HasPrefix(body, "#"):
		add(CommentPart, body)
	case isKeyword(word, trimmed):
		add(KeywordPart, word)
		add(TextPart, body[len(word):])
	case mark == Unmarked:
		add(TextPart, body)
	default:
		add(MarkPart, string(mark))
		start := len(mark) // of what has not been added
		if at := len(trimmed) - len(said); said != "" && mark.Info().Spoken {
			actor, _ := splitActor(said)
			add(TextPart, body[start:at])
			start = at + len(actor)
			add(ActorPart, actor)
		}
		for _, p := range splitPattern(body[start:]) {
			kind := TextPart
			if p.isHole {
				kind = HolePart
			}
			add(kind, p.raw)
		}
	}
	return parts
}
