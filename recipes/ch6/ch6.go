// Package ch6 holds the recipes of chapter 6 of the book: computing on graphics processors and other devices.
package ch6

import (
	"embed"

	"cookbook/internal/catalog"
)

// files are also where the kernels' source is read from, to be translated for a device.
//
//go:embed *.go *.md *.py *.txt
var files embed.FS

// Chapter is chapter 6 in the order of the book.
var Chapter = catalog.Chapter{
	Number: 6,
	Title:  "GPU programming",
	Files:  files,
	Recipes: []*catalog.Recipe{
		&devices,
		&double,
		&memory,
		&gpuArray,
		&elementwise,
		&mapReduce,
		&jit,
		&libraries,
		&openCLDevices,
		&openCLSum,
		&openCLElementwise,
		&openCLTest,
	},
}
