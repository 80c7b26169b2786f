package catalog

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/spf13/pflag"
	"go.uber.org/goleak"

	"cookbook/internal/transcript"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func recipe(id, section, title string) *Recipe {
	return &Recipe{ID: id, Section: section, Title: title, Python: "py." + id, Go: "go." + id,
		New: func(f *pflag.FlagSet) Run {
			f.Int("n", 1, "how many")
			return func(ctx context.Context, out *transcript.Log) error { out.Printf("hello"); return nil }
		}}
}

func small() *Catalog {
	return &Catalog{Chapters: []*Chapter{
		{Number: 2, Title: "Threads", Files: fstest.MapFS{"lock.txt": {Data: []byte("= main  hello")}, "rlock.txt": {Data: []byte("= ")}},
			Recipes: []*Recipe{recipe("ch2.lock", "2.6", "A lock"), recipe("ch2.deadlock", "2.6", "A deadlock"), recipe("ch2.rlock", "2.7", "An owned lock"), recipe("ch2.queue", "2.12", "A queue")}},
		{Number: 3, Title: "Processes", Files: fstest.MapFS{},
			Recipes: []*Recipe{recipe("ch3.queue", "3.7", "A queue"), recipe("ch3.joinable-queue", "3.7", "A joinable queue")}},
		{Number: 5, Title: "Distribution", Files: fstest.MapFS{"ch5.md": {Data: []byte("# Distribution\n")}}},
	}}
}

func TestFind(t *testing.T) {
	for term, want := range map[string]string{
		"ch2.lock": "ch2.lock", "CH2.Lock": "ch2.lock", "lock": "ch2.lock", "2.7": "ch2.rlock", "§2.7": "ch2.rlock",
		"rlo": "ch2.rlock", "dead": "ch2.deadlock", "joinable": "ch3.joinable-queue", "ch3.queue": "ch3.queue",
	} {
		if e, err := small().Find(term); err != nil || e.ID != want {
			t.Errorf("%s: got %v, %v, want %s", term, e.Recipe, err, want)
		}
	}
}

func TestFindSaysWhatItCouldHaveBeen(t *testing.T) {
	for term, want := range map[string]string{
		"2.6":   "\"2.6\" names 2 recipes; say which:\n  ch2.lock             A lock\n  ch2.deadlock         A deadlock",
		"queue": "\"queue\" names 2 recipes; say which:\n  ch2.queue            A queue\n  ch3.queue            A queue",
		"3.7":   "\"3.7\" names 2 recipes; say which:\n  ch3.queue            A queue\n  ch3.joinable-queue   A joinable queue",
		"ck":    "\"ck\" names 3 recipes; say which:\n  ch2.lock             A lock\n  ch2.deadlock         A deadlock\n  ch2.rlock            An owned lock",
		"lokc":  `no recipe "lokc"; did you mean ch2.lock?`,
		"qeue":  `no recipe "qeue"; did you mean ch2.queue or ch3.queue?`,
		"zebra": `no recipe "zebra"; see: cookbook list`,
		"":      `no recipe ""; see: cookbook list`,
		"ch5":   `no recipe "ch5": chapter 5 has no recipes yet; what it is about: cookbook explain ch5`,
		"5.2":   `no recipe "5.2": chapter 5 has no recipes yet; what it is about: cookbook explain ch5`,
		"CH5.x": `no recipe "CH5.x": chapter 5 has no recipes yet; what it is about: cookbook explain ch5`,
	} {
		if _, err := small().Find(term); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", term, err, want)
		}
	}
}

func TestFindAllTakesChaptersAndKeepsTheOrder(t *testing.T) {
	for _, tt := range []struct{ terms, want string }{
		{"", "ch2.lock ch2.deadlock ch2.rlock ch2.queue ch3.queue ch3.joinable-queue"},
		{"ch3", "ch3.queue ch3.joinable-queue"},
		{"3 lock", "ch2.lock ch3.queue ch3.joinable-queue"},
		{"rlock rlock lock", "ch2.lock ch2.rlock"},
	} {
		found, err := small().FindAllAt(Place{}, strings.Fields(tt.terms))
		if got := strings.Join(ids(found), " "); err != nil || got != tt.want {
			t.Errorf("%q: got %s, %v, want %s", tt.terms, got, err, tt.want)
		}
	}
	for _, term := range []string{"ch9", "ch5"} {
		var unknown *UnknownError
		if _, err := small().FindAllAt(Place{}, []string{"lock", term}); !errors.As(err, &unknown) || unknown.Term != term {
			t.Errorf("%s: got %v", term, err)
		}
	}
}

