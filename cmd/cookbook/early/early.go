// Package early has a child process serve before the whole program is initialised.
//
// Go sorts the packages of a program by import path. Again and again it initialises the first one in that list whose imports
// are initialised (https://go.dev/ref/spec#Package_initialization). So what this package imports comes first, then this
// package, because "cookbook/cmd" stands far ahead, and only then most of what else the program is made of: the NATS server, cobra,
// goldmark. A child of a chapter that is imported here never gets that far. One of chapter 5 does: it asks for a function
// that is not registered yet, and [process.Early] returns.
//
// The package should import the chapters that start processes and do without a large package of others.
package early

import (
	_ "cookbook/internal/bench/primitive"
	"cookbook/internal/process"
	_ "cookbook/recipes/ch1"
	_ "cookbook/recipes/ch3"
	_ "cookbook/recipes/ch4"
)

func init() { process.Early() }
