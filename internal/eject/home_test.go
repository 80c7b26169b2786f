package eject_test

import (
	"context"
	"go/format"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"cookbook/internal/eject"
	"cookbook/internal/folder"
	"cookbook/recipes"
)

// everyVariable has each n-th recipe taken home, and those that are raced: make eject sets it to 1. Without it three are.
const everyVariable = "COOKBOOK_EJECT"

// raced are the recipes, one of each chapter, whose promise is held under the race detector as well.
var raced = []string{"ch1.design", "ch2.condition", "ch3.pool", "ch4.groups", "ch5.pyro", "ch6.double"}

// A recipe that was taken home builds, is free of what vet finds, keeps its promise without pauses and under stress, and runs. All have
// the same module name, so that what two of them reach alike is compiled once.
func TestARecipeIsAtHomeAnywhere(t *testing.T) {
	always, every := []string{"ch2.lock", "ch3.spawn", "ch6.double"}, 0
	if n := os.Getenv(everyVariable); n != "" {
		var err error
		if every, err = strconv.Atoi(n); err != nil || every < 1 {
			t.Fatalf("%s=%s: want a number from 1 on", everyVariable, n)
		}
		always = raced
	}
	for i, e := range recipes.Catalog().Entries() {
		if (every == 0 || i%every != 0) && !slices.Contains(always, e.ID) {
			continue
		}
		t.Run(e.ID, func(t *testing.T) {
			t.Parallel()
			files, err := eject.Module(e, eject.Options{Module: "example.com/recipe"})
			if err != nil {
				t.Fatal(err)
			}
			dir := atHome(t, files)
			if main := text(t, files, "main.go"); strings.Count(main, "\n") > 20 {
				t.Errorf("main.go has more than 20 lines:\n%s", main)
			}
			for _, f := range files {
				if strings.Contains(string(f.Text), repository(t)) {
					t.Errorf("%s names the folder that this program was built in", f.Path)
				}
				if formatted, err := format.Source(f.Text); filepath.Ext(f.Path) == ".go" && (err != nil || string(formatted) != string(f.Text)) {
					t.Errorf("%s is not as gofmt writes it: %v", f.Path, err)
				}
			}
			goes(t, dir, "vet", "./...")
			test := []string{"test", "-vet=off", "-short", "./..."}
			if os.Getenv(everyVariable) != "" && slices.Contains(raced, e.ID) {
				goes(t, dir, slices.Insert(slices.Clone(test), 1, "-race")...)
			}
			goes(t, dir, test...)
			goes(t, dir, "build", "-o", "program", ".")
			runs(t, dir, "./program", "--plain")
		})
	}
}

func text(t *testing.T, files []folder.File, name string) string {
	t.Helper()
	for _, f := range files {
		if f.Path == name {
			return string(f.Text)
		}
	}
	t.Fatalf("no %s", name)
	return ""
}

// atHome writes the files into a folder outside the repository.
func atHome(t *testing.T, files []folder.File) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "home")
	if err := folder.Write(dir, files, false); err != nil {
		t.Fatal(err)
	}
	return dir
}

func repository(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// goes runs the go command without a network.
func goes(t *testing.T, dir string, args ...string) {
	t.Helper()
	runs(t, dir, "go", args...)
}

func runs(t *testing.T, dir, name string, args ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.Env = append(cmd.Environ(), "GOFLAGS=-mod=mod -trimpath -ldflags=-w", "GOPROXY=off", "GOWORK=off", "PWD="+dir)
	cmd.WaitDelay = 5 * time.Second
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
}
