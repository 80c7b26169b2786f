package recording

import (
	"errors"
	"os"
	"testing"

	"cookbook/internal/catalog"
	"cookbook/internal/distributed/engine/enginetest"
	"cookbook/internal/process"
	"cookbook/internal/transcript"
	"cookbook/recipes"
)

func TestMain(m *testing.M) {
	process.Main()
	os.Setenv("GORACE", "atexit_sleep_ms=0") // or every child of a -race build ends with a second's sleep
	enginetest.VerifyTestMain(m)
}

// A recording that is older than its recipe is found here.
func TestEveryRecipeHasARecordingThatKeepsItsPromise(t *testing.T) {
	for _, e := range recipes.Catalog().Entries() {
		t.Run(e.ID, func(t *testing.T) {
			r, err := Read(e.ID)
			if err != nil {
				t.Fatal(err)
			}
			keepsPromise(t, e, r)
		})
	}
}

// keepsPromise compares what was said with the promise of today.
func keepsPromise(t *testing.T, e catalog.Entry, r Recording) {
	t.Helper()
	const stale = "%s: type make recordings"
	_, p, err := e.Prepare()
	if err != nil {
		t.Fatal(err)
	}
	m, kept, held := p.Matcher(), 0, 0
	for _, event := range r.Events {
		switch event.Kind {
		case transcript.Line:
			if mark := m.Line(event.Actor, event.Text); mark != event.Mark || mark == transcript.Broken {
				t.Fatalf("%q has the mark %q, and the promise says %q: "+stale, event.Text, event.Mark, mark, e.ID)
			}
		case transcript.Check:
			m.Check(event.Claim)
			held++
		case transcript.End:
			kept = event.Kept
			if !event.OK {
				t.Errorf("the run has failed: "+stale, e.ID)
			}
		}
	}
	if broken := m.End(); broken != nil {
		t.Errorf("%v: "+stale, broken, e.ID)
	}
	if now := m.Kept() + held; now != kept {
		t.Errorf("the run kept %d promises, and today it would be %d: "+stale, kept, now, e.ID)
	}
	if len(r.Timeline.Lanes) == 0 || r.Timeline.End == 0 {
		t.Errorf("the timeline is empty: "+stale, e.ID)
	}
	if r.About.Go == "" || r.About.Cores == 0 {
		t.Errorf("about is %+v", r.About)
	}
}

func TestARunIsRecordedAsItGoes(t *testing.T) {
	e, err := recipes.Catalog().Find("ch2.condition")
	if err != nil {
		t.Fatal(err)
	}
	r, err := Record(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	keepsPromise(t, e, r)
	for _, name := range []string{"main", "producer", "consumer"} {
		if !hasLane(r, name) {
			t.Errorf("no lane of %s", name)
		}
	}
}

func hasLane(r Recording, name string) bool {
	for _, l := range r.Timeline.Lanes {
		if l.Name == name {
			return true
		}
	}
	return false
}

func TestARecipeWithoutRecordingIsSaid(t *testing.T) {
	var none *NotRecordedError
	if _, err := Read("ch9.nothing"); !errors.As(err, &none) || none.Recipe != "ch9.nothing" {
		t.Errorf("error %v", err)
	}
	if _, err := read("PK", "ch2.lock"); err == nil || errors.As(err, &none) {
		t.Errorf("a broken archive is %v", err)
	}
}

func TestTheRecordingsCostAtMostAMegabyteAndAHalf(t *testing.T) {
	if len(archive) > 3<<19 {
		t.Errorf("%d bytes", len(archive))
	}
}
