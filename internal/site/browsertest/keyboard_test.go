//go:build !race

package browsertest

import (
	"slices"
	"strings"
	"testing"
)

// focus says which element has the focus.
const focus = `(e => e.id ? "#" + e.id : e.className ? "." + e.className.split(" ")[0] : e.localName)(document.activeElement)`

func TestAKeyboardReachesEverything(t *testing.T) {
	p := window(t)
	p.open(served(t) + "ch2/condition.html")
	p.keys(tabKey)
	if first := p.text(focus); first != ".skip" {
		t.Errorf("the first key Tab goes to %s, want the link that skips the header", first)
	}
	p.keys(enterKey)
	p.until(`document.activeElement.id == "main" || location.hash == "#main"`)
	p.keys(tabKey)
	var inside bool
	p.eval(&inside, `return document.querySelector("main").contains(document.activeElement)`)
	if !inside {
		t.Errorf("behind the link the key Tab goes to %s, which is not in the text", p.text(focus))
	}
	var reached []string
	for range 60 {
		p.keys(tabKey)
		at := p.text(focus)
		reached = append(reached, at)
		var seen bool
		p.eval(&seen, `
			const e = document.activeElement, s = getComputedStyle(e);
			return e == document.body || s.outlineStyle != "none" && s.outlineWidth != "0px" || s.boxShadow != "none";`)
		if !seen {
			t.Errorf("nobody sees that %s has the focus: %s", at, p.text("document.activeElement.outerHTML.slice(0, 150)"))
		}
	}
	for _, want := range []string{"button", "summary"} {
		if !slices.ContainsFunc(reached, func(s string) bool { return strings.Contains(s, want) || s == ".copy" || s == ".start" }) {
			t.Errorf("no %s among what the key Tab reaches: %v", want, reached)
		}
	}
	p.quiet()
}
