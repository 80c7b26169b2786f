package machine

import (
	"context"
	"sync"

	"cookbook/internal/catalog"
)

// Finding is what came of one look at the machine. What is found costs nothing and need not be installed.
type Finding struct {
	Name     string `json:"name"`
	Chapters []int  `json:"chapters"` // for which it is of use
	Found    bool   `json:"found"`
	Detail   string `json:"detail"`
	Cost     string `json:"cost"`    // of not having it
	Install  string `json:"install"` // how to get it

	Unused string `json:"-"` // that nothing in this binary uses it; "": something does
}

// Examine looks for everything that recipes and twins of a catalog can use, all at once, because some answers take a while. It
// runs other programs to ask for their versions; ctx ends that.
func (m Machine) Examine(ctx context.Context, c *catalog.Catalog) []Finding {
	var everywhere []int
	for _, ch := range c.Chapters {
		if len(ch.Recipes) > 0 {
			everywhere = append(everywhere, ch.Number)
		}
	}
	probes := probes(c, m)
	findings := make([]Finding, len(probes))
	var wg sync.WaitGroup
	for i, p := range probes {
		wg.Go(func() {
			f := Finding{Name: p.name, Chapters: p.chapters, Unused: p.unused}
			if f.Chapters == nil {
				f.Chapters = append([]int{}, everywhere...)
			}
			install := p.install
			if p.examine != nil {
				f.Found, f.Detail, install = p.examine(ctx)
			} else {
				f.Found, f.Detail = p.look(ctx)
			}
			if !f.Found {
				f.Cost, f.Install = p.cost, install
				if m.os == "js" {
					f.Install = "a page can install nothing: build cookbook for the machine itself"
				}
			}
			switch {
			case p.unused == "":
			case f.Found:
				f.Detail += "; " + p.unused
			default:
				f.Cost = "nothing yet: " + p.unused
			}
			findings[i] = f
		})
	}
	wg.Wait()
	return findings
}
