package site

import (
	"errors"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"cookbook/recipes"
)

// Every text that the pages use is in strings.json, and no other.
func TestTheStringsAreThoseInUse(t *testing.T) {
	used := map[string]bool{}
	calls := regexp.MustCompile(`\{\{-? ?t "([a-z-]+)"|\(t "([a-z-]+)"|texts\.say\("([a-z-]+)"|"(go|python|bare|wrong|promise)",`)
	for _, pattern := range []string{"templates/*.html", "*.go"} {
		names, err := fs.Glob(os.DirFS("."), pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, match := range calls.FindAllStringSubmatch(string(text), -1) {
				used[match[1]+match[2]+match[3]+match[4]] = true
			}
		}
	}
	texts, err := Options{}.language()
	if err != nil {
		t.Fatal(err)
	}
	for key := range used {
		if texts.strings[key] == "" {
			t.Errorf("strings.json lacks %s", key)
		}
	}
	for key := range texts.strings {
		if !used[key] {
			t.Errorf("strings.json has %s, which nothing uses", key)
		}
	}
	if n := len(strings.Split(texts.strings["kinds"], ",")); n != len(kinds()) {
		t.Errorf("the text kinds has %d names, want %d", n, len(kinds()))
	}
}

func TestASecondLanguageIsAFolderOfFiles(t *testing.T) {
	english, err := fs.Sub(shipped, "text/en")
	if err != nil {
		t.Fatal(err)
	}
	texts := fstest.MapFS{
		"zz/strings.json": {Data: []byte(`{"search-hint": "Zoek", "english": "Nog Engels."}`)},
		"zz/ch2/lock.md":  {Data: []byte("# Bewaak een teller\n\n## Het probleem\n\nTwee draden.\n\n## In Python\n\n## In Go\n")},
		"zz/glossary.md":  {Data: []byte("| woord | betekenis |\n| --- | --- |\n| belofte | wat vaststaat |\n")},
	}
	for _, name := range []string{"strings.json", "run.json", "home.md"} {
		text, err := fs.ReadFile(english, name)
		if err != nil {
			t.Fatal(err)
		}
		texts["en/"+name] = &fstest.MapFile{Data: text}
	}
	files, err := of(Options{Catalog: recipes.Catalog(), Language: "zz", texts: texts})
	if err != nil {
		t.Fatal(err)
	}
	for name, wants := range map[string][]string{
		"ch2/lock.html":     {`<html lang="zz"`, "<h1>Bewaak een teller</h1>", `id="het-probleem"`, "Twee draden.", `placeholder="Zoek"`, "Skip to the text"},
		"ch2/deadlock.html": {`<html lang="zz"`, "Find a deadlock, and avoid it in three ways", "Bewaak een teller", "Nog Engels."},
		"ch2/index.html":    {"Bewaak een teller"},
		"glossary.html":     {"<dt>belofte</dt>"},
	} {
		for _, want := range wants {
			if !strings.Contains(string(files[name]), want) {
				t.Errorf("%s lacks %s", name, want)
			}
		}
	}
	if strings.Contains(string(files["ch2/lock.html"]), "Nog Engels.") {
		t.Error("a translated page says that it is not")
	}
	_, err = Options{Catalog: recipes.Catalog(), Language: "yy", texts: texts}.files()
	if unknown := (*LanguageError)(nil); !errors.As(err, &unknown) || !slices.Equal(unknown.Known, []string{"en", "zz"}) {
		t.Errorf("got %v, want the languages that there are", err)
	}
}
