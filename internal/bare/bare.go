// Package bare writes a recipe as one Go file of the standard library and golang.org/x/sync alone: what a reader would paste.
//
// Its source is the recipe's own file, if that imports nothing else but the catalog and the log, or the recipe's bare form (see
// [catalog.Recipe.Bare]) with what that uses of the recipe's file. The package works on trees of go/parser in four steps:
//
//   - rewrite.go: what the log and the flags do is done with packages fmt and flag. Notes become comments.
//   - entry.go: the recipe's value becomes func main.
//   - parts.txt: the functions that stand in place of the library, such as printer, are put behind it.
//   - trim.go: what main does not reach is left out, and the imports are those that are used.
package bare

import (
	"fmt"
	"go/format"
	"strings"

	"cookbook/internal/catalog"
)

// Main returns the text of main.go. The error is a *[NeedsError] if the recipe cannot do without the library.
func Main(e catalog.Entry) ([]byte, error) {
	if err := Needs(e); err != nil {
		return nil, err
	}
	ending := catalog.Source
	if e.Bare != nil {
		ending = catalog.BareSource
	}
	text, err := e.File(ending)
	if err != nil {
		return nil, err
	}
	main, err := program(e, string(text))
	if err != nil {
		return nil, fmt.Errorf("%s without the library, from %s: %w", e.ID, e.FileName(ending), err)
	}
	return main, nil
}

func program(e catalog.Entry, text string) ([]byte, error) {
	about := packageComment(e.Title, text, e.Bare != nil)
	texts, start := []string{text}, ""
	if e.Bare != nil {
		recipe, err := e.File(catalog.Source)
		if err != nil {
			return nil, err
		}
		var rest string
		if start, rest, err = bareFunc(e.ID, string(recipe)); err != nil {
			return nil, err
		}
		texts = append(texts, rest)
	}
	for i, text := range texts {
		var err error
		if texts[i], err = rewrite(text); err != nil {
			return nil, err
		}
	}
	if e.Bare != nil {
		texts = append(texts, "package main\n\n"+mainFunc("", start+"(ctx, out)"))
	} else {
		var err error
		if texts[0], err = startRecipe(e.ID, texts[0]); err != nil {
			return nil, err
		}
	}
	body, imports, err := trim(append(texts, parts))
	if err != nil {
		return nil, err
	}
	if !strings.Contains(body, "(p *printer) Check(") { // then nothing can fail in that way
		for i := range texts {
			texts[i] = strings.Replace(texts[i], exitIfFailed, "", 1)
		}
		if body, imports, err = trim(append(texts, strings.Replace(parts, "struct{ failed atomic.Bool }", "struct{}", 1))); err != nil {
			return nil, err
		}
	}
	if body, err = simpleNames(body, start); err != nil {
		return nil, err
	}
	return format.Source([]byte(about + "package main\n\n" + imports + "\n" + body))
}
