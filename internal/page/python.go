package page

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"cookbook/internal/terminal"
)

// pythonScanner walks over Python source and marks what it knows.
type pythonScanner struct {
	src   string
	at    int
	marks []mark

	first  bool // nothing but blanks yet on this line
	depth  int  // of brackets: inside them a line is not a statement
	before string
}

func pythonMarks(src string) []mark {
	s := pythonScanner{src: src, first: true}
	for s.at < len(s.src) {
		s.next()
	}
	return s.marks
}

func (s *pythonScanner) mark(start int, a terminal.Look) {
	s.marks = append(s.marks, mark{start, s.at, a})
}

// next scans one token.
func (s *pythonScanner) next() {
	start := s.at
	c := s.src[s.at]
	switch {
	case c == '\n':
		s.at++
		s.first, s.before = s.depth == 0, ""
		return
	case c == ' ' || c == '\t':
		s.at++
		return
	case c == '#':
		s.skip(func(r rune) bool { return r != '\n' })
		s.mark(start, comment)
		return
	case c == '"' || c == '\'':
		s.text()
		s.mark(start, literal)
	case isDigit(c) || c == '.' && s.at+1 < len(s.src) && isDigit(s.src[s.at+1]):
		s.number()
		s.mark(start, number)
	case c == '@' && s.first:
		s.at++
		s.skip(func(r rune) bool { return isWord(r) || r == '.' })
		s.mark(start, terminal.Blue)
	default:
		if s.skip(isWord); s.at > start {
			s.word(start)
		} else {
			s.operator(c)
		}
	}
	s.before = s.src[start:s.at]
	s.first = false
}

func (s *pythonScanner) skip(while func(rune) bool) {
	for s.at < len(s.src) {
		r, size := utf8.DecodeRuneInString(s.src[s.at:])
		if !while(r) {
			return
		}
		s.at += size
	}
}

func (s *pythonScanner) operator(c byte) {
	switch c {
	case '(', '[', '{':
		s.depth++
	case ')', ']', '}':
		s.depth = max(s.depth-1, 0)
	}
	_, size := utf8.DecodeRuneInString(s.src[s.at:])
	s.at += size
}

// word marks the name or keyword that ends here, or goes on if it is the prefix of a string.
func (s *pythonScanner) word(start int) {
	name := s.src[start:s.at]
	if s.at < len(s.src) && (s.src[s.at] == '"' || s.src[s.at] == '\'') && isPythonPrefix(name) {
		s.text()
		s.mark(start, literal)
		return
	}
	switch {
	case s.before == ".":
	case s.before == "def" || s.before == "class":
		s.mark(start, declared)
	case name == "True" || name == "False" || name == "None":
		s.mark(start, builtin)
	case isPythonKeyword(name), s.first && (name == "match" || name == "case") && s.opensBlock():
		s.mark(start, keyword)
	}
}

// opensBlock reports whether the word that ends here is followed by an expression and a colon: only then
// are match and case no names.
func (s *pythonScanner) opensBlock() bool {
	rest, _, _ := strings.Cut(s.src[s.at:], "\n")
	if !strings.HasPrefix(rest, " ") || strings.HasPrefix(rest, " =") || strings.HasPrefix(rest, " :") {
		return false
	}
	rest, _, _ = strings.Cut(rest, "#")
	return strings.HasSuffix(strings.TrimRight(rest, " \t"), ":")
}

// text skips the string that starts here. One that is not closed ends with its line, or the file if it has three quotes.
func (s *pythonScanner) text() {
	quote := s.src[s.at : s.at+1]
	if triple := strings.Repeat(quote, 3); strings.HasPrefix(s.src[s.at:], triple) {
		quote = triple
	}
	s.at += len(quote)
	for s.at < len(s.src) {
		switch {
		case strings.HasPrefix(s.src[s.at:], quote):
			s.at += len(quote)
			return
		case s.src[s.at] == '\\':
			s.at = min(s.at+2, len(s.src))
		case s.src[s.at] == '\n' && len(quote) == 1:
			return
		default:
			s.at++
		}
	}
}

func (s *pythonScanner) number() {
	hex := strings.HasPrefix(strings.ToLower(s.src[s.at:min(s.at+2, len(s.src))]), "0x")
	for s.at < len(s.src) {
		c := s.src[s.at]
		switch {
		case isWord(rune(c)) && c < utf8.RuneSelf || c == '.':
		case (c == '+' || c == '-') && !hex && (s.src[s.at-1] == 'e' || s.src[s.at-1] == 'E'):
		default:
			return
		}
		s.at++
	}
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isWord(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

func isPythonPrefix(name string) bool {
	switch strings.ToLower(name) {
	case "r", "u", "b", "f", "t", "br", "rb", "fr", "rf", "tr", "rt":
		return true
	}
	return false
}

func isPythonKeyword(name string) bool {
	switch name {
	case "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif", "else", "except",
		"finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise",
		"return", "try", "while", "with", "yield":
		return true
	}
	return false
}
