// Package dl calls functions of C libraries that are looked for when they are needed, without cgo. A program that uses it runs where
// the libraries are missing, and can say so.
//
// It works on Linux with 64 bits. With the build tag static, and on other systems, [Open] always fails; the program then needs no
// dynamic linker.
package dl

import "errors"

// ErrNone is why no library can be opened by this program.
var ErrNone = errors.New("this program cannot load libraries: it was built with the tag static, or for another system than Linux with 64 bits")

// Self is the name of the process itself for [Open]: what was loaded with it, or preloaded.
const Self = ""

// Func is a function of a library; 0 is none.
type Func uintptr
