package apart

import (
	"errors"
	"fmt"
	"os"

	"cookbook/internal/catalog"
	"cookbook/internal/transcript"
)

// Answers is for a program that holds one recipe: it reports whether a search has started this process, and if so it does what the process
// is for, and returns the exit code.
func Answers(prepare func(args ...string) (catalog.Run, *transcript.Promise, error)) (code int, asked bool) {
	secret := os.Getenv(Variable)
	if secret == "" || len(os.Args) > 1 {
		return 0, false
	}
	err := Serve(secret, os.Stdin, func(recipe string, args []string) (*Subject, error) {
		run, promise, err := prepare(args...)
		return &Subject{Run: run, Promise: promise, Command: recipe}, err
	})
	switch {
	case errors.Is(err, ErrNotAsked):
		fmt.Fprintln(os.Stderr, err)
		return 2, true
	case err != nil:
		return 1, true
	}
	return 0, true
}
