package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// chapters are those whose recipes are changed.
var chapters = []int{1, 2, 4}

// find returns the mutants that match, in the order of the chapters and files.
func find(ctx context.Context, root string, only *regexp.Regexp) ([]*mutant, error) {
	var dirs []string
	for _, n := range chapters {
		dirs = append(dirs, fmt.Sprintf("./recipes/ch%d", n))
	}
	l, err := newLoader(ctx, root, dirs...)
	if err != nil {
		return nil, err
	}
	var found []*mutant
	for _, n := range chapters {
		p, err := l.load(ctx, fmt.Sprintf("recipes/ch%d", n))
		if err != nil {
			return nil, err
		}
		for _, name := range p.names {
			stem := strings.TrimSuffix(name, ".go")
			if _, err := os.Stat(filepath.Join(root, p.dir, stem+".txt")); err != nil {
				continue // it is no recipe: it has no promise
			}
			if slices.Contains(tooLong, fmt.Sprintf("ch%d.%s", n, stem)) {
				continue
			}
			for _, m := range mutants(p.files[name], fmt.Sprintf("ch%d.%s", n, stem)) {
				if only.MatchString(m.Recipe + "\n" + m.key()) {
					m.Compiles = m.compiles()
					found = append(found, m)
				}
			}
		}
	}
	return found, nil
}

// goTool runs the go command as the binaries are built that are released.
func goTool(ctx context.Context, dir string, args ...string) ([]byte, error) {
	c := exec.CommandContext(ctx, "go", args...)
	c.Dir = dir
	cgo := "0"
	if slices.Contains(args, "-race") { // which takes a C compiler
		cgo = "1"
	}
	c.Env = append(os.Environ(), "CGO_ENABLED="+cgo, "GOFLAGS=-trimpath")
	out, err := c.Output()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return nil, &goError{strings.Join(c.Args, " "), err, string(exit.Stderr)}
	}
	return out, err
}

// goError is a go command that failed, with what it said.
type goError struct {
	command string
	err     error
	said    string
}

func (e *goError) Error() string {
	return e.command + ": " + e.err.Error() + "\n" + strings.TrimSpace(e.said)
}
