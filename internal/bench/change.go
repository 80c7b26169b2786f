package bench

import (
	"encoding/json"
	"fmt"
	"os"
)

// Change is a figure of a row that is another one than in an older report, beyond what the rounds of both have spread.
type Change struct {
	Name   string  `json:"name"`
	Side   string  `json:"side"` // python, go, plain
	Unit   string  `json:"unit"`
	Before Spread  `json:"before"`
	Now    Spread  `json:"now"`
	Times  float64 `json:"times"` // the median now, divided by that before
}

// Comparison is what has changed since an older report.
type Comparison struct {
	Differs []string `json:"differs"` // between the two machines and what they run, so that figures may differ for that reason
	Changes []Change `json:"changes"`
	Same    int      `json:"same"`    // figures whose spreads overlap
	Unknown int      `json:"unknown"` // figures of which it is not known, since one of the two reports has one round, which shows no spread
	Missing []string `json:"missing"` // rows that only one of the two reports has
}

// ReadReport reads a report as bench --json has printed it.
func ReadReport(name string) (*Report, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var r Report
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, fmt.Errorf("%s is not what cookbook bench --json prints: %w", name, err)
	}
	if r.Go == "" || r.Rows == nil {
		return nil, fmt.Errorf("%s is not what cookbook bench --json prints: it has no rows", name)
	}
	return &r, nil
}

// Compare says what has changed since an older report.
func Compare(old, now *Report) Comparison {
	c := Comparison{Differs: []string{}, Changes: []Change{}, Missing: []string{}}
	for _, d := range []struct{ what, before, now string }{
		{"processor", old.Processor, now.Processor},
		{"processors", fmt.Sprint(old.Processors), fmt.Sprint(now.Processors)},
		{"system", old.System, now.System},
		{"Go", old.Go, now.Go},
		{"Python", old.Python, now.Python},
		{"speed of recipes", old.Speed, now.Speed},
		{"amount of work", amount(old), amount(now)},
	} {
		if d.before != d.now {
			c.Differs = append(c.Differs, fmt.Sprintf("%s: %s, now %s", d.what, d.before, d.now))
		}
	}
	before := map[string]Row{}
	for _, r := range old.Rows {
		before[r.Name] = r
	}
	for _, r := range now.Rows {
		was, ok := before[r.Name]
		if !ok || was.Unit != r.Unit {
			c.Missing = append(c.Missing, r.Name)
			continue
		}
		for _, side := range []struct {
			name        string
			before, now *Spread
		}{{"python", was.Python, r.Python}, {"go", was.Go, r.Go}, {"plain", was.Plain, r.Plain}} {
			switch {
			case side.before == nil || side.now == nil:
			case old.Rounds == 1 || now.Rounds == 1:
				c.Unknown++
			case side.now.Least > side.before.Most || side.now.Most < side.before.Least:
				c.Changes = append(c.Changes, Change{r.Name, side.name, r.Unit, *side.before, *side.now, over(side.now.Median, side.before.Median)})
			default:
				c.Same++
			}
		}
	}
	return c
}

func amount(r *Report) string {
	if r.Quick {
		return "--quick"
	}
	return "all"
}