// mixed is the small catalog with two recipes that run on MPI as well, and one that computes on devices.
func mixed() *Catalog {
	c := small()
	for _, i := range []int{0, 1} {
		r := recipe([]string{"ch3.hello", "ch3.ring"}[i], "3.14", "Ranks")
		r.Engine, r.Needs = "mpi", []Need{Processes, Network, SharedMemory}
		c.Chapters[1].Recipes = append(c.Chapters[1].Recipes, r)
	}
	r := recipe("ch3.double", "3.15", "Doubled")
	r.Device, r.Needs = true, []Need{Network}
	c.Chapters[1].Recipes = append(c.Chapters[1].Recipes, r)
	return c
}

func TestFindAllAtAPlaceLeavesOutWhatDoesNotRunThere(t *testing.T) {
	for _, tt := range []struct{ engine, device, terms, want, err string }{
		{"mpi", "", "", "ch3.hello ch3.ring", ""},
		{"mpi", "", "ch3", "ch3.hello ch3.ring", ""},
		{"mpi", "", "ch2 ring", "ch3.ring", ""},
		{"", "", "ring lock", "ch2.lock ch3.ring", ""},
		{"mpi", "", "ch3 lock", "", "ch2.lock does not run on --engine mpi; leave it out, or see what does: cookbook list engine mpi"},
		{"mpi", "", "ch2 2", "", "no recipe of ch2 2 runs on --engine mpi; see what does: cookbook list engine mpi"},
		{"mpi", "", "zebra", "", `no recipe "zebra"; see: cookbook list`},
		{"opera", "", "", "", "no recipe runs on --engine opera"},
		{"", "opencl:1", "", "ch3.double", ""},
		{"", "cpu", "ch3", "ch3.double", ""},
		{"", "cuda", "ch3 lock", "", "ch2.lock does not run on --device cuda; leave it out, or see what does: cookbook list device"},
		{"", "auto", "ch2", "", "no recipe of ch2 runs on --device auto; see what does: cookbook list device"},
		{"mpi", "cpu", "", "", "no recipe runs on --engine mpi --device cpu"},
	} {
		found, err := mixed().FindAllAt(Place{tt.engine, tt.device}, strings.Fields(tt.terms))
		text := ""
		if err != nil {
			text = err.Error()
		}
		if got := strings.Join(ids(found), " "); got != tt.want || text != tt.err {
			t.Errorf("%s%s %q: got %q, %q, want %q, %q", tt.engine, tt.device, tt.terms, got, text, tt.want, tt.err)
		}
	}
}

func TestWhatARecipeNeedsFollowsItsPlace(t *testing.T) {
	for _, tt := range []struct {
		recipe string
		at     Place
		want   []Need
	}{
		{"ring", Place{}, []Need{Processes, Network, SharedMemory}},
		{"ring", Place{Engine: "mpi"}, []Need{MPI, Network}},                            // in place of ranks here
		{"ring", Place{Engine: "nats"}, []Need{NATS, Processes, Network, SharedMemory}}, // whose processes are here all the same
		{"double", Place{}, []Need{Network}},
		{"double", Place{Device: "cpu"}, []Need{Network}},
		{"double", Place{Device: "auto"}, []Need{Network}},
		{"double", Place{Device: "opencl"}, []Need{OpenCL, Network}},
		{"double", Place{Device: "cuda:1"}, []Need{CUDA, Network}},
	} {
		e, err := mixed().Find(tt.recipe)
		if err != nil {
			t.Fatal(err)
		}
		if got := e.NeedsAt(tt.at); !slices.Equal(got, tt.want) {
			t.Errorf("%s %v: %v, want %v", tt.recipe, tt.at, got, tt.want)
		}
	}
}

func TestSearchWantsEveryTerm(t *testing.T) {
	if got := hits(small(), "QUEUE", "§3"); !slices.Equal(got, []string{"ch3.queue", "ch3.joinable-queue"}) {
		t.Errorf("got %v", got)
	}
	if got := hits(mixed(), "engine mpi"); !slices.Equal(got, []string{"ch3.hello", "ch3.ring"}) {
		t.Errorf("on an engine: %v", got)
	}
}

