package site

import (
	"bytes"
	"compress/gzip"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"go.uber.org/goleak"

	"cookbook/recipes"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// made is the site of all recipes, by the paths of its files.
var made = sync.OnceValues(func() (map[string][]byte, error) { return of(Options{Catalog: recipes.Catalog(), Version: "test"}) })

func of(o Options) (map[string][]byte, error) {
	files, err := o.files()
	all := map[string][]byte{}
	for _, f := range files {
		all[f.Path] = f.Text
	}
	return all, err
}

// pages are the pages of the site.
func pages(t *testing.T) (files map[string][]byte, documents map[string]*document) {
	t.Helper()
	files, err := made()
	if err != nil {
		t.Fatal(err)
	}
	documents = map[string]*document{}
	for name, text := range files {
		if path.Ext(name) == ".html" {
			documents[name] = read(t, name, text)
		}
	}
	return files, documents
}

func TestEveryPageIsWellFormed(t *testing.T) {
	_, all := pages(t)
	titles := map[string]string{}
	for name, d := range all {
		if err := d.faults(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if other := titles[d.title]; other != "" || d.title == "" {
			t.Errorf("%s and %s have the title %q", name, other, d.title)
		}
		titles[d.title] = name
		if d.language != "en" {
			t.Errorf("%s is in the language %q", name, d.language)
		}
	}
	if want := 2 + 6 + len(recipes.Catalog().Entries()); len(all) != want {
		t.Errorf("%d pages, want %d", len(all), want)
	}
}

func TestEveryLinkResolves(t *testing.T) {
	files, all := pages(t)
	for name, d := range all {
		for _, link := range d.loaded {
			if files[path.Join(path.Dir(name), link)] == nil || strings.Contains(link, ":") {
				t.Errorf("%s loads %s", name, link)
			}
		}
		for _, link := range d.links {
			if strings.HasPrefix(link, "https://") || strings.HasPrefix(link, "http://") {
				continue
			}
			target, anchor, _ := strings.Cut(link, "#")
			if target == "" {
				target = name
			} else {
				target = path.Join(path.Dir(name), target)
			}
			switch {
			case files[target] == nil:
				t.Errorf("%s has a link to %s, which is not there", name, link)
			case anchor != "" && !all[target].ids[anchor]:
				t.Errorf("%s has a link to %s, and there is no such place on that page", name, link)
			}
		}
	}
}

// What the search finds leads to a place that is there.
func TestTheSearchLeadsToPlacesThatAreThere(t *testing.T) {
	b, err := newBuilder(Options{Catalog: recipes.Catalog()})
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []func() error{b.home, b.chapters, b.recipes, b.glossaryPage} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	_, all := pages(t)
	found := map[string]bool{}
	for _, u := range b.index.units {
		anchor := u.anchor
		if strings.HasSuffix(anchor, "-") {
			anchor += "1"
		}
		if d := all[u.url]; d == nil || anchor != "" && !d.ids[anchor] {
			t.Errorf("%s leads to %s#%s, which is not there", u.title, u.url, anchor)
		}
		if !slices.Contains(kinds(), u.kind) {
			t.Errorf("%s is of the kind %q", u.title, u.kind)
		}
		if strings.Contains(strings.ToLower(u.text), "false sharing") {
			found[u.kind] = true
		}
	}
	if !found["text"] {
		t.Error("no explanation holds false sharing")
	}
}

func TestAPageIsSmall(t *testing.T) {
	files, all := pages(t)
	total := 0
	for _, text := range files {
		total += len(text)
	}
	if total > 15e6 {
		t.Errorf("the site has %d bytes, want at most 15 MB", total)
	}
	packed := map[string]int{}
	size := func(name string) int {
		if packed[name] == 0 {
			var b bytes.Buffer
			w := gzip.NewWriter(&b)
			w.Write(files[name])
			w.Close()
			packed[name] = b.Len()
		}
		return packed[name]
	}
	largest, most := "", 0
	for name, d := range all {
		sum := size(name)
		for _, link := range d.loaded {
			sum += size(path.Join(path.Dir(name), link))
		}
		if sum > most {
			largest, most = name, sum
		}
	}
	if most > 150_000 {
		t.Errorf("%s and what it loads have %d bytes when packed, want at most 150 kB", largest, most)
	}
	t.Logf("the site has %d bytes; the largest page, %s, with what it loads %d when packed; the index of the search %d", total, largest, most, size("assets/search-index.js"))
}

func TestTheSameOptionsGiveTheSameBytes(t *testing.T) {
	first, err := made()
	if err != nil {
		t.Fatal(err)
	}
	again, err := of(Options{Catalog: recipes.Catalog(), Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	if len(first) != len(again) {
		t.Errorf("%d files, and then %d", len(first), len(again))
	}
	for name, text := range first {
		if !bytes.Equal(text, again[name]) {
			t.Errorf("%s differs", name)
		}
	}
}

func TestFilesAreAFileSystem(t *testing.T) {
	files, err := Files(Options{Catalog: recipes.Catalog(), Serve: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := fstest.TestFS(files, "index.html", "ch2/lock.html", "assets/style.css"); err != nil {
		t.Error(err)
	}
	if text, err := fs.ReadFile(files, "ch2/lock.html"); err != nil || !bytes.Contains(text, []byte(`<html lang="en" data-serve="1"`)) {
		t.Errorf("the page does not know of its server: %v", err)
	}
}
