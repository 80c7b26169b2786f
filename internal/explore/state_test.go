package explore

import (
	"encoding/json"
	"testing"
	"time"
)

// A search that is interrupted again and again, and its state kept as JSON, comes to what one in a single piece comes to.
func TestResume(t *testing.T) {
	p := speakers(3, 2)
	whole, err := Search(t.Context(), p, Options{Budget: time.Minute, Exact: true})
	if err != nil {
		t.Fatal(err)
	}
	var from *State
	for pieces := 1; ; pieces++ {
		r, err := Search(t.Context(), p, Options{Budget: time.Minute, Exact: true, Most: 7, From: from})
		if err != nil {
			t.Fatal(err)
		}
		data, err := json.Marshal(r.State)
		if err != nil {
			t.Fatal(err)
		}
		from = new(State)
		if err := json.Unmarshal(data, from); err != nil {
			t.Fatal(err)
		}
		if r.Verdict == Complete {
			if r.Schedules != whole.Schedules || r.Orders != whole.Orders || r.Bound != whole.Bound || pieces < 10 {
				t.Errorf("in %d pieces: %d schedules, %d orders, bound %v; in one: %d, %d, %v",
					pieces, r.Schedules, r.Orders, r.Bound, whole.Schedules, whole.Orders, whole.Bound)
			}
			break
		}
	}
	if !from.Over() {
		t.Error("a complete search is not over")
	}
}

func TestResumeAnother(t *testing.T) {
	r, err := Search(t.Context(), speakers(2, 2), Options{Most: 2, Exact: true})
	if err != nil {
		t.Fatal(err)
	}
	other := speakers(3, 2)
	other.ID = "others"
	if _, err := Search(t.Context(), other, Options{From: r.State, Exact: true}); err == nil {
		t.Error("a search went on from that of another program")
	}
	r.State.Path = []int32{7, 7}
	if _, err := Search(t.Context(), speakers(2, 2), Options{From: r.State, Exact: true}); err == nil {
		t.Error("a search went on from a path that does not exist")
	}
}
