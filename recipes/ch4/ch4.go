// Package ch4 holds the recipes of chapter 4 of the book: asynchrony: executors, futures, and tasks on one event loop.
package ch4

import (
	"embed"

	"cookbook/internal/catalog"
)

//go:embed *.go *.md *.py *.txt
var files embed.FS

// Chapter is chapter 4 in the order of the book.
var Chapter = catalog.Chapter{
	Number: 4,
	Title:  "Asynchronous programming",
	Files:  files,
	Recipes: []*catalog.Recipe{
		&asyncModel,
		&executors,
		&runInExecutor,
		&eventLoop,
		&coroutines,
		&tasks,
		&primitives,
		&groups,
		&futures,
	},
}
