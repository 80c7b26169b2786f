// Package ch6 holds the introduction to chapter 6 of the book: computing on graphics processors. It has no recipes yet.
package ch6

import (
	"embed"

	"cookbook/internal/catalog"
)

//go:embed *.md
var files embed.FS

// Chapter is chapter 6, which has its introduction only.
var Chapter = catalog.Chapter{
	Number: 6,
	Title:  "GPU programming",
	Files:  files,
}
