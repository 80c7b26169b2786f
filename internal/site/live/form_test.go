package live_test

import (
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"cookbook/internal/catalog"
	"cookbook/internal/golden"
	"cookbook/internal/site/live"
	"cookbook/recipes"
)

var texts = live.Texts{
	Title: "Run it here", Run: "Run", Stop: "Stop", Options: "Flags", Command: "Type:", Itself: "the recipe", Args: "arguments",
	Speed: "speed", Book: "the book's pace", Max: "no pauses", Seed: "seed", NewSeed: "empty: a new one", Range: "{least} to {most}",
}

func find(t *testing.T, id string) catalog.Entry {
	t.Helper()
	e, err := recipes.Catalog().Find(id)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestTheFlagsOfARecipeAreAForm(t *testing.T) {
	for _, id := range []string{"ch2.deadlock", "ch4.futures"} {
		golden.Compare(t, id+".form.html", live.Form(find(t, id), live.InPage, &texts))
	}
	golden.Compare(t, "nowhere.form.html", live.Form(find(t, "ch3.spawn"), live.Nowhere, &texts))
}

// wellFormed reads HTML that Form writes as XML: attributes without a value and elements without an end are allowed.
func wellFormed(t *testing.T, text string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(text))
	d.Strict, d.AutoClose = false, xml.HTMLAutoClose
	ids := map[string]bool{}
	for {
		token, err := d.Token()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		for _, a := range start.Attr {
			switch {
			case a.Name.Local == "id" && ids[a.Value]:
				t.Errorf("two elements have the id %s", a.Value)
			case a.Name.Local == "id":
				ids[a.Value] = true
			case a.Name.Local == "style" || strings.HasPrefix(a.Name.Local, "on"):
				t.Errorf("<%s> has the attribute %s", start.Name.Local, a.Name.Local)
			}
		}
	}
}

func TestEachRecipeHasAForm(t *testing.T) {
	for _, e := range recipes.Catalog().Entries() {
		wellFormed(t, live.Form(e, live.AtServe, &texts))
	}
}

func TestWhatTheFormSendsIsParsed(t *testing.T) {
	r, err := live.Parse(find(t, "ch2.lock"), []string{"--count=5", "--speed=max", "--seed=7", "--timeout=1s"})
	if err != nil {
		t.Fatal(err)
	}
	if cfg := r.Config(nil); r.Timeout != time.Second || cfg.Seed != 7 || cfg.Speed.String() != "max" || cfg.Promise == nil || cfg.Recipe != "ch2.lock" {
		t.Errorf("got %+v", cfg)
	}
	if actors := r.Heading().Actors; !slices.Contains(actors, "main") {
		t.Errorf("the actors are %q", actors)
	}
	if want := []string{"--count=5", "--seed=7", "--speed=max", "--timeout=1s"}; !slices.Equal(r.Args, want) {
		t.Errorf("again it is %q", r.Args)
	}
	r, err = live.Parse(find(t, "ch4.futures"), []string{"--swap", "--speed", "5", "--", "3", "-4"})
	if err != nil {
		t.Fatalf("arguments are refused: %v", err)
	}
	if want := []string{"--speed=5", "--swap=true", "--", "3", "-4"}; !slices.Equal(r.Args, want) {
		t.Errorf("again it is %q", r.Args)
	}
}

func TestWhatIsWrongWithAFieldBeginsWithItsName(t *testing.T) {
	for _, tt := range []struct{ id, arg, want string }{
		{"ch2.lock", "--count=0", "--count 0: want 1 to 10000000"},
		{"ch2.lock", "--count=", `--count "": want 1 to 10000000`},
		{"ch2.lock", "--seed=-1", "--seed -1: want 0 to 18446744073709551615"},
		{"ch2.lock", "--speed=fast", "--speed fast: want 0.001 to 1000000 (1 is the book's pace), or max for no pauses"},
		{"ch2.lock", "--timeout=1h", "--timeout 1h: want 1ms to 1m0s, as in 1m0s"},
		{"ch2.lock", "--wrong=no", "--wrong no: want "},
		{"ch2.lock", "--engine=mpi", "unknown flag: --engine"},
		{"ch2.lock", "extra", "ch2.lock takes no argument, got extra"},
		{"ch1.memory", "--plot=/etc/passwd", "--plot names a file, which a page cannot: leave it out"},
	} {
		_, err := live.Parse(find(t, tt.id), []string{tt.arg})
		if usage := (*catalog.UsageError)(nil); !errors.As(err, &usage) || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%s %s: got %v, want %s…", tt.id, tt.arg, err, tt.want)
		}
	}
}

// No flag of a recipe reaches what is outside: each names a file, and so is no field, or is known to be harmless.
func TestNoFieldNamesAFile(t *testing.T) {
	for _, e := range recipes.Catalog().Entries() {
		form := live.Form(e, live.AtServe, &texts)
		for _, name := range []string{"plot", "store", "input"} {
			if strings.Contains(form, `id="f-`+name+`"`) {
				t.Errorf("%s has a field for --%s", e.ID, name)
			}
		}
	}
}
