package primitive

import (
	"embed"
	"io/fs"
	"os"
	"path/filepath"
)

//go:embed python/*.py
var python embed.FS

// WriteScripts writes the scripts of the Python side into a folder. A process that Python spawns finds its functions by the file that
// they stand in, so they have to be files.
func WriteScripts(dir string) error {
	scripts, err := fs.ReadDir(python, "python")
	if err != nil {
		return err
	}
	for _, s := range scripts {
		text, err := python.ReadFile("python/" + s.Name())
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, s.Name()), text, 0o600); err != nil {
			return err
		}
	}
	return nil
}
