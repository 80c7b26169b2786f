// Package site makes the cookbook a site of static pages: an index, a page for each chapter and each recipe, and the glossary. They
// are made of the files that explain, run and glossary show; nothing is written twice. All links between them are relative, so the
// pages work from a folder, and below any address. They load nothing from elsewhere, and have no scripts and styles but those in files
// of their own, as a strict policy for content asks.
//
// What the pages themselves say, in a language, is the folder text/LANGUAGE: strings.json, home.md, glossary.md, and chN/STEM.md in
// place of the explanation of a recipe, or of a chapter's introduction (chN/chN.md). What a language lacks is English, and the
// page says so.
package site

import (
	"bytes"
	"io/fs"
	"path"
	"slices"
	"testing/fstest"

	"cookbook/internal/catalog"
	"cookbook/internal/folder"
	"cookbook/internal/glossary"
	"cookbook/internal/site/recording"
)

// Options says what a site is of.
type Options struct {
	Catalog  *catalog.Catalog
	Language string // "": English
	Serve    bool   // the pages are served by a program that runs every recipe
	Version  string // of this program, which each page names; may be empty

	// Recorded returns the run of a recipe that its page shows. Nil: the one that this program has brought along. Where it returns a
	// *[recording.NotRecordedError] the page shows none.
	Recorded func(catalog.Entry) (recording.Recording, error)

	texts fs.FS // folders of languages; nil: those of this program
}

// Files returns a site as files in memory. It takes about a second. An unknown language is a *[LanguageError].
func Files(o Options) (fs.FS, error) {
	files, err := o.files()
	if err != nil {
		return nil, err
	}
	memory := fstest.MapFS{}
	for _, f := range files {
		memory[f.Path] = &fstest.MapFile{Data: f.Text, Mode: 0o644}
	}
	return memory, nil
}

// files are all files of a site, in the order of their paths. The same program and options give the same bytes.
func (o Options) files() ([]folder.File, error) {
	b, err := newBuilder(o)
	if err != nil {
		return nil, err
	}
	for _, make := range []func() error{b.home, b.chapters, b.recipes, b.glossaryPage, b.assets} {
		if err := make(); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(b.files, func(x, y folder.File) int { return bytes.Compare([]byte(x.Path), []byte(y.Path)) })
	return b.files, nil
}

// builder makes one site.
type builder struct {
	Options
	texts    *texts
	catalog  *catalog.Catalog // with the texts of the language
	glossary *glossary.Glossary
	render   *renderer
	docs     docs
	paths    map[string]string // of recipes and chapters, by their ids
	files    []folder.File
	index    index
}

func newBuilder(o Options) (*builder, error) {
	b := &builder{Options: o, docs: readDocs()}
	var err error
	if b.texts, err = o.language(); err != nil {
		return nil, err
	}
	b.catalog = b.texts.translate(o.Catalog)
	if b.glossary, err = glossary.Read(b.catalog, b.texts.words()); err != nil {
		return nil, err
	}
	b.paths = map[string]string{}
	for _, ch := range b.catalog.Chapters {
		b.paths[ch.ID()] = chapterPath(ch)
	}
	for _, e := range b.catalog.Entries() {
		b.paths[e.ID] = recipePath(e)
	}
	b.render, err = newRenderer(b.texts)
	return b, err
}

func (b *builder) add(name string, text []byte) {
	b.files = append(b.files, folder.File{Path: path.Clean(name), Text: text})
}
