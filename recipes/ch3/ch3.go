// Package ch3 holds the recipes of chapter 3 of the book: processes, and messages between them.
package ch3

import (
	"embed"

	"cookbook/internal/catalog"
)

//go:embed *.go *.md *.py *.txt
var files embed.FS

// Chapter is chapter 3 in the order of the book.
var Chapter = catalog.Chapter{
	Number: 3,
	Title:  "Process-based parallelism",
	Files:  files,
	Recipes: []*catalog.Recipe{
		&spawn,
		&name,
		&background,
		&kill,
		&subclass,
		&queue,
		&joinableQueue,
		&pipe,
		&syncRecipe,
		&primitives,
		&array,
		&manager,
		&namespace,
		&pool,
		&poolOptions,
		&mpiHello,
		&pointToPoint,
		&requests,
		&mpiDeadlock,
		&broadcast,
		&scatter,
		&gather,
		&alltoall,
		&reduce,
		&scan,
		&topology,
	},
}
