// Package ch1 holds the recipes of chapter 1 of the book: what parallel computing is, measured on the reader's own machine.
package ch1

import (
	"embed"

	"cookbook/internal/catalog"
)

//go:embed *.go *.md *.py *.txt
var files embed.FS

// Chapter is chapter 1 in the order of the book.
var Chapter = catalog.Chapter{
	Number: 1,
	Title:  "Parallel computing",
	Files:  files,
	Recipes: []*catalog.Recipe{
		&flynn,
		&memory,
		&models,
		&design,
		&speedup,
		&tour,
		&gil,
		&threadsProcesses,
		&processRecipe,
		&thread,
	},
}
