package catalog

import (
	"context"
	"os"
)

type terminalKey struct{}

// WithTerminal returns a context under which a recipe may ask the person at that terminal.
func WithTerminal(ctx context.Context, terminal *os.File) context.Context {
	return context.WithValue(ctx, terminalKey{}, terminal)
}

// Terminal returns the terminal that a recipe may read, nil if there is nobody to ask: then the answer is the empty one. A
// read cannot be interrupted, so the terminal is best handed to a child process, which can be ended.
func Terminal(ctx context.Context) *os.File {
	terminal, _ := ctx.Value(terminalKey{}).(*os.File)
	return terminal
}
