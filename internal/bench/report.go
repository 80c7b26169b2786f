package bench

import (
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"cookbook/internal/machine"
	"cookbook/internal/terminal"
)

// Report is what was measured, and where.
type Report struct {
	Date        time.Time `json:"date"`
	System      string    `json:"system"` // linux/amd64
	Processor   string    `json:"processor,omitempty"`
	Processors  int       `json:"processors"`
	Load        *float64  `json:"load"` // before it began; null: not known
	Go          string    `json:"go"`
	Python      string    `json:"python"`
	PythonPath  string    `json:"python_path"`
	Rounds      int       `json:"rounds"`
	Quick       bool      `json:"quick,omitempty"`
	Speed       string    `json:"speed"`                 // of recipes
	Interrupted bool      `json:"interrupted,omitempty"` // before all was measured
	Rows        []Row     `json:"rows"`
}

// Row is an operation or a recipe. A side that could not be measured is nil, and Missing says why.
type Row struct {
	Name    string  `json:"name"`
	Kind    string  `json:"kind"` // primitive or recipe
	Chapter int     `json:"chapter"`
	Unit    string  `json:"unit"` // ns or B
	Python  *Spread `json:"python"`
	Go      *Spread `json:"go"`
	Plain   *Spread `json:"plain,omitempty"` // plain Go
	PlainIs string  `json:"plain_is,omitempty"`
	Finding
	Missing string `json:"missing,omitempty"`
}

// The kinds of rows.
const (
	primitiveKind = "primitive"
	recipeKind    = "recipe"
)

// Measured reports whether any row has both sides.
func (r *Report) Measured() bool {
	for _, row := range r.Rows {
		if row.Python != nil && row.Go != nil {
			return true
		}
	}
	return false
}

// newReport describes this machine.
func newReport(python *machine.Python) *Report {
	return &Report{
		Date: time.Now().UTC().Truncate(time.Second), System: runtime.GOOS + "/" + runtime.GOARCH, Processor: processor(), Processors: runtime.NumCPU(),
		Load: load(), Go: strings.TrimPrefix(runtime.Version(), "go"), Python: terminal.Safe(terminal.OneLine(python.String())), PythonPath: python.Path,
		Rows: []Row{},
	}
}

// RoundsText is the number of rounds, for people.
func (r *Report) RoundsText() string {
	if r.Rounds == 1 {
		return "1 round"
	}
	return strconv.Itoa(r.Rounds) + " rounds"
}

// busy is the load of each processor above which figures are not to be trusted.
const busy = 0.5

// LoadText says what the load was, and warns of one that is too high.
func (r *Report) LoadText() string {
	if r.Load == nil {
		return "the load of the machine is not known here"
	}
	text := "load " + strconv.FormatFloat(*r.Load, 'f', 2, 64) + " before it began"
	if *r.Load > busy*float64(r.Processors) {
		text += ": the machine was busy, trust no figure much"
	}
	return text
}

// load is how many threads wanted to run on average in the last minute, nil where the system does not say.
func load() *float64 {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return nil
	}
	first, _, _ := strings.Cut(string(text), " ")
	v, err := strconv.ParseFloat(first, 64)
	if err != nil {
		return nil
	}
	return &v
}

// processor is the name of the processors, "" where the system does not say.
func processor() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return terminal.Safe(terminal.OneLine(strings.TrimSpace(value)))
		}
	}
	return ""
}
