package page

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"cookbook/internal/golden"
	"cookbook/internal/terminal"
)

func TestMain(m *testing.M) {
	if mode := os.Getenv(fakePager); mode != "" {
		actAsPager(mode)
	}
	goleak.VerifyTestMain(m)
}

// shell highlights a script or a session, as a fence of that language does.
func shell(w io.Writer, src []byte, s terminal.Style) error {
	return write(w, s, codeLines(src, shellMarks))
}

type renderFunc func(io.Writer, []byte, terminal.Style) error

func render(t testing.TB, f renderFunc, src []byte, s terminal.Style) string {
	t.Helper()
	var b bytes.Buffer
	if err := f(&b, src, s); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// samples are the files in testdata and how each is drawn. The width means nothing to code.
func samples() map[string]struct {
	render renderFunc
	widths []int
} {
	return map[string]struct {
		render renderFunc
		widths []int
	}{
		"lock.md":          {Markdown, []int{40, 80, 140}},
		"odd.md":           {Markdown, []int{40, 80, 140}},
		"semaphore.go.txt": {Go, []int{80}},
		"queue.py.txt":     {Python, []int{80}},
		"session.sh.txt":   {shell, []int{80}},
	}
}

func TestSamplesLookAsApproved(t *testing.T) {
	for name, sample := range samples() {
		src, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		for _, width := range sample.widths {
			plain := render(t, sample.render, src, terminal.Style{Width: width})
			color := render(t, sample.render, src, terminal.Style{Width: width, Color: true})
			checkPair(t, plain, color)
			golden.Compare(t, fmt.Sprintf("%s.%d.plain.golden", name, width), plain)
			golden.Compare(t, fmt.Sprintf("%s.%d.color.golden", name, width), color)
		}
	}
}

// checkPair checks what is always true of a plain and a coloured rendering of the same text.
func checkPair(t testing.TB, plain, color string) {
	t.Helper()
	if i := strings.IndexFunc(plain, func(r rune) bool { return r != '\n' && (r < ' ' || r >= 0x7f && r < 0xa0) }); i >= 0 {
		t.Errorf("plain text has the control character %q", plain[i])
	}
	if got := strip(color); got != plain {
		t.Errorf("colour changes the text:\n%q\nplain:\n%q", got, plain)
	}
	if plain != "" && !strings.HasSuffix(plain, "\n") {
		t.Errorf("the last line is not ended: %q", plain)
	}
	for l := range strings.Lines(color) {
		if opened, closed := strings.Count(l, "\x1b["), strings.Count(l, "\x1b[0m"); opened != 2*closed {
			t.Errorf("%d escapes opened and %d closed in %q", opened-closed, closed, l)
		}
	}
}

// strip drops the escapes that this package writes, and no others.
func strip(s string) string {
	return regexp.MustCompile("\x1b\\[[0-9;]*m").ReplaceAllString(s, "")
}

func TestProseKeepsToItsWidth(t *testing.T) {
	src := []byte(strings.Repeat("Words of several lengths, *emphasised* `in code` and\n> - quoted 漢字 internationalisation\n\n", 9))
	for width := 24; width < 200; width++ {
		for l := range strings.Lines(render(t, Markdown, src, terminal.Style{Width: width})) {
			if n := terminal.Width(strings.TrimSuffix(l, "\n")); n > min(width, 100) {
				t.Errorf("%d columns at width %d: %q", n, width, l)
			}
		}
	}
}

func TestTablesKeepToTheirWidth(t *testing.T) {
	src := []byte("| A | Bee | Cee |\n|---|:-:|--:|\n" + strings.Repeat("| one `two` three | threading.Condition.wait | the *quick* brown fox jumps |\n", 3))
	for width := 20; width < 120; width++ {
		for l := range strings.Lines(render(t, Markdown, src, terminal.Style{Width: width})) {
			if n := terminal.Width(strings.TrimSuffix(l, "\n")); n > width {
				t.Errorf("%d columns at width %d: %q", n, width, l)
			}
		}
	}
}

func TestCodeIsShownWhole(t *testing.T) {
	src := "package p // \x1b[31m\r\n\tx\t:= \"unterminated\n\n  \"\"\" ' ` /* \xff\u202e $ \\\n#é\x9b trailing  "
	want := "package p // ␛[31m\n    x   := \"unterminated\n\n  \"\"\" ' ` /* �� $ \\\n#é� trailing  \n"
	for name, f := range map[string]renderFunc{"go": Go, "python": Python, "shell": shell} {
		t.Run(name, func(t *testing.T) {
			if got := render(t, f, []byte(src), terminal.Style{}); got != want {
				t.Errorf("got  %q\nwant %q", got, want)
			}
		})
	}
}

func TestNothingIsDrawnAsNothing(t *testing.T) {
	for _, f := range []renderFunc{Markdown, Go, Python, shell} {
		for _, src := range []string{"", "\n", "\ufeff"} {
			if got := render(t, f, []byte(src), terminal.Style{Color: true}); got != "" {
				t.Errorf("%q is drawn as %q", src, got)
			}
		}
	}
}

func TestSourceCannotControlTheTerminal(t *testing.T) {
	for _, src := range []string{
		"\x1b[2J", "&#27;[2J", "&#x9b;2J", "`\x1b[2J`", "[a](</\x1b[2J>)", "<http://a/\x1b[2J>", "![\x1b[2J](b)", "# \x1b[2J",
		"```\n\x1b[2J\n```", "```go\n// \x1b[2J\n```", "    \x1b[2J", "<p>\x1b[2J</p>", "|\x1b[2J|\n|-|\n|\x07|", "&Tab;&NewLine;\rx",
	} {
		plain := render(t, Markdown, []byte(src), terminal.Style{})
		checkPair(t, plain, render(t, Markdown, []byte(src), terminal.Style{Color: true}))
	}
}

func TestWriteErrorsAreReturned(t *testing.T) {
	r, w := io.Pipe()
	r.Close()
	for _, f := range []renderFunc{Markdown, Go, Python, shell} {
		if err := f(w, []byte("text"), terminal.Style{}); err != io.ErrClosedPipe {
			t.Errorf("error %v, want %v", err, io.ErrClosedPipe)
		}
	}
}

func ExampleMarkdown() {
	src := "## Try\nRun `cookbook list` and see:\n\n- what there is,\n- what it *needs*.\n"
	if err := Markdown(os.Stdout, []byte(src), terminal.Style{Width: 80}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// Try
	//     Run `cookbook list` and see:
	//
	//     • what there is,
	//     • what it needs.
}
