package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	"cookbook/internal/bench/primitive"
	"cookbook/internal/machine"
	"cookbook/internal/mpi"
)

// group is operations whose Python side is in one script. Each round is one process of each side.
type group struct {
	script     string
	operations []primitive.Primitive
}

func groupsOf(all []primitive.Primitive) (groups []group) {
	for _, p := range all {
		if n := len(groups); n == 0 || groups[n-1].script != p.Script {
			groups = append(groups, group{script: p.Script})
		}
		last := &groups[len(groups)-1]
		last.operations = append(last.operations, p)
	}
	return groups
}

// collected are the figures of all rounds, by key.
type collected struct {
	python, golang, plain map[string][]float64
	missing               map[string]string
}

// measureGroup has both sides take turns. A side that fails is not started again, and its rows say why. The error is the cause of
// ctx, or of a program that is not what it should be.
func (b *Bench) measureGroup(ctx context.Context, g group, python, dir string, p *pace) ([]Row, error) {
	got := collected{map[string][]float64{}, map[string][]float64{}, map[string][]float64{}, map[string]string{}}
	env := scriptEnvironment(ctx)
	sides := []struct {
		name   string
		argv   []string
		failed bool
	}{
		{name: "python", argv: append([]string{python, filepath.Join(dir, g.script), "--rounds", "1"}, b.quickFlag()...)},
		{name: "go", argv: append([]string{b.Exe, "bench", "go"}, b.quickFlag()...)},
	}
	for _, o := range g.operations {
		sides[0].argv, sides[1].argv = append(sides[0].argv, o.Key), append(sides[1].argv, o.Name)
	}
	topic := strings.TrimSuffix(g.script, "_bench.py")
	for round := range b.Rounds {
		for i := range sides {
			if round%2 == 1 {
				i = len(sides) - 1 - i
			}
			s := &sides[i]
			if s.failed {
				p.skip(g.script, 1)
				continue
			}
			p.step(g.script, fmt.Sprintf("%s, %s, round %d of %d", topic, s.name, round+1, b.Rounds))
			out, _, err := machine.RunChild(ctx, topic+", the side of "+s.name, b.Timeout, env, s.argv...)
			p.end()
			if ctx.Err() != nil {
				return nil, context.Cause(ctx)
			}
			if err == nil {
				err = got.add(s.name, out)
			}
			if s.failed = err != nil; s.failed {
				for _, o := range g.operations {
					got.missing[o.Key] = oneLine(err)
				}
			}
		}
	}
	var rows []Row
	for _, o := range g.operations {
		rows = append(rows, got.row(o, b.Rounds))
	}
	return rows, nil
}

func (b *Bench) quickFlag() []string {
	if b.Quick {
		return []string{"--quick"}
	}
	return nil
}

// scriptEnvironment tells the script of MPI how ranks are started here. Where they cannot be, it says so itself.
func scriptEnvironment(ctx context.Context) []string {
	argv, env, err := mpi.Mpirun(ctx, 2)
	if err != nil {
		return nil
	}
	for i, word := range argv {
		if word == "2" {
			argv[i] = "N"
		}
	}
	command, _ := json.Marshal(argv) // strings, which cannot fail
	return append(env, "COOKBOOK_MPIRUN="+string(command))
}

// add adds what one side has printed in a round.
func (c *collected) add(side, printed string) error {
	var f primitive.Figures
	if err := json.Unmarshal([]byte(printed), &f); err != nil {
		return fmt.Errorf("what the side of %s printed is not JSON: %w", side, err)
	}
	to := c.golang
	if side == "python" {
		to = c.python
	}
	for _, figures := range []map[string]float64{f.NS, f.Bytes} {
		for key, v := range figures {
			to[key] = append(to[key], v)
		}
	}
	for key, v := range f.Plain {
		c.plain[key] = append(c.plain[key], v)
	}
	for key, why := range f.Missing {
		c.missing[key] = why
	}
	return nil
}

// row is what became of an operation.
func (c *collected) row(o primitive.Primitive, rounds int) Row {
	row := Row{Name: o.Name, Kind: primitiveKind, Chapter: o.Chapter, Unit: "ns", PlainIs: o.PlainIs, Missing: c.missing[o.Key]}
	if o.Bytes != nil {
		row.Unit = "B"
	}
	row.Python, row.Go, row.Plain = spreadOrNil(c.python[o.Key]), spreadOrNil(c.golang[o.Key]), spreadOrNil(c.plain[o.Key])
	switch {
	case row.Python != nil && row.Go != nil:
		row.Finding = Judge(Evidence{Python: *row.Python, Go: *row.Go, Rounds: rounds, RoundsFlag: RoundsFlag, OtherWork: o.OtherWork, InBytes: row.Unit == "B"})
	case row.Missing == "":
		row.Missing = "one of the sides printed no figure for " + o.Key
	}
	return row
}

func spreadOrNil(figures []float64) *Spread {
	if len(figures) == 0 {
		return nil
	}
	s := spreadOf(figures)
	return &s
}
