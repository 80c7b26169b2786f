package transcript

import (
	"os"
	"strings"
	"testing"

	"cookbook/internal/terminal"
)

func TestTheTableHasEveryMark(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	manual, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, info := range Marks() {
		if info.Look == 0 || info.Meaning == "" {
			t.Errorf("%+v", info)
		}
		if row := "| `" + string(info.Mark) + "` | " + info.Meaning + " |"; !strings.Contains(string(readme), row) {
			t.Errorf("the README lacks %q", row)
		}
		if info.Written && !strings.Contains(string(manual), "//\t"+string(info.Mark)+"  ") {
			t.Errorf("the package comment does not explain %s", info.Mark)
		}
		if info.Mark.Info() != info {
			t.Errorf("the row of %s is %+v", info.Mark, info.Mark.Info())
		}
	}
	if Unmarked.Info() != (MarkInfo{}) {
		t.Error("no mark has a row")
	}
}

func TestAPromisesLineIsDividedAsItIsParsed(t *testing.T) {
	kinds := map[PartKind]string{TextPart: "", MarkPart: "M", ActorPart: "A", HolePart: "H", KeywordPart: "K", CommentPart: "C"}
	for line, want := range map[string]string{
		"= main  done":                 "M'='|' '|A'main'|'  done'",
		"  ~ rank {r=0..9}\tgot {n}":   "'  '|M'~'|' '|A'rank {r=0..9}'|'\tgot '|H'{n}'",
		"✓ no update is lost: {:int}":  "M'✓'|' no update is lost: '|H'{:int}'",
		"* t1  {{literal}} {x:word} {": "M'*'|' '|A't1'|'  {{literal}} '|H'{x:word}'|' {'",
		"repeat i=1..5":                "K'repeat'|' i=1..5'",
		"\tend":                        "'\t'|K'end'",
		"--":                           "K'--'",
		"# = main  no":                 "C'# = main  no'",
		"nonsense":                     "'nonsense'",
		"=main  no":                    "'=main  no'",
		"! main  not written":          "'! main  not written'",
		"=":                            "M'='",
		"":                             "",
	} {
		var got []string
		for _, p := range Parts(line) {
			got = append(got, kinds[p.Kind]+"'"+p.Text+"'")
		}
		if text := strings.Join(got, "|"); text != want {
			t.Errorf("%q: got %s, want %s", line, text, want)
		}
	}
}

func FuzzParts(f *testing.F) {
	f.Add("= a  {b:int} {{c}}")
	f.Add(" ~ =\t{")
	f.Fuzz(func(t *testing.T, line string) {
		whole := ""
		for _, p := range Parts(line) {
			whole += p.Text
		}
		if whole != line {
			t.Errorf("%q is divided into %q", line, whole)
		}
	})
}

func TestMarksHaveTheirLook(t *testing.T) {
	var b strings.Builder
	colour := terminal.Style{Color: true}
	sink := Annotated(&b, Heading{ID: "x", Title: "y", Section: "1"}, colour)
	for _, info := range Marks() {
		sink.Event(Event{Kind: Line, Actor: "a", Mark: info.Mark, Text: "text"})
		if want := colour.Paint(info.Look, string(info.Mark)); !strings.Contains(b.String(), want) {
			t.Errorf("no %q in %q", want, b.String())
		}
	}
}
