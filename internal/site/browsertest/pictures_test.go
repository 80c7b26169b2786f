//go:build !race

package browsertest

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"cookbook/internal/site/recording"
	"cookbook/internal/timeline"
	"cookbook/recipes"
)

var update = flag.Bool("update", false, "make the pictures of the README anew, in docs/pictures")

// TestMakePictures draws a timeline and takes pictures of a page, if told to.
func TestMakePictures(t *testing.T) {
	if !*update {
		t.Skip("make pictures does this")
	}
	p := window(t)
	dir := filepath.Join("..", "..", "..", "docs", "pictures")
	p.must(os.MkdirAll(dir, 0o777))
	keep := func(name string, picture []byte) {
		if len(picture) > 150_000 {
			t.Errorf("%s has %d bytes: the README should load fast", name, len(picture))
		}
		p.must(os.WriteFile(filepath.Join(dir, name), picture, 0o666))
	}
	const id = "ch2.lock"
	e, err := recipes.Catalog().Find(id)
	p.must(err)
	r, err := recording.Read(id)
	p.must(err)
	picture, err := r.Timeline.SVG(timeline.Look{Title: id + " · " + e.Title})
	p.must(err)
	keep("timeline.svg", picture)

	at := served(t)
	for _, theme := range []string{"light", "dark"} {
		p.screen(1280, 760, theme)
		p.open(at + "ch2/lock.html")
		p.eval(nil, `scrollTo({top: document.querySelector("#code").getBoundingClientRect().top - 80, behavior: "instant"})`)
		keep("page-"+theme+".png", p.picture())
	}
}