func TestStartTurnsWhatGoesWrongIntoAnError(t *testing.T) {
	why := errors.New("enough")
	for _, tt := range []struct {
		name string
		run  Run
		want string
	}{
		{"nothing", func(context.Context, *transcript.Log) error { return nil }, ""},
		{"a panic", func(context.Context, *transcript.Log) error { panic("oops") }, "the recipe panicked: oops"},
		{"a context that has ended", func(ctx context.Context, _ *transcript.Log) error { return ctx.Err() }, "enough"},
		{"a run that ends well although its context has ended", func(context.Context, *transcript.Log) error { return nil }, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			if strings.Contains(tt.name, "ended") {
				cancel(why)
			}
			defer cancel(nil)
			got := ""
			if err := Start(ctx, tt.run, transcript.Config{}); err != nil {
				got, _, _ = strings.Cut(err.Error(), "\n") // a panic's stack
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestAPanicKeepsTheStackOfTheRecipe(t *testing.T) {
	var items []int
	culprit := func(i int) int { return items[i] }
	for name, run := range map[string]Run{
		"its own":     func(context.Context, *transcript.Log) error { panic("oops") },
		"the runtime": func(context.Context, *transcript.Log) error { culprit(3); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			var panicked *PanicError
			if err := Start(t.Context(), run, transcript.Config{}); !errors.As(err, &panicked) {
				t.Fatalf("got %v", err)
			}
			if !strings.Contains(panicked.Stack, "catalog_test.go:") {
				t.Errorf("no line of this file in\n%s", panicked.Stack)
			}
			for _, around := range []string{"debug.Stack", "catalog.protect", "catalog.Start", "goroutine "} {
				if strings.Contains(panicked.Stack, around) {
					t.Errorf("%s in\n%s", around, panicked.Stack)
				}
			}
		})
	}
}

func TestAnEntrysPromise(t *testing.T) {
	all := small().Entries()
	run, p, err := all[0].Prepare()
	if err != nil {
		t.Fatal(err)
	}
	if err := Start(t.Context(), run, transcript.Config{Promise: p}); err != nil {
		t.Error(err)
	}
	if _, _, err := all[1].Prepare(); err == nil || !strings.Contains(err.Error(), "ch2.deadlock") {
		t.Errorf("without a file: %v", err)
	}
	var parse *transcript.ParseError
	if _, _, err := all[2].Prepare(); !errors.As(err, &parse) || parse.File != "recipes/ch2/rlock.txt" {
		t.Errorf("with a bad file: %v", err)
	}
}

func FuzzDistance(f *testing.F) {
	f.Add("lock", "lokc")
	f.Fuzz(func(t *testing.T, a, b string) {
		if len(a) > 200 || len(b) > 200 {
			return
		}
		d := distance(a, b)
		if d != distance(b, a) || (d == 0) != (a == b) || d > max(len(a), len(b)) {
			t.Errorf("distance(%q, %q) = %d", a, b, d)
		}
	})
}

func TestAChapterIsFoundByItsNumber(t *testing.T) {
	for term, want := range map[string]int{"ch2": 2, "3": 3, "CH5": 5, "chapter 2": 2, "Chapter 3 ": 3, "§2": 2, "ch9": 0, "2.6": 0, "ch": 0, "": 0, "lock": 0} {
		got := 0
		if ch := small().Chapter(term); ch != nil {
			got = ch.Number
		}
		if got != want {
			t.Errorf("%q: got chapter %d, want %d", term, got, want)
		}
	}
}

func TestAnIntroductionIsAFileOfItsChapter(t *testing.T) {
	if text, err := small().Chapter("5").Introduction(); err != nil || string(text) != "# Distribution\n" {
		t.Errorf("got %q, %v", text, err)
	}
	if _, err := small().Chapter("2").Introduction(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

func TestNeighboursAreThoseOfTheBookOverAllChapters(t *testing.T) {
	c := small()
	for id, want := range map[string]string{
		"ch2.lock": "- ch2.deadlock", "ch2.queue": "ch2.rlock ch3.queue", "ch3.queue": "ch2.queue ch3.joinable-queue", "ch3.joinable-queue": "ch3.queue -",
	} {
		e, err := c.Find(id)
		if err != nil {
			t.Fatal(err)
		}
		names := []string{"-", "-"}
		before, next := c.Neighbours(e)
		for i, n := range []*Entry{before, next} {
			if n != nil {
				names[i] = n.ID
			}
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%s: got %s, want %s", id, got, want)
		}
	}
}

func ids(entries []Entry) []string {
	var all []string
	for _, e := range entries {
		all = append(all, e.ID)
	}
	return all
}

// hits lists the ids that a search finds.
func hits(c *Catalog, terms ...string) []string {
	var found []Entry
	for _, h := range c.Search(terms) {
		found = append(found, h.Entry)
	}
	return ids(found)
}
