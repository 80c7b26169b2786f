//go:build !race

package browsertest

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// fault is a rule of axe-core that a page breaks.
type fault struct {
	ID, Help string
	Nodes    []struct {
		Target []any
		HTML   string
	}
}

func (f fault) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", f.ID, f.Help)
	for i, n := range f.Nodes {
		if i == 3 {
			fmt.Fprintf(&b, "\n    and %d more", len(f.Nodes)-i)
			break
		}
		fmt.Fprintf(&b, "\n    %v  %.150s", n.Target, n.HTML)
	}
	return b.String()
}

// COOKBOOK_AXE names axe.min.js of the npm package axe-core.
func TestPagesAreForAllReaders(t *testing.T) {
	p := window(t)
	file := os.Getenv("COOKBOOK_AXE")
	if file == "" {
		lacks(t, "axe", "COOKBOOK_AXE does not name axe.min.js, of the npm package axe-core")
	}
	axe, err := os.ReadFile(file)
	p.must(err)
	at := served(t)
	for theme, looked := range map[string]struct {
		pages []string
		rules string
	}{
		"light": {some, `{}`},
		"dark":  {[]string{"index.html", "ch2/condition.html"}, `{runOnly: ["color-contrast"]}`}, // what else a theme changes is nothing
	} {
		p.screen(1280, 900, theme)
		for _, name := range looked.pages {
			p.open(at + name)
			p.eval(nil, `for (const d of document.querySelectorAll("details")) { d.open = true; }`)
			var found struct {
				Violations []fault
				Passes     []fault
			}
			p.eval(&found, string(axe)+`;
				return axe.run(document, `+looked.rules+`).then(r => ({violations: r.violations, passes: r.passes.map(p => ({id: p.id}))}));`)
			for _, f := range found.Violations {
				t.Errorf("%s, %s: %v", name, theme, f)
			}
			if len(found.Passes) == 0 {
				t.Errorf("%s, %s: axe-core has looked at nothing", name, theme)
			}
		}
	}
}
