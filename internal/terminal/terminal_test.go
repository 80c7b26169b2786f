package terminal

import (
	"bufio"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestEveryLookHasItsEscape(t *testing.T) {
	for look, want := range map[Look]string{
		Bold: "\x1b[1m", Dim: "\x1b[2m", Italic: "\x1b[3m", Underline: "\x1b[4m", Green: "\x1b[32m", Bold | Blue: "\x1b[1;34m",
		Bold.With(Green).With(Cyan | Underline): "\x1b[1;4;36m",
	} {
		if got := look.escape(); got != want {
			t.Errorf("Look %b: %q, want %q", look, got, want)
		}
	}
}

func TestWidthIsCountedInColumns(t *testing.T) {
	for text, want := range map[string]int{
		"abc": 3, "é": 1, "e\u0301": 1, "日本": 4, "ｱ": 1, "Ａ": 2, "한": 2, "\u1112\u1161\u11ab": 2, "🚀": 2, "✓ ✗ │ ─": 7, "a\u200bb": 2,
	} {
		if got := Width(text); got != want {
			t.Errorf("Width(%q) = %d, want %d", text, got, want)
		}
	}
}

func TestShareGivesLittleWantsFirst(t *testing.T) {
	for _, test := range []struct {
		from, to []int
		total    int
		want     string
	}{
		{[]int{5, 5}, []int{7, 90}, 40, "[7 33]"},
		{[]int{5, 5}, []int{50, 90}, 21, "[11 10]"},
		{[]int{5, 5}, []int{5, 5}, 40, "[5 5]"},
	} {
		if got := fmt.Sprint(share(test.from, test.to, test.total)); got != test.want {
			t.Errorf("share(%v, %v, %d) = %s, want %s", test.from, test.to, test.total, got, test.want)
		}
	}
}

// A long remark gets room, and a long name beside it is divided once rather than the remark into a tower.
func TestTableColumnsAreDividedSoThatRowsStayLow(t *testing.T) {
	cell := func(text string) Line { return Text(0, text) }
	table := Table{
		Head: []Line{cell("Python"), cell("Go"), cell("remark")},
		Rows: [][]Line{
			{cell("lock.acquire(blocking=False)"), cell("mu.TryLock()"), nil},
			{cell("release of an unlocked lock"), cell("threading.ErrNotLocked"), cell("the other one ends the whole program instead of telling")},
		},
		Gap: 3, Rule: true, Apart: true,
	}
	for _, tt := range []struct{ width, most int }{{120, 4}, {80, 7}, {60, 9}} {
		widths, ok := table.Widths(tt.width)
		if !ok {
			t.Errorf("%d columns are not enough", tt.width)
			continue
		}
		lines := table.Lines(widths)
		if len(lines) > tt.most || Widest(lines) > tt.width {
			t.Errorf("%d columns: widths %v, %d lines (want at most %d), %d columns wide", tt.width, widths, len(lines), tt.most, Widest(lines))
		}
	}
	if _, ok := table.Widths(30); ok {
		t.Error("30 columns make a table in which every word is divided")
	}
}

func TestOnlyTallRowsStandApart(t *testing.T) {
	row := func(text string) []Line { return []Line{Text(0, text)} }
	table := Table{Head: row("h"), Rows: [][]Line{row("a"), row("b"), row("cc cc"), row("d"), row("e")}, Apart: true}
	var got []string
	for _, l := range table.Lines([]int{2}) {
		got = append(got, l.text())
	}
	if want := "h a b  cc cc  d e"; strings.Join(got, " ") != want {
		t.Errorf("got %q, want %q", strings.Join(got, " "), want)
	}
}

func TestSafeTextCannotSteerATerminal(t *testing.T) {
	for text, want := range map[string]string{
		"plain, é, 日本, tab\tand\nline": "plain, é, 日本, tab\tand\nline",
		"\x1b[2J":                      "␛[2J",
		"a\rb\x00c\x7f":                "a␍b␀c␡",
		"\u009b2J":                     "�2J",
		"a\u202eb\u2066c":              "a�b�c",
		"bytes \xff\xfe":               "bytes ��",
		"\u2028\u2029":                 "��",
		"\u061c\u200e\u200f\ufeff":     "����",
		"☎\ufe0f":                      "☎",
	} {
		if got := Safe(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	got := SafeLines("one\r\n\ttwo\x1b[31m\n\n")
	if want := []string{"one", "    two␛[31m"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := SafeLines("\n"); got != nil {
		t.Errorf("got %q", got)
	}
}

func FuzzSafe(f *testing.F) {
	f.Add("\x1b[2J\u202e")
	f.Fuzz(func(t *testing.T, text string) {
		safe := Safe(text)
		for _, r := range safe {
			if r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 ||
				r == 0x61c || r == 0x200e || r == 0x200f || r == 0xfeff {
				t.Errorf("%q holds %U", safe, r)
			}
		}
		if again := Safe(safe); again != safe {
			t.Errorf("%q becomes %q the second time", safe, again)
		}
	})
}

func TestPadFillsAndCuts(t *testing.T) {
	for _, tt := range []struct {
		text string
		n    int
		want string
	}{
		{"ab", 4, "ab  "}, {"abcd", 4, "abcd"}, {"abcde", 4, "abc…"}, {"日本語", 4, "日… "}, {"e\u0301e\u0301", 2, "e\u0301e\u0301"}, {"ab", 0, ""}, {"ab", 1, "…"},
	} {
		if got := Pad(tt.text, tt.n); got != tt.want {
			t.Errorf("%q in %d: got %q, want %q", tt.text, tt.n, got, tt.want)
		}
		if w := Width(Cut(tt.text, tt.n)); w > tt.n {
			t.Errorf("%q cut to %d takes %d columns", tt.text, tt.n, w)
		}
	}
	line := Line{{"abc", Bold}, {"def", 0}}
	for n, want := range map[int]string{6: "abcdef", 5: "abcd…", 4: "abc…", 3: "ab…", 1: "…"} {
		if got := line.Cut(n).text(); got != want {
			t.Errorf("cut to %d: got %q, want %q", n, got, want)
		}
	}
}

func TestWhatAProgramSaysKeepsItsBlanksAndWords(t *testing.T) {
	for _, tt := range []struct {
		text string
		n    int
		want []string
	}{
		{"", 10, []string{""}},
		{"a  row   of a table", 40, []string{"a  row   of a table"}},
		{"a  row   of a table", 12, []string{"a  row   of", "a table"}},
		{"  indented text that is long", 12, []string{"  indented", "text that is", "long"}},
		{"a-word-that-is-too-long for a line", 10, []string{"a-word-that-is-too-long", "for a line"}},
		{"日本 語", 4, []string{"日本", "語"}},
	} {
		if got := WrapWhole(tt.text, tt.n); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%q in %d: got %q, want %q", tt.text, tt.n, got, tt.want)
		}
	}
}

func TestFoldDividesAnywhere(t *testing.T) {
	for text, want := range map[string][]string{"": {""}, "abcdef": {"abc", "def"}, "日本a": {"日", "本a"}, "abe\u0301f": {"abe\u0301", "f"}} {
		if got := Fold(text, 3); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// printed is what a printer makes of two rows.
func printed(p *Printer, out *strings.Builder) string {
	rows := [][]Line{
		{Text(Cyan, "ch2.lock"), Text(0, "7"), Text(0, "Guard a shared counter with a Lock")},
		{Text(Cyan, "日本"), Text(0, "12"), append(Text(0, "two"), Text(Dim, " looks")...)},
	}
	for _, r := range rows {
		p.Measure(r...)
	}
	p.Header()
	for _, r := range rows {
		p.Row(r, r[0].text(), r[1].text()+"\n", r[2].text())
	}
	return out.String()
}

func TestPrinterDrawsATableOrTabs(t *testing.T) {
	var b strings.Builder
	p := NewPrinter(&b, true, Style{Width: 40}, "ID", "N", "TITLE")
	p.Align = []Align{Left, Right}
	want := "ID         N  TITLE\nch2.lock   7  Guard a shared counter wi…\n日本      12  two looks\n"
	if got := printed(p, &b); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	b.Reset()
	p = NewPrinter(&b, true, Style{Width: 40}, "ID", "N", "TITLE")
	p.Wrap = true
	want = "ID        N   TITLE\nch2.lock  7   Guard a shared counter\n              with a Lock\n日本      12  two looks\n"
	if got := printed(p, &b); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	b.Reset()
	p = NewPrinter(&b, true, Style{Width: 30}, "ID", "N", "TITLE")
	p.Least = 24
	if got, want := printed(p, &b), "ID        N\nch2.lock  7\n日本      12\n"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	b.Reset()
	want = "ch2.lock\t7\tGuard a shared counter with a Lock\n日本\t12\ttwo looks\n"
	if got := printed(NewPrinter(&b, false, Style{Width: 10, Color: true}, "ID", "N", "TITLE"), &b); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestColourChangesNothingElse(t *testing.T) {
	draw := func(color bool) string {
		var b strings.Builder
		return printed(NewPrinter(&b, true, Style{Width: 60, Color: color}, "ID", "N", "TITLE"), &b)
	}
	plain, coloured := draw(false), draw(true)
	if !strings.Contains(coloured, "\x1b[36mch2.lock\x1b[0m") {
		t.Errorf("no colour in %q", coloured)
	}
	for _, code := range []string{"\x1b[36m", "\x1b[2m", "\x1b[0m"} {
		coloured = strings.ReplaceAll(coloured, code, "")
	}
	if coloured != plain {
		t.Errorf("got\n%s\nwant\n%s", coloured, plain)
	}
}

func TestBarIsDrawnInPlace(t *testing.T) {
	var b strings.Builder
	bar := NewBar(&b, Style{Width: 60})
	bar.Draw("counting", 1, 2)
	bar.Clear()
	bar.Clear()
	if want := "\r\x1b[K" + strings.Repeat("━", 15) + strings.Repeat("─", 15) + " 1/2 counting\r\x1b[K"; b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
	b.Reset()
	for _, odd := range [][2]int{{4e17, 4e17}, {-1, 10}, {11, 10}, {1, 0}} {
		bar.Draw("odd \x1b[2J\n", odd[0], odd[1])
	}
	if got := b.String(); strings.Contains(got, "[2J\n") || !strings.Contains(got, "␛[2J") {
		t.Errorf("got %q", got)
	}
	var none *Bar
	none.Draw("nothing", 1, 2)
	none.Clear()
}

func TestWrappedCellsAreOneSpanALine(t *testing.T) {
	lines := wrap([]Span{{"one two three", Dim}}, 8, true)
	if want := []Line{{{"one two", Dim}}, {{"three", Dim}}}; !reflect.DeepEqual(lines, want) {
		t.Errorf("got %q", lines)
	}
}

func TestALongCellIsMeasuredOnce(t *testing.T) {
	p := NewPrinter(&strings.Builder{}, true, Style{}, "A", "B")
	p.Measure(Text(0, strings.Repeat("ab cd ", 1<<18)+"\nx"), nil) // takes minutes if the cost grows with the square
	if p.widths[0] != 6<<18 {
		t.Errorf("got %d", p.widths[0])
	}
}

func TestLinesAreWrittenSpanBySpan(t *testing.T) {
	var b strings.Builder
	w := bufio.NewWriter(&b)
	Line{{"a", Bold}, {" ", Green}, {"b", 0}}.WriteTo(w, true)
	w.Flush()
	if want := "\x1b[1ma\x1b[0m b"; b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
}

func TestErrorsAreFoldedOnATerminal(t *testing.T) {
	const long = "cookbook: no recipe holds xyzzy; try fewer words\n  ch3.queue  Hand items to another process\ngoroutine 1:\n\tmain.go:1 and a long path that stays"
	const want = "cookbook: no recipe holds\n  xyzzy; try fewer words\n  ch3.queue  Hand items to\n    another process\ngoroutine 1:\n\tmain.go:1 and a long path that stays"
	if got := FoldLines(long, 30); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
