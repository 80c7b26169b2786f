// Package recipes is the catalog of all chapters.
package recipes

import (
	"cookbook/internal/catalog"
	"cookbook/recipes/ch1"
	"cookbook/recipes/ch2"
	"cookbook/recipes/ch3"
	"cookbook/recipes/ch4"
	"cookbook/recipes/ch5"
	"cookbook/recipes/ch6"
)

// Catalog returns every recipe, in the order of the book. The last chapter has no recipes yet.
func Catalog() *catalog.Catalog {
	return &catalog.Catalog{Chapters: []*catalog.Chapter{
		&ch1.Chapter, &ch2.Chapter, &ch3.Chapter, &ch4.Chapter, &ch5.Chapter, &ch6.Chapter,
	}}
}
