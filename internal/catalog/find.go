package catalog

import (
	"fmt"
	"slices"
	"strings"
)

// UnknownError is a term that names no recipe.
type UnknownError struct {
	Term        string
	Suggestions []string
	Empty       *Chapter // the chapter that it speaks of and that has no recipes; nil: it speaks of none
	Holds       int      // how many recipes hold the term, which a search would find
	Chapters    []string // the IDs of the chapters that there are, if the term is that of another; nil: it is not
}

func (e *UnknownError) Error() string {
	if e.Empty != nil {
		return fmt.Sprintf("no recipe %q: chapter %d has no recipes yet; what it is about: cookbook explain %s", e.Term, e.Empty.Number, e.Empty.ID())
	}
	if len(e.Chapters) > 0 {
		return fmt.Sprintf("no chapter %q; there are %s to %s, see: cookbook list", e.Term, e.Chapters[0], e.Chapters[len(e.Chapters)-1])
	}
	if e.Holds > 0 && len(e.Suggestions) == 0 {
		return fmt.Sprintf("no recipe %q; what speaks of it: cookbook list %s", e.Term, e.Term)
	}
	if len(e.Suggestions) == 0 {
		return fmt.Sprintf("no recipe %q; see: cookbook list", e.Term)
	}
	return fmt.Sprintf("no recipe %q; did you mean %s?", e.Term, either(e.Suggestions))
}

// AmbiguousError is a term that names several recipes.
type AmbiguousError struct {
	Term       string
	Candidates []Entry
}

func (e *AmbiguousError) Error() string {
	const most = 16
	var b strings.Builder
	fmt.Fprintf(&b, "%q names %d recipes; say which:", e.Term, len(e.Candidates))
	shown, width := e.Candidates[:min(most, len(e.Candidates))], 20
	for _, c := range shown {
		width = max(width, len(c.ID))
	}
	for _, c := range shown {
		fmt.Fprintf(&b, "\n  %-*s %s", width, c.ID, c.Title)
	}
	if more := len(e.Candidates) - most; more > 0 {
		fmt.Fprintf(&b, "\n  and %d more; see: cookbook list %s", more, e.Term)
	}
	return b.String()
}

func either(names []string) string {
	if len(names) == 1 {
		return names[0]
	}
	return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
}

// Find returns the recipe that term names: an id (ch2.lock), a stem (lock), a section that has one recipe (2.7), also in its
// sub-sections, or a part of one id only (rloc). The error is an *[UnknownError] or an *[AmbiguousError].
func (c *Catalog) Find(term string) (Entry, error) {
	all := c.Entries()
	wanted := strings.ToLower(strings.TrimPrefix(term, "§"))
	for _, names := range []func(Entry) bool{
		func(e Entry) bool { return e.ID == wanted },
		func(e Entry) bool { return e.Section == wanted },
		func(e Entry) bool { return strings.HasPrefix(e.Section, wanted+".") },
		func(e Entry) bool { return e.Stem() == wanted },
		func(e Entry) bool { return wanted != "" && strings.Contains(e.ID, wanted) },
	} {
		var found []Entry
		for _, e := range all {
			if names(e) {
				found = append(found, e)
			}
		}
		switch len(found) {
		case 0:
			continue
		case 1:
			return found[0], nil
		}
		return Entry{}, &AmbiguousError{term, found}
	}
	if ch := c.empty(wanted); ch != nil {
		return Entry{}, &UnknownError{Term: term, Empty: ch}
	}
	unknown := &UnknownError{Term: term, Suggestions: suggest(wanted, all)}
	if digits := strings.TrimPrefix(wanted, "ch"); digits != wanted && digits != "" && strings.Trim(digits, "0123456789") == "" {
		for _, ch := range c.Chapters {
			unknown.Chapters = append(unknown.Chapters, ch.ID())
		}
	}
	if term != "" {
		unknown.Holds = len(c.Search([]string{term}))
	}
	return Entry{}, unknown
}

// FindAllAt returns the recipes that any of the terms names: a chapter (ch2 or 2), or what Find takes. Without terms it returns all.
// The order is the catalog's. Only recipes that run at the place count. A chapter's others are left out; one that is named and does not
// run there is a *[PlaceError], and so are terms that leave nothing.
func (c *Catalog) FindAllAt(p Place, terms []string) ([]Entry, error) {
	wanted := map[string]bool{}
	for _, term := range terms {
		if ch := c.Chapter(term); ch != nil && len(ch.Recipes) > 0 {
			for _, r := range ch.Recipes {
				wanted[r.ID] = true
			}
			continue
		}
		e, err := c.Find(term)
		switch {
		case err != nil:
			return nil, err
		case !p.Has(e.Recipe):
			return nil, &PlaceError{Place: p, Recipe: e.ID}
		}
		wanted[e.ID] = true
	}
	found := slices.DeleteFunc(c.Entries(), func(e Entry) bool { return len(terms) > 0 && !wanted[e.ID] || !p.Has(e.Recipe) })
	if len(found) == 0 && p != (Place{}) {
		return nil, &PlaceError{Place: p, Terms: terms}
	}
	return found, nil
}

// suggest returns ids of recipes that are near a term.
func suggest(term string, all []Entry) []string {
	var ids []string
	for _, e := range all {
		ids = append(ids, e.ID)
	}
	return Near(term, ids)
}

// Near returns up to three names within a third of the term's length of edits, nearest first. The part of a name behind a point, as in an
// id, stands for the name as well.
func Near(term string, names []string) []string {
	type near struct {
		name     string
		distance int
	}
	var found []near
	for _, name := range names {
		d := distance(term, name)
		if _, part, ok := strings.Cut(name, "."); ok {
			d = min(d, distance(term, part))
		}
		if d <= max(1, len(term)/3) {
			found = append(found, near{name, d})
		}
	}
	slices.SortStableFunc(found, func(a, b near) int { return a.distance - b.distance })
	var nearest []string
	for _, n := range found[:min(3, len(found))] {
		nearest = append(nearest, n.name)
	}
	return nearest
}

// distance counts the insertions, deletions, replacements and swaps of neighbours that turn a into b (optimal string
// alignment).
func distance(a, b string) int {
	before, last := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}
