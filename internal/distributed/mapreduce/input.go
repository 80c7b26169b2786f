package mapreduce

import (
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
)

// A Source is a text that a job reads once, from its begin to its end.
type Source struct {
	Name string // for errors, and for Map
	Open func() (io.ReadCloser, error)
}

// An Input is the sources of a job, one after another. An error ends the job. It is asked for a source when the one before
// it has been read, so an input may be of any length.
type Input = iter.Seq2[Source, error]

// Files is an input of files, and of all regular files in and below folders, each folder's in the order of their names.
// Symbolic links inside a folder are not followed.
func Files(paths ...string) Input {
	return func(yield func(Source, error) bool) {
		for _, path := range paths {
			info, err := os.Stat(path)
			switch {
			case err != nil:
				yield(Source{}, fmt.Errorf("read the input: %w", err))
				return
			case !info.IsDir(): // also a pipe, if it is named
				if !yield(file(path), nil) {
					return
				}
			case !walk(path, yield):
				return
			}
		}
	}
}

func walk(folder string, yield func(Source, error) bool) (more bool) {
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			yield(Source{}, fmt.Errorf("read the input: %w", err))
			return io.EOF
		case entry.Type().IsRegular() && !yield(file(path), nil):
			return io.EOF
		}
		return nil
	})
	return err == nil
}

func file(path string) Source {
	return Source{path, func() (io.ReadCloser, error) { return os.Open(path) }}
}

// Reader is an input of one text: what r gives until its end. A Read that waits is not ended by a context.
func Reader(name string, r io.Reader) Input {
	return func(yield func(Source, error) bool) {
		yield(Source{name, func() (io.ReadCloser, error) { return io.NopCloser(r), nil }}, nil)
	}
}
