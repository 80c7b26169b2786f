package cli

import (
	"cookbook/internal/explore"
	"cookbook/internal/transcript"
)

// explored is a recipe as explore --json shows it.
type explored struct {
	Recipe    string             `json:"recipe"`
	Args      []string           `json:"args"`
	Verdict   string             `json:"verdict"`          // COMPLETE, BOUNDED, the kind of the first fault, skipped, FAILED
	Reason    string             `json:"reason,omitempty"` // of the last two
	Schedules int                `json:"schedules"`
	Orders    int                `json:"orders"`
	Bound     *explore.Bound     `json:"bound,omitempty"`
	Covers    string             `json:"covers,omitempty"` // the bound in words
	Random    int                `json:"random"`
	Share     float64            `json:"share"`
	Faults    []faultJSON        `json:"faults"`
	Loose     []transcript.Loose `json:"loose"`
	Notes     []string           `json:"notes"`
	Elapsed   float64            `json:"elapsed_ms"`
	From      string             `json:"resumed_from,omitempty"`
	Resumable bool               `json:"resumable"`
}

// faultJSON is a fault, and what replays it.
type faultJSON struct {
	explore.Fault
	Replay string `json:"replay,omitempty"`
}

// jsonReport collects the findings, in an array if there are several recipes.
func (o *exploreOptions) jsonReport(a *app, several bool) exploreReport {
	all := []explored{}
	return exploreReport{
		func(f *found) { all = append(all, f.json()) },
		func() error {
			if several {
				return a.WriteJSON(all)
			}
			return a.WriteJSON(all[0])
		},
	}
}

func (f *found) json() explored {
	x := explored{Recipe: f.ID, Args: append([]string{}, f.args...), Verdict: f.word(), Faults: []faultJSON{}, Loose: []transcript.Loose{}, Notes: []string{}, From: f.from, Resumable: f.kept}
	if f.err != nil {
		x.Reason = f.err.Error()
	}
	r := f.result
	if r == nil {
		return x
	}
	x.Schedules, x.Orders, x.Random, x.Share, x.Elapsed = r.Schedules, r.Orders, r.Random, r.Share, ms(r.Elapsed)
	x.Bound, x.Covers = &r.Bound, covered(r.Bound)
	x.Notes = append(x.Notes, r.Notes...)
	x.Loose = append(x.Loose, r.Loose...)
	for _, fault := range r.Faults {
		x.Faults = append(x.Faults, faultJSON{fault, f.replay(&fault)})
	}
	return x
}
