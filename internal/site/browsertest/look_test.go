//go:build !race

package browsertest

import (
	"os"
	"path"
	"strings"
	"testing"
)

// some are pages of each kind.
var some = []string{"index.html", "ch2/index.html", "ch2/condition.html", "glossary.html"}

func TestNoPageHasAnErrorInTheBrowser(t *testing.T) {
	p := window(t)
	at := served(t)
	for _, name := range names(t) {
		p.open(at + name)
		if all := p.complaints(); len(all) > 0 {
			t.Errorf("%s: the browser says:\n%s", name, strings.Join(all, "\n"))
		}
	}
}

// A phone is 390 points wide; only boxes of their own may be wider.
func TestPagesFitAScreen(t *testing.T) {
	p := window(t)
	at := written(t)
	themes := []string{"light"}
	if os.Getenv("COOKBOOK_SCREENSHOTS") != "" {
		themes = append(themes, "dark") // as wide, and so only for who wants to look at it
	}
	for _, theme := range themes {
		for _, width := range []int{1280, 390} {
			p.screen(width, 900, theme)
			for _, name := range some {
				p.open(at + name)
				var over struct {
					Wide  int
					First string
				}
				p.eval(&over, `
					const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
					const first = [...document.querySelectorAll("main *")].find(e => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest("pre, .picture, .scroll, table"));
					return {wide, first: first ? first.outerHTML.slice(0, 200) : ""};`)
				if over.Wide > 0 {
					t.Errorf("%s is %d points wider than a screen of %d: %s", name, over.Wide, width, over.First)
				}
				kind := "wide"
				if width < 600 {
					kind = "phone"
				}
				picture := strings.ReplaceAll(strings.TrimSuffix(name, ".html"), "/", "-") + "-" + kind + "-" + theme
				p.keep(picture)
				if name == "ch2/condition.html" {
					for _, part := range []string{"code", "run", "recorded", "timeline"} {
						p.eval(nil, `document.getElementById(arguments[0])?.scrollIntoView({behavior: "instant"})`, part)
						p.keep(picture + "-" + part)
					}
				}
			}
			p.quiet()
		}
	}
}

func TestTheThemeFollowsTheReaderAndTheButton(t *testing.T) {
	p := window(t)
	p.open(served(t))
	ground := func() string { return p.text("getComputedStyle(document.body).backgroundColor") }
	light := ground()
	p.screen(1280, 900, "dark")
	dark := ground()
	if light == dark {
		t.Errorf("a reader who prefers dark gets %s, too", light)
	}
	p.click("#theme")
	if got := ground(); got != light {
		t.Errorf("the button makes the dark page %s, want %s", got, light)
	}
	p.open(p.text("document.querySelector('main a[href*=\"ch2/\"]').href"))
	if got := ground(); got != light {
		t.Errorf("the next page is %s: the choice was forgotten", got)
	}
	p.click("#theme")
	if got := ground(); got != dark {
		t.Errorf("the button makes the light page %s, want %s", got, dark)
	}
	p.quiet()
}

// Reported, not asserted: it depends on the machine.
func TestFirstPaintFromDisk(t *testing.T) {
	p := window(t)
	at := written(t)
	for _, name := range some {
		p.open(at + name)
		var took float64
		p.eval(&took, `
			return new Promise(done => {
				const look = () => {
					const paint = performance.getEntriesByName("first-contentful-paint")[0];
					paint ? done(paint.startTime) : setTimeout(look, 10);
				};
				look();
			});`)
		t.Logf("%s: first paint after %.0f ms", path.Base(name), took)
	}
}

func TestPagesPrint(t *testing.T) {
	p := window(t)
	p.open(served(t) + "ch2/condition.html")
	var pdf string
	p.must(p.do("POST", "/print", map[string]any{"shrinkToFit": true}, &pdf))
	if !strings.HasPrefix(pdf, "JVBERi0") || len(pdf) < 10_000 { // %PDF-
		t.Errorf("%d characters that begin with %.10q", len(pdf), pdf)
	}
	p.quiet()
}
