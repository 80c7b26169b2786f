package site

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/site/recording"
	"cookbook/internal/transcript"
)

// small is a catalog of some recipes of one chapter.
func small(stems ...string) *catalog.Catalog {
	ch := &catalog.Chapter{Number: 2, Title: "Threads", Files: fstest.MapFS{"ch2.md": {Data: []byte("# Threads\n\n## The words\n\nOne.\n")}}}
	for _, stem := range stems {
		for ending, text := range map[string]string{".go": "package ch2\n", ".py": "print()\n", ".md": "# A title\n\n## The problem\n\nIt is `<b>`.\n", ".txt": ""} {
			ch.Files.(fstest.MapFS)[stem+ending] = &fstest.MapFile{Data: []byte(text)}
		}
		ch.Recipes = append(ch.Recipes, &catalog.Recipe{
			ID: "ch2." + stem, Section: "2.6", Title: "A title", Python: "threading.Lock", Go: "sync.Mutex",
			New: func(*pflag.FlagSet) catalog.Run {
				return func(context.Context, *transcript.Log) error { return nil }
			},
		})
	}
	return &catalog.Catalog{Chapters: []*catalog.Chapter{ch}}
}

func none(e catalog.Entry) (recording.Recording, error) {
	return recording.Recording{}, &recording.NotRecordedError{Recipe: e.ID}
}

func exists(t *testing.T, want bool, names ...string) {
	t.Helper()
	for _, name := range names {
		if _, err := os.Stat(name); (err == nil) != want {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAnOlderSiteIsReplaced(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "pages")
	write := func(stems ...string) {
		t.Helper()
		written, err := Write(t.Context(), dir, Options{Catalog: small(stems...), Recorded: none}, false)
		if err != nil || written.Recipes != len(stems) || written.Files == 0 || written.Bytes == 0 {
			t.Fatalf("got %+v, %v", written, err)
		}
	}
	write("lock", "queue")
	exists(t, true, filepath.Join(dir, "index.html"), filepath.Join(dir, "ch2", "lock.html"), filepath.Join(dir, "ch2", "queue.html"))
	write("lock")
	exists(t, true, filepath.Join(dir, "ch2", "lock.html"))
	exists(t, false, filepath.Join(dir, "ch2", "queue.html"), filepath.Join(dir, "ch2", "queue.py"))
}

func TestAFolderWithOtherFilesIsRefused(t *testing.T) {
	dir := t.TempDir()
	mine := filepath.Join(dir, "mine.txt")
	if err := os.WriteFile(mine, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	o := Options{Catalog: small("lock"), Recorded: none}
	other := (*OtherFilesError)(nil)
	if _, err := Write(t.Context(), dir, o, false); !errors.As(err, &other) || other.First != "mine.txt" || other.Site {
		t.Errorf("got %v", err)
	}
	exists(t, false, filepath.Join(dir, "index.html"))
	if _, err := Write(t.Context(), dir, o, true); err != nil {
		t.Fatal(err)
	}
	exists(t, true, mine, filepath.Join(dir, "index.html"))
	if _, err := Write(t.Context(), dir, o, false); !errors.As(err, &other) || other.First != "mine.txt" || !other.Site {
		t.Errorf("beside a site: got %v", err)
	}
}

func TestAWriteThatIsInterruptedChangesNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "pages")
	why := errors.New("interrupted")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	if _, err := Write(ctx, dir, Options{Catalog: small("lock"), Recorded: none}, false); !errors.Is(err, why) {
		t.Errorf("got %v", err)
	}
	exists(t, false, dir)
}

// A list that somebody has changed must not lead out of the folder.
func TestTheListOfASiteLeadsNowhereElse(t *testing.T) {
	top := t.TempDir()
	dir, outside := filepath.Join(top, "pages"), filepath.Join(top, "outside.txt")
	if err := os.WriteFile(outside, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, marker), []byte("../outside.txt\n/etc/passwd\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Write(t.Context(), dir, Options{Catalog: small("lock"), Recorded: none}, false); err != nil {
		t.Fatal(err)
	}
	exists(t, true, outside)
}
