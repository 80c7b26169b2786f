package explore

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"cookbook/internal/transcript"
)

// A search says where the promise allows orders that do not come, in one piece and in many.
func TestSearchSaysWhatIsLoose(t *testing.T) {
	p := speakers(2, 2)
	speak := p.Run
	p.Run = func(ctx context.Context, out *transcript.Log) error {
		defer out.Printf("the end")
		return speak(ctx, out)
	}
	var err error
	if p.Promise, err = transcript.ParsePromise("p.txt", "~ A  0\n~ B  0\n~ A  1\n~ B  1\n~ main  the end\n"); err != nil {
		t.Fatal(err)
	}
	for _, most := range []int{0, 3} {
		var from *State
		for r := (&Result{}); r.Verdict != Complete; {
			if r, err = Search(t.Context(), p, Options{Budget: time.Minute, Most: most, Exact: true, From: from}); err != nil {
				t.Fatal(err)
			}
			if r.Verdict == Complete && (len(r.Faults) > 0 || len(r.Loose) != 1 || r.Loose[0].Line != 5 || r.Loose[0].Could != "--") {
				t.Errorf("with %d schedules a piece: faults %v, loose %+v; want only a -- above the end", most, r.Faults, r.Loose)
			}
			if r.Verdict != Complete && max(r.Bound.Preemptions, r.Bound.Departures) < 1 && r.Loose != nil {
				t.Errorf("after %d schedules, %v: loose %+v; want nothing said so soon", r.Schedules, r.Bound, r.Loose)
			}
			data, err := json.Marshal(r.State)
			if err != nil {
				t.Fatal(err)
			}
			from = new(State)
			if err := json.Unmarshal(data, from); err != nil {
				t.Fatal(err)
			}
		}
	}
}
