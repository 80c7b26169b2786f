package main

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
)

// A row is one operation, measured on two sides. Both must do the same work: read both before you add one.
type row struct {
	operation string // what the table calls it
	here      side
	beside    side
	what      string  // stands beside it
	atMost    float64 // the ratio of here to beside that is to be reached; 0: none is set
	remark    string  // where that ratio comes from, for one that is missed
	once      bool    // it takes long and varies little: measured once, and not at all with --quick
}

// A side is one figure of a program.
type side struct {
	program
	name   string // of a benchmark, with its sub-benchmarks, as go test prints it, without "Benchmark" and the number of CPUs; or a script's key
	metric string // the unit of a benchmark's figure
}

// A result is a row with the figures of all rounds; none of a side that could not be measured, and then why not.
type result struct {
	row
	hereFigures, besideFigures []float64
	missing                    string
}

// figures are what a program printed, by name; for a benchmark name and unit.
type figures struct {
	values  map[string]float64
	skipped map[string]string // by name: why it could not be measured here
	missing string            // why nothing could
	python  string            // of a script: the interpreter
}

// measure runs the programs of the chosen rows in turn and returns what they printed, in the order of the rows, and the
// interpreter of the scripts.
func measure(ctx context.Context, o options, rows []row, m machine) (results []result, python string, err error) {
	// Rows that are measured by the same programs are measured by one process of each.
	type group struct {
		programs [2]program
		once     bool
	}
	groups, members := []group{}, map[group][]*result{}
	for _, r := range rows {
		if o.only.MatchString(r.operation) && !(r.once && o.quick) {
			results = append(results, result{row: r})
		}
	}
	for i := range results {
		r := &results[i]
		g := group{[2]program{r.here.program, r.beside.program}, r.once}
		if members[g] == nil {
			groups = append(groups, g)
		}
		members[g] = append(members[g], r)
	}
	if len(groups) == 0 {
		return nil, "", o.noneMatches()
	}

	b, remove, err := newBuilder(m)
	if err != nil {
		return nil, "", err
	}
	defer remove()
	for _, r := range results {
		for _, s := range []side{r.here, r.beside} {
			if err := b.prepare(ctx, o, s.program); err != nil {
				return nil, "", err
			}
		}
	}

	m.progress.begin(o.rounds)
	defer m.progress.end()
	for round := range o.rounds {
		var turn []func() error
		for _, g := range groups {
			if g.once && round > 0 {
				continue
			}
			for _, p := range slices.Compact([]program{g.programs[0], g.programs[1]}) {
				turn = append(turn, func() error {
					got, err := b.run(ctx, o, p, g.once, members[g])
					if got.python != "" {
						python = got.python
					}
					return err
				})
			}
		}
		if err := m.progress.round(round, turn); err != nil {
			return nil, "", err
		}
	}
	return results, python, nil
}

// run runs a program for all sides of the rows that are its own, and gives each its figure.
func (b *builder) run(ctx context.Context, o options, p program, once bool, rows []*result) (figures, error) {
	var names []string
	for _, r := range rows {
		for _, s := range []side{r.here, r.beside} {
			if s.program == p && !slices.Contains(names, s.name) {
				names = append(names, s.name)
			}
		}
	}
	got, err := b.figures(ctx, o, p, once, names)
	if err != nil {
		return got, err
	}
	for _, r := range rows {
		for _, s := range []struct {
			side
			other side
			to    *[]float64
		}{{r.here, r.beside, &r.hereFigures}, {r.beside, r.here, &r.besideFigures}} {
			if s.program != p {
				continue
			}
			v, why, err := got.of(s.side)
			switch {
			case err != nil:
				return got, fmt.Errorf("%w, which stands beside %s: mend bench/%s.go", err, s.other, map[string]string{"limits": "limits", "python": "pairs"}[o.command])
			case why != "":
				if !strings.Contains(r.missing, why) { // said by the other side, or in the round before
					r.missing = strings.TrimPrefix(r.missing+"; "+why, "; ")
				}
			default:
				*s.to = append(*s.to, v)
			}
		}
	}
	return got, nil
}

// of returns the figure of a side, or why it could not be measured here.
func (f figures) of(s side) (v float64, why string, err error) {
	key := s.name
	if s.metric != "" {
		key += " " + s.metric
	}
	if v, ok := f.values[key]; ok {
		return v, "", nil
	}
	if f.missing != "" {
		return 0, f.missing, nil
	}
	for name := s.name; name != "."; name = path.Dir(name) { // with a benchmark all of its parts are skipped
		if why := f.skipped[name]; why != "" {
			return 0, why, nil
		}
	}
	return 0, "", errors.New(s.lacking())
}
