package catalog

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// Chapter returns the chapter that a term names: ch2, 2, §2 or chapter 2; nil if it names none.
func (c *Catalog) Chapter(term string) *Chapter {
	number := strings.ToLower(strings.TrimSpace(term))
	for _, word := range []string{"§", "chapter", "ch"} {
		number = strings.TrimPrefix(number, word)
	}
	number = strings.TrimSpace(number)
	for _, ch := range c.Chapters {
		if number == fmt.Sprint(ch.Number) {
			return ch
		}
	}
	return nil
}

// empty returns the chapter that a term speaks of (ch5, 5.2, ch5.celery), if that chapter has no recipes; else nil.
func (c *Catalog) empty(term string) *Chapter {
	number, _, _ := strings.Cut(term, ".")
	if ch := c.Chapter(number); ch != nil && len(ch.Recipes) == 0 {
		return ch
	}
	return nil
}

// ID is how the chapter is named: ch2.
func (ch *Chapter) ID() string { return fmt.Sprintf("ch%d", ch.Number) }

// Introduction returns the chapter's introduction, a page of Markdown.
func (ch *Chapter) Introduction() ([]byte, error) {
	text, err := fs.ReadFile(ch.Files, ch.ID()+Explanation)
	if err != nil {
		return nil, fmt.Errorf("chapter %d lacks its introduction, recipes/%[2]s/%[2]s%[3]s: %[4]w", ch.Number, ch.ID(), Explanation, err)
	}
	return text, nil
}

// Neighbours returns the recipes before and after e in the order of the book, over the borders of chapters; nil where there is
// none.
func (c *Catalog) Neighbours(e Entry) (before, next *Entry) {
	all := c.Entries()
	i := slices.IndexFunc(all, func(other Entry) bool { return other.Recipe == e.Recipe })
	if i > 0 {
		before = &all[i-1]
	}
	if i >= 0 && i+1 < len(all) {
		next = &all[i+1]
	}
	return before, next
}
