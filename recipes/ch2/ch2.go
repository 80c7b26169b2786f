// Package ch2 holds the recipes of chapter 2 of the book: threads and how they wait for each other.
package ch2

import (
	"embed"

	"cookbook/internal/catalog"
)

//go:embed *.go *.md *.py *.txt
var files embed.FS

// Chapter is chapter 2 in the order of the book.
var Chapter = catalog.Chapter{
	Number: 2,
	Title:  "Thread-based parallelism",
	Files:  files,
	Recipes: []*catalog.Recipe{
		&primitives,
		&define,
		&current,
		&subclass,
		&lock,
		&deadlock,
		&rlock,
		&semaphore,
		&condition,
		&event,
		&with,
		&queue,
		&performance,
	},
}
