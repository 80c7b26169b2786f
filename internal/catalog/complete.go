package catalog

import (
	"slices"
	"strings"
)

// Completion is a word that [Catalog.Find] understands, and what it stands for.
type Completion struct{ Name, About string }

// Complete returns what someone may mean who has typed start, in the order of the book: ids that begin so; else sections, each
// once; else the ids of which it is a part, first of all of the name behind the chapter. An id then need not begin with start.
func (c *Catalog) Complete(start string) []Completion {
	all := c.Entries()
	wanted := strings.ToLower(start)
	section := strings.TrimPrefix(wanted, "§")
	sectionSign := start[:len(start)-len(strings.TrimPrefix(start, "§"))]
	for _, names := range []func(Entry) string{
		func(e Entry) string { return named(e.ID, strings.HasPrefix(e.ID, wanted)) },
		func(e Entry) string { return named(e.ID, e.Section == section && c.inSection(section) > 1) },
		func(e Entry) string { return named(sectionSign+e.Section, strings.HasPrefix(e.Section, section)) },
		func(e Entry) string { return named(e.ID, e.Stem() == wanted) },
		func(e Entry) string { return named(e.ID, strings.HasPrefix(e.Stem(), wanted)) },
		func(e Entry) string { return named(e.ID, strings.Contains(e.ID, wanted)) },
	} {
		var found []Completion
		for _, e := range all {
			name := names(e)
			if i := slices.IndexFunc(found, func(c Completion) bool { return c.Name == name }); i >= 0 {
				found[i].About, _, _ = strings.Cut(found[i].About, ": ")
				found[i].About += ", " + e.ID
			} else if name != "" {
				about := e.Title
				if name != e.ID {
					about = e.ID + ": " + about
				}
				found = append(found, Completion{name, about})
			}
		}
		if found != nil {
			return found
		}
	}
	return nil
}

// inSection counts the recipes of a section.
func (c *Catalog) inSection(section string) (n int) {
	for _, e := range c.Entries() {
		if e.Section == section {
			n++
		}
	}
	return n
}

// named is name if it is meant, otherwise "".
func named(name string, meant bool) string {
	if !meant {
		return ""
	}
	return name
}
