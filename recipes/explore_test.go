package recipes

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"cookbook/internal/catalog"
	"cookbook/internal/explore"
)

// explored are the programs that are run in every order, beside each recipe of the chapters 1, 2 and 4 as it is, and its bare form.
func explored(t *testing.T) []string {
	// Here the recipe with these flags stands for the one without: it computes less, or has fewer orders.
	smaller := []string{
		"ch1.flynn --n 1000 --rounds 1",
		"ch1.memory --count 1000 --mib 1",
		"ch1.models --blocks 4",
		"ch1.threads-processes --rounds 1 --goroutines 10 --threads 5",
		"ch2.primitives --threads 2",
		"ch2.semaphore --rounds 3",
		"ch2.subclass --ticks 3",
		"ch4.executors --count 10 --workers 2",
	}
	// With these flags a recipe has other lines, or another order.
	more := []string{
		"ch1.process --missing",
		"ch2.condition --items 1",
		"ch2.condition --items 3",
		"ch2.define --count 2",
		"ch2.event --book",
		"ch2.event --items 2",
		"ch2.queue --items 3 --consumers 1",
		"ch2.rlock --items 2",
		"ch2.subclass --ticks 4 --exit-after 2",
		"ch2.with --guard none",
		"ch4.event-loop --with-fourth",
		"ch4.futures --swap",
		"ch4.futures --once",
		"ch4.futures 3 4",
		"ch4.tasks --pause 700ms",
	}
	all := more
	for _, e := range Catalog().Entries() {
		if chapter := e.ID[:3]; chapter != "ch1" && chapter != "ch2" && chapter != "ch4" || slices.Contains(e.Needs, catalog.Network) {
			continue // what comes from the network nobody orders
		}
		if e.Bare != nil {
			all = append(all, e.ID+" --bare")
		}
		i := slices.IndexFunc(smaller, func(line string) bool { return strings.HasPrefix(line, e.ID+" ") })
		if i < 0 {
			all = append(all, e.ID)
		} else {
			all = append(all, smaller[i])
		}
	}
	slices.Sort(all)
	return all
}

// A recipe keeps its promise in every order that its synchronisation allows, or in all with up to two departures from the usual one
// where those are too many. An order that the promise allows, and that does not come, has its reason beside it.
func TestRecipesInEveryOrder(t *testing.T) {
	budget, err := time.ParseDuration(os.Getenv("COOKBOOK_EXPLORE"))
	if err != nil {
		t.Skip("make explore runs it: COOKBOOK_EXPLORE is the time for each program, as in 5s")
	}
	for _, line := range explored(t) {
		t.Run(line, func(t *testing.T) {
			words := strings.Fields(line)
			e, err := Catalog().Find(words[0])
			if err != nil {
				t.Fatal(err)
			}
			run, promise, err := e.Prepare(words[1:]...)
			if err != nil {
				t.Fatal(err)
			}
			var r *explore.Result
			const most = 16 // times the budget, on a machine that has little time for this
			for times := time.Duration(1); ; times *= 4 {
				r, err = explore.Search(t.Context(), explore.Program{ID: line, Run: run, Promise: promise}, explore.Options{Budget: times * budget})
				if err != nil {
					t.Fatal(err)
				}
				t.Logf("%s, %s: %d orders from %d schedules (%d at random) in %v %v", r.Verdict, r.Bound, r.Orders, r.Schedules, r.Random, r.Elapsed.Round(time.Millisecond), r.Notes)
				bound := 2
				// Each run starts processes, which takes too long for more, or whose turns are not the explorer's.
				if e.ID == "ch4.executors" || slices.ContainsFunc(r.Notes, func(n string) bool { return strings.Contains(n, "processes have no log") }) {
					bound = 0
				}
				if r.Verdict == explore.Complete || max(r.Bound.Preemptions, r.Bound.Departures) >= bound || len(r.Faults) > 0 {
					break
				}
				if times >= most {
					t.Errorf("not all with %d departures were run", bound)
					break
				}
			}
			for _, f := range r.Faults {
				t.Errorf("%s: %s", f.Kind, f.Text)
			}
			for _, l := range r.Loose {
				if l.Reason == "" {
					t.Errorf("%s:%d: %s\n\tis loose: it could be %s, since %s", e.FileName(".txt"), l.Line, strings.TrimSpace(l.Text), l.Could, l.Why)
				} else {
					t.Logf("%s:%d: %s\n\tis loose on purpose: it could be %s, since %s", e.FileName(".txt"), l.Line, strings.TrimSpace(l.Text), l.Could, l.Why)
				}
			}
		})
	}
}
