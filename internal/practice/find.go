package practice

import (
	"fmt"
	"slices"
	"strings"

	"cookbook/internal/catalog"
)

// Find returns the exercise of that name, or the only one whose name holds it. recipe is the id of the recipe that it names, "" if it
// names none: then the only exercise of that recipe counts.
func Find(all []*Exercise, term, recipe string) (*Exercise, error) {
	var found []*Exercise
	for _, x := range all {
		if strings.EqualFold(x.Name, term) {
			return x, nil
		}
		if recipe != "" && x.Recipe == recipe {
			found = append(found, x)
		}
	}
	if len(found) == 0 && term != "" {
		for _, x := range all {
			if strings.Contains(x.Name, strings.ToLower(term)) {
				found = append(found, x)
			}
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		var names []string
		for _, x := range found {
			names = append(names, x.Name)
		}
		slices.Sort(names)
		return nil, fmt.Errorf("%q names %d exercises; say which: %s", term, len(found), strings.Join(names, ", "))
	case recipe != "":
		return nil, fmt.Errorf("there is no exercise for %s; see: cookbook practice", recipe)
	}
	var names []string
	for _, x := range all {
		names = append(names, x.Name)
	}
	if near := catalog.Near(strings.ToLower(term), names); len(near) > 0 {
		return nil, fmt.Errorf("no exercise %q; did you mean %s?", term, strings.Join(near, " or "))
	}
	return nil, fmt.Errorf("no exercise %q; see: cookbook practice", term)
}
