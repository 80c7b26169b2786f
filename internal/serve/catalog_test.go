package serve_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing/fstest"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/transcript"
	"cookbook/recipes"
)

// testCatalog is the cookbook and a chapter of recipes for these tests.
func testCatalog() *catalog.Catalog {
	say := &catalog.Recipe{
		ID: "ch9.say", Section: "9.1", Title: "Say some lines", Args: "[WORD]",
		New: func(f *pflag.FlagSet) catalog.Run {
			lines := catalog.Int(f, "lines", 1, 0, 1000, "lines to say")
			who := f.String("who", "world", "whom to greet")
			catalog.File(f, "plot", "picture.svg", "draw in `FILE`")
			return func(_ context.Context, out *transcript.Log) error {
				for range *lines {
					out.Printf("hello %s %s", *who, f.Arg(0))
				}
				return nil
			}
		},
	}
	place := &catalog.Recipe{
		ID: "ch9.place", Section: "9.2", Title: "Say where it runs",
		New: func(*pflag.FlagSet) catalog.Run {
			return func(_ context.Context, out *transcript.Log) error {
				dir, err := os.Getwd()
				out.Printf("folder %s", dir)
				for _, variable := range os.Environ() {
					out.Printf("variable %s", variable)
				}
				return err
			}
		},
	}
	wait := &catalog.Recipe{
		ID: "ch9.wait", Section: "9.3", Title: "Wait until it is told to end",
		New: func(*pflag.FlagSet) catalog.Run {
			return func(ctx context.Context, out *transcript.Log) error {
				out.Printf("waiting")
				<-ctx.Done()
				return context.Cause(ctx)
			}
		},
	}
	flood := &catalog.Recipe{
		ID: "ch9.flood", Section: "9.4", Title: "Say lines without end",
		New: func(*pflag.FlagSet) catalog.Run {
			return func(ctx context.Context, out *transcript.Log) error {
				for ctx.Err() == nil {
					out.Printf("%s", strings.Repeat("water ", 500))
				}
				return context.Cause(ctx)
			}
		},
	}
	crash := &catalog.Recipe{
		ID: "ch9.crash", Section: "9.5", Title: "End without an end",
		New: func(*pflag.FlagSet) catalog.Run {
			return func(context.Context, *transcript.Log) error {
				fmt.Fprintln(os.Stderr, "out of luck")
				os.Exit(7)
				return nil
			}
		},
	}
	broken := &catalog.Recipe{
		ID: "ch9.broken", Section: "9.6", Title: "Break a promise",
		New: func(*pflag.FlagSet) catalog.Run {
			return func(_ context.Context, out *transcript.Log) error {
				out.Check("one is two", 1, 2)
				return nil
			}
		},
	}
	all := []*catalog.Recipe{say, place, wait, flood, crash, broken}
	files := fstest.MapFS{}
	for _, r := range all {
		files[r.FileName(catalog.Promise)] = &fstest.MapFile{Data: []byte("unmatched they say what they like\n")}
	}
	c := recipes.Catalog()
	c.Chapters = append(slices.Clip(c.Chapters), &catalog.Chapter{Number: 9, Title: "Tests", Files: files, Recipes: all})
	return c
}

// pages are what a server shows in these tests.
func pages() fs.FS {
	return fstest.MapFS{
		"index.html":     {Data: []byte("<!doctype html><title>Home</title>")},
		"ch9/say.html":   {Data: []byte("<!doctype html><title>Say</title>")},
		"assets/run.js":  {Data: []byte("'use strict';")},
		"assets/a.css":   {Data: []byte("p {}")},
		"assets/p.svg":   {Data: []byte("<svg/>")},
		"assets/unknown": {Data: []byte("?")},
	}
}
