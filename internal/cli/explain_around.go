package cli

import (
	"fmt"
	"strings"

	"cookbook/internal/catalog"
)

// What an explanation says of the recipes around it is made from the catalog, so that it cannot be wrong.

// introduction is what explain shows of a chapter: its page, and its recipes as commands to type.
func introduction(ch *catalog.Chapter) ([]part, error) {
	text, err := ch.Introduction()
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	b.WriteString("\n## The recipes\n\n")
	if len(ch.Recipes) == 0 {
		b.WriteString("This chapter has no recipes yet.\n")
	}
	for _, r := range ch.Recipes {
		fmt.Fprintf(&b, "- `cookbook explain %s`: %s (§%s)\n", r.ID, r.Title, r.Section)
	}
	return []part{{ending: catalog.Explanation, text: append(withNewline(text), b.String()...)}}, nil
}

// beforeAndNext says at the end what to read on: the recipes on either side in the book, and the chapter's introduction.
func beforeAndNext(c *catalog.Catalog, e catalog.Entry) []byte {
	var b strings.Builder
	b.WriteString("## Before and next\n\n")
	before, next := c.Neighbours(e)
	for _, n := range []struct {
		which string
		entry *catalog.Entry
	}{{"before", before}, {"next", next}} {
		if n.entry != nil {
			fmt.Fprintf(&b, "- %s: `cookbook explain %s` (%s)\n", n.which, n.entry.ID, n.entry.Title)
		}
	}
	fmt.Fprintf(&b, "- the chapter: `cookbook explain %s` (%s)\n", e.Chapter.ID(), e.Chapter.Title)
	return []byte(b.String())
}
