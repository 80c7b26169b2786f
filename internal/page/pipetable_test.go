package page

import (
	"reflect"
	"testing"

	"cookbook/internal/terminal"
)

// The rules are those of GitHub Flavored Markdown, section 4.10.
func TestPipeTables(t *testing.T) {
	for _, tt := range []struct{ name, src, want string }{
		{"plain", "| a | b |\n| - | - |\n| 1 | 2 |", "    a   b\n    ─   ─\n    1   2\n"},
		{"without pipes at the ends", "a | b\n-|-\n1 | 2", "    a   b\n    ─   ─\n    1   2\n"},
		{"aligned", "| a | b |\n|:-:|--:|\n| 111 | 222 |", "     a      b\n    ───   ───\n    111   222\n"},
		{"missing and spare cells", "| a | b |\n| - | - |\n| 1 |\n| 2 | 3 | 4 |", "    a   b\n    ─   ─\n    1\n    2   3\n"},
		{"one column", "| a |\n| - |\n| 1 |", "    a\n    ─\n    1\n"},
		{"an escaped pipe", "| a |\n| - |\n| `x \\| y` z |\n| b \\| c |", "    a\n    ───────\n    x | y z\n    b | c\n"},
		{"below a paragraph", "words  \n| a |\n| - |\n| 1 |", "    words\n\n    a\n    ─\n    1\n"},
		{"of two headers and one rule", "| a | b |\n| - |\n| 1 | 2 |", "    | a | b | | - | | 1 | 2 |\n"},
		{"no rule", "| a | b |\n| 1 | 2 |", "    | a | b | | 1 | 2 |\n"},
		{"a rule without a pipe is a heading's", "a\n-", "a\n"},
		{"only a header", "| a |\n| - |", "    a\n"},
		{"a row without a pipe", "| a | b |\n| - | - |\n| 1 | 2 |\nthree\n", "    a       b\n    ─────   ─\n    1       2\n    three\n"},
		{"a header without a pipe", "a\n--|\n1", "    a\n    ─\n    1\n"},
		{"in a quote", "> | a |\n> | - |\n> | 1 |", "    │ a\n    │ ─\n    │ 1\n"},
		{"an empty cell", "| a | b |\n| - | - |\n|  | 2 |", "    a   b\n    ─   ─\n        2\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := render(t, Markdown, []byte(tt.src), terminal.Style{}); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

func TestCodeLooksTheSameInEveryCell(t *testing.T) {
	src := "| a | b |\n| - | - |\n| `x` | `y` |\n| not `x` | `z` |\n"
	if got, want := render(t, Markdown, []byte(src), terminal.Style{}), "    a       b\n    ─────   ─\n    x       y\n    not x   z\n"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestTablesAreReadAsTheyAreWritten(t *testing.T) {
	src := "# h\n\n| a | b |\n| - | - |\n| `x \\| y` | *z* |\n| one |\n\n    | no | table |\n    | - | - |\n\n- in a list\n\n  | c |\n  | - |\n"
	want := []Table{{Head: []string{"a", "b"}, Rows: [][]string{{"`x \\| y`", "*z*"}, {"one", ""}}}, {Head: []string{"c"}}}
	if got := Tables([]byte(src)); !reflect.DeepEqual(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}
