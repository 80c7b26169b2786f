package page_test

import (
	"testing"

	"go.uber.org/goleak"

	"cookbook/internal/site/live"
	"cookbook/internal/site/live/page"
	"cookbook/recipes"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestWhereRecipesRun(t *testing.T) {
	inPage := live.Nowhere
	if page.Built() {
		inPage = live.InPage
	}
	for id, want := range map[string]live.Where{"ch2.lock": inPage, "ch2.performance": live.Nowhere, "ch3.spawn": live.Nowhere, "ch5.pycsp": live.Nowhere} {
		e, err := recipes.Catalog().Find(id)
		if err != nil {
			t.Fatal(err)
		}
		if got := page.Where(e, false); got != want {
			t.Errorf("%s runs at %s, want %s", id, got, want)
		}
		if got := page.Where(e, true); got != live.AtServe {
			t.Errorf("%s runs at %s where there is a server", id, got)
		}
	}
}

func TestThePageHasItsFiles(t *testing.T) {
	files, err := page.Files()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"run.js", "worker.js", "live.css"}
	if page.Built() {
		want = append(want, page.Program, page.Runtime)
	}
	if len(files) != len(want) {
		t.Errorf("%d files, want %q", len(files), want)
	}
	for _, name := range want {
		if len(files[name]) == 0 {
			t.Errorf("%s is empty or not there", name)
		}
	}
}
