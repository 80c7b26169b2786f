package cli

import (
	"fmt"
	"time"

	"cookbook/internal/practice"
	"cookbook/internal/terminal"
)

// exercised is an exercise as practice --json lists it.
type exercised struct {
	Name   string    `json:"name"`
	Recipe string    `json:"recipe"`
	Title  string    `json:"title"`
	Task   string    `json:"task"`
	State  string    `json:"state"`         // new, begun, solved
	Dir    string    `json:"dir,omitempty"` // absolute
	Gone   bool      `json:"gone"`          // the folder is no longer there
	Begun  time.Time `json:"begun,omitzero"`
	Solved time.Time `json:"solved,omitzero"`
	Hints  int       `json:"hints_shown"`
}

func (p *practising) listJSON() error {
	all := []exercised{}
	for _, x := range p.all {
		done := p.state.Exercises[x.Name]
		row := exercised{Name: x.Name, Recipe: x.Recipe, Title: x.Title, Task: x.Task, State: done.Status()}
		if done != nil {
			row.Dir, row.Gone, row.Begun, row.Solved, row.Hints = done.Dir, done.Gone(), done.Begun, done.Solved, done.Hints
		}
		all = append(all, row)
	}
	return p.WriteJSON(all)
}

// list prints all exercises, and what to type next. Where a terminal has no room for the folders, they stand below.
func (p *practising) list() error {
	head := []string{"EXERCISE", "STATE", "RECIPE", "TITLE", "WHERE"}
	looks := map[string]terminal.Look{"new": terminal.Dim, "begun": terminal.Yellow, "solved": terminal.Green}
	solved, begun := 0, false
	widest := make([]int, len(head))
	for i, h := range head {
		widest[i] = terminal.Width(h)
	}
	var rows [][]terminal.Line
	for _, x := range p.all {
		state, where := p.state.Exercises[x.Name].Status(), p.where(x)
		if state == "solved" {
			solved++
		}
		begun = begun || where != ""
		row := []terminal.Line{terminal.Text(terminal.Cyan, x.Name), terminal.Text(looks[state], state),
			terminal.Text(terminal.Dim, x.Recipe), terminal.Text(0, x.Title), terminal.Text(terminal.Dim, where)}
		rows = append(rows, row)
		for i, cell := range row {
			widest[i] = max(widest[i], cell.Width())
		}
	}
	whole := 2 * (len(head) - 1) // the line, with the blanks between the columns
	for _, w := range widest {
		whole += w
	}
	narrow := whole > p.Style().Columns()
	if !begun || narrow {
		head = head[:4]
	}
	t := p.Printer(head...)
	t.Wrap = true
	for _, row := range rows {
		t.Measure(row[:len(head)]...)
	}
	t.Header()
	for i, x := range p.all {
		where := p.where(x)
		if err := t.Row(rows[i][:len(head)], x.Name, x.Recipe, x.Title, p.state.Exercises[x.Name].Status(), where); err != nil {
			return err
		}
		if narrow && where != "" {
			p.below(t.TTY, terminal.Dim, where)
		}
	}
	if !p.OutTTY {
		return nil
	}
	fmt.Fprintln(p.Out)
	text := fmt.Sprintf("%d of %d solved. ", solved, len(p.all))
	if next := p.next(); next != nil {
		text += "Next: cookbook practice " + next.Name
	} else {
		text += "Well done."
	}
	p.paragraph(0, text)
	return nil
}

// where is the folder of an exercise, "" if it has none.
func (p *practising) where(x *practice.Exercise) string {
	switch done := p.state.Exercises[x.Name]; {
	case done == nil:
		return ""
	case done.Gone():
		return shortPath(done.Dir) + " (gone)"
	default:
		return shortPath(done.Dir)
	}
}

// next is the exercise to go on with: the one that was begun last, or the first that is not solved; nil if all are.
func (p *practising) next() *practice.Exercise {
	var first *practice.Exercise
	for _, x := range p.all {
		if p.state.Exercises[x.Name].Status() == "solved" {
			continue
		}
		if x.Name == p.state.Last {
			return x
		}
		if first == nil {
			first = x
		}
	}
	return first
}
