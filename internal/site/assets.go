package site

import (
	"embed"
	"io/fs"
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
	return fs.WalkDir(assets, "assets", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := assets.ReadFile(name)
		b.add(name, text)
		return err
	})
}
