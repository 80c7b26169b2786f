package bench

import (
	"context"
	"testing"
	"testing/fstest"

	"github.com/spf13/pflag"
	"go.uber.org/goleak"

	"cookbook/internal/catalog"
	"cookbook/internal/transcript"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// sample is a catalog of one recipe with that twin.
func sample(twin string) *catalog.Catalog {
	return &catalog.Catalog{Chapters: []*catalog.Chapter{{
		Number: 2, Title: "Threads",
		Files: fstest.MapFS{
			"lock.py":  {Data: []byte(twin)},
			"lock.txt": {Data: []byte("repeat i=1..2\n  = main thread  item {item:int} of {{all}}\nend\n✓ none is lost\n")},
		},
		Recipes: []*catalog.Recipe{{
			ID: "ch2.lock", Section: "2.6", Title: "Guard a counter",
			New: func(*pflag.FlagSet) catalog.Run {
				return func(context.Context, *transcript.Log) error { return nil }
			},
		}},
	}}}
}

func TestCompareSaysWhatGivesBothMoreToDo(t *testing.T) {
	const twin = "\"\"\"Twin.\"\"\"\n# compare: more work: --count 1000000\n"
	e := catalog.Entry{Recipe: &catalog.Recipe{ID: "ch2.lock"}}
	for _, tt := range []struct {
		twin string
		args []string
		want string
	}{
		{twin, nil, "cookbook compare ch2.lock -- --count 1000000"},
		{twin, []string{"--count", "7"}, "--count 1000000"},
		{"\"\"\"Twin.\"\"\"\n", nil, ""},
	} {
		if got := moreToDo(e, []byte(tt.twin), tt.args); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.args, got, tt.want)
		}
	}
}

func TestSpread(t *testing.T) {
	for _, tt := range []struct {
		all  []float64
		want Spread
	}{{[]float64{3, 1, 2}, Spread{2, 1, 3}}, {[]float64{4, 1, 3, 2}, Spread{2.5, 1, 4}}, {[]float64{7}, Spread{7, 7, 7}}} {
		if got := spreadOf(tt.all); got != tt.want {
			t.Errorf("of %v it is %v, want %v", tt.all, got, tt.want)
		}
	}
}
