// Package ch5 holds the recipes of chapter 5 of the book: programs on several machines that work together.
package ch5

import (
	"embed"

	"cookbook/internal/catalog"
)

//go:embed *.go *.md *.py *.txt
var files embed.FS

// Chapter is chapter 5 in the order of the book.
var Chapter = catalog.Chapter{
	Number: 5,
	Title:  "Distributed programming",
	Files:  files,
	Recipes: []*catalog.Recipe{
		&celery,
		&celeryTask,
		&scoop,
		&scoopMap,
		&pyro,
		&pyroChain,
		&pyroShop,
		&pycsp,
		&disco,
		&rpyc,
	},
}
