package bench

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// pageName is the page that WritePage writes; its pictures have names that begin in the same way.
const pageName = "benchmarks"

// WritePage writes benchmarks.md into a folder, and a picture for each chapter beside it.
func WritePage(dir string, r *Report) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	var b strings.Builder
	r.pageHead(&b)
	for _, chapter := range r.chapters() {
		part := *r
		part.Rows = slices.DeleteFunc(slices.Clone(r.Rows), func(row Row) bool { return row.Chapter != chapter })
		fmt.Fprintf(&b, "\n## Chapter %d\n\n", chapter)
		if part.Measured() {
			name := fmt.Sprintf("%s-ch%d.svg", pageName, chapter)
			if err := Plot(&part).Save(filepath.Join(dir, name)); err != nil {
				return err
			}
			fmt.Fprintf(&b, "![Bars of chapter %d: the table below as a picture](%s)\n\n", chapter, name)
		}
		part.pageTable(&b)
	}
	return os.WriteFile(filepath.Join(dir, pageName+".md"), []byte(b.String()), 0o644)
}

func (r *Report) chapters() (all []int) {
	for _, row := range r.Rows {
		if !slices.Contains(all, row.Chapter) {
			all = append(all, row.Chapter)
		}
	}
	return all
}

func (r *Report) pageHead(b *strings.Builder) {
	processor := r.Processor
	if processor == "" {
		processor = "processors"
	}
	quick := ""
	if r.Quick {
		quick = " With `--quick`: a tenth of the work."
	}
	fmt.Fprintf(b, `# Go beside Python

Written by `+"`make bench`"+`, that is `+"`cookbook bench --write docs`"+`. Measure on your own machine: these are the figures of one.

- machine: %d × %s, %s; %s
- Go %s, Python %s
- %s, %s, both sides in turn.%s

A primitive is one operation, a recipe a whole process from its start to its end (`+"`--speed %s`"+`). Times are medians, in brackets the least and
the most. Python/Go is Python's median divided by Go's, or a range where the rounds spread: above 1 Go is quicker, below 1 Python is. There
is none where the spreads of the two sides overlap, where they do not do the same work, and where most of a time is start-up. “Plain Go”
is what Go takes without this library.
`, r.Processors, processor, r.System, r.LoadText(), r.Go, r.Python, r.Date.Format("2006-01-02"), r.RoundsText(), quick, r.Speed)
}

func (r *Report) pageTable(b *strings.Builder) {
	b.WriteString("| | Python | Go | Python/Go | plain Go |\n| --- | ---: | ---: | ---: | --- |\n")
	var remarks []string
	for _, row := range r.Rows {
		cell := func(s *Spread) string { return strings.TrimSpace(s.Text(row.Unit) + " " + s.Ends(row.Unit)) }
		plain := ""
		if row.Plain != nil {
			plain = row.Plain.Text(row.Unit) + ", " + row.PlainIs
		}
		ratio := row.RatioText()
		if row.Ratio != nil {
			ratio = "**" + ratio + "**"
		}
		name := row.Name
		if row.Kind == recipeKind {
			name = "`" + name + "`"
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s |\n", name, cell(row.Python), cell(row.Go), ratio, plain)
		if why := row.Remark(); why != "" {
			remarks = append(remarks, fmt.Sprintf("- %s: %s\n", name, strings.NewReplacer("|", "\\|", "<", "&lt;").Replace(why)))
		}
	}
	if len(remarks) > 0 {
		b.WriteString("\nWithout a ratio:\n\n" + strings.Join(remarks, ""))
	}
}
