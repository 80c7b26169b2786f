package page

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cookbook/internal/terminal"
)

func FuzzMarkdown(f *testing.F) {
	addSamples(f, "*.md")
	f.Add([]byte("# a b\n\n## c"), uint8(1))
	f.Add([]byte("> > 1. - # `x\n\n|a|\n|-|\n|\x1b|"), uint8(1))
	f.Fuzz(func(t *testing.T, src []byte, width uint8) {
		s := terminal.Style{Width: int(width)}
		plain := render(t, Markdown, src, s)
		s.Color = true
		checkPair(t, plain, render(t, Markdown, src, s))
	})
}

func FuzzGo(f *testing.F) {
	addSamples(f, "*.go.txt")
	f.Fuzz(func(t *testing.T, src []byte, _ uint8) { checkCode(t, Go, src) })
}

func FuzzPython(f *testing.F) {
	addSamples(f, "*.py.txt")
	f.Fuzz(func(t *testing.T, src []byte, _ uint8) { checkCode(t, Python, src) })
}

func FuzzShell(f *testing.F) {
	addSamples(f, "*.sh.txt")
	f.Fuzz(func(t *testing.T, src []byte, _ uint8) { checkCode(t, shell, src) })
}

func addSamples(f *testing.F, pattern string) {
	names, err := filepath.Glob(filepath.Join("testdata", pattern))
	if err != nil || len(names) == 0 {
		f.Fatalf("no sample %s: %v", pattern, err)
	}
	for _, name := range names {
		src, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src, uint8(40))
	}
}

// checkCode checks that highlighting leaves every visible character of a program in its place.
func checkCode(t *testing.T, draw renderFunc, src []byte) {
	plain := render(t, draw, src, terminal.Style{})
	checkPair(t, plain, render(t, draw, src, terminal.Style{Color: true}))
	visible := func(s string) string {
		return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '\t' || r == '\n' }), "")
	}
	want := terminal.Safe(strings.TrimPrefix(strings.ReplaceAll(string(src), "\r\n", "\n"), "\ufeff"))
	if got := visible(plain); got != visible(want) {
		t.Errorf("text is lost: got %q, want %q", got, visible(want))
	}
}
