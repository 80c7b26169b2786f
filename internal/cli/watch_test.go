package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cookbook/internal/catalog"
)

// cloned makes what watch takes for a clone, with files that were saved one after another.
func cloned(t *testing.T, files ...string) string {
	t.Helper()
	root := t.TempDir()
	at := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, name := range append([]string{"go.mod", "cmd/cookbook/main.go"}, files...) {
		path := filepath.Join(root, filepath.FromSlash(name))
		at = at.Add(time.Second)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("module cookbook\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestWatchRunsTheRecipeThatWasSavedLast(t *testing.T) {
	root := cloned(t, "recipes/ch2/ch2.go", "recipes/ch2/new.txt", "recipes/ch2/new.go", "recipes/ch3/pool-options.txt", "recipes/ch2/new_wrong.go", "recipes/ch3/pool-options.go", "internal/x.go")
	all := &catalog.Catalog{}
	for _, where := range []struct{ dir, first string }{{"", "ch3.pool-options"}, {"recipes", "ch3.pool-options"}, {"recipes/ch2", "ch2.new"}} {
		found, chapter, err := cloneOf(filepath.Join(root, where.dir))
		if err != nil || found != root {
			t.Fatalf("%q: found %q, %v", where.dir, found, err)
		}
		c := &clone{root: root, chapter: chapter}
		if err := c.begin(all, ""); err != nil {
			t.Fatal(err)
		}
		for _, save := range []struct{ file, want string }{
			{"internal/x.go", where.first},
			{"recipes/ch2/new_wrong.go", "ch2.new"},
			{"internal/x.go", "ch2.new"},
			{"recipes/ch2/ch2.go", "ch2.new"},
			{"recipes/other_test.go", "ch2.new"},
		} {
			if got := strings.Join(c.command(save.file), " "); got != "run "+save.want {
				t.Errorf("%q, %s saved: %s, want run %s", where.dir, save.file, got, save.want)
			}
		}
	}
}

func TestWatchBeginsWithTheRecipeThatIsNamed(t *testing.T) {
	root := cloned(t, "recipes/ch2/lock.txt", "recipes/ch3/lock.txt", "recipes/ch2/lock.go", "recipes/ch3/lock.go")
	two := &catalog.Chapter{Number: 2, Recipes: []*catalog.Recipe{{ID: "ch2.lock", Section: "2.6"}}}
	three := &catalog.Chapter{Number: 3, Recipes: []*catalog.Recipe{{ID: "ch3.lock", Section: "3.6"}}}
	c := &clone{root: root, chapter: "ch2"}
	if err := c.begin(&catalog.Catalog{Chapters: []*catalog.Chapter{two, three}}, "lock"); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(c.command("recipes/ch3/lock.go"), " "); got != "run ch2.lock" {
		t.Errorf("the first is %s", got)
	}
}

func TestWatchSaysWhatItTakes(t *testing.T) {
	empty, file, ejected := t.TempDir(), filepath.Join(t.TempDir(), "a.go"), t.TempDir()
	for _, name := range []string{file, filepath.Join(ejected, "go.mod"), filepath.Join(ejected, "main.go"), filepath.Join(ejected, "internal", "alone", "a.go")} {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", "")
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{nil, exitUsage, "takes one folder, got 0"},
		{[]string{".", "x"}, exitUsage, "takes one folder, got 2"},
		{[]string{filepath.Join(empty, "none")}, exitFailed, "no such file"},
		{[]string{file}, exitUsage, "is a file"},
		{[]string{empty}, exitUsage, "cookbook eject ch2.lock DIR"},
		{[]string{ejected, "--recipe", "ch2.lock"}, exitUsage, "--recipe chooses one in a clone"},
		{[]string{cloned(t)}, exitUsage, "has no recipe"},
		{[]string{ejected}, exitMissing, "no go command"},
	} {
		var out, errs strings.Builder
		code := Main(&catalog.Catalog{}, append([]string{"watch"}, c.args...), Streams{In: strings.NewReader(""), Out: &out, Err: &errs, Env: os.LookupEnv})
		if code != c.code || !strings.Contains(errs.String(), c.want) || out.Len() > 0 {
			t.Errorf("watch %q: exit code %d, %s%s; want %d and %q", c.args, code, out.String(), errs.String(), c.code, c.want)
		}
	}
}
