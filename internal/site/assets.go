package site

import (
	"embed"
	"io/fs"

	"cookbook/internal/site/live/page"
	"cookbook/internal/svg"
)

//go:embed assets
var assets embed.FS

// assets adds what all pages share.
func (b *builder) assets() error {
	index, err := b.index.script()
	if err != nil {
		return err
	}
	b.add("assets/search-index.js", index)
	run, err := page.Files()
	if err != nil {
		return err
	}
	for name, text := range run {
		b.add("assets/"+name, text)
	}
	return fs.WalkDir(assets, "assets", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := assets.ReadFile(name)
		if name == "assets/style.css" {
			text = append(text, svg.Style()...) // of the timelines
		}
		b.add(name, text)
		return err
	})
}
