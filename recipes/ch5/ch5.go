// Package ch5 holds the introduction to chapter 5 of the book: programs on several machines that work together. It has no recipes yet.
package ch5

import (
	"embed"

	"cookbook/internal/catalog"
)

//go:embed *.md
var files embed.FS

// Chapter is chapter 5, which has its introduction only.
var Chapter = catalog.Chapter{
	Number: 5,
	Title:  "Distributed programming",
	Files:  files,
}
