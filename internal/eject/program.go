package eject

import (
	"bytes"
	"fmt"
	"path"
	"strconv"
	"strings"

	"cookbook/internal/catalog"
)

// Main is what the main.go of a module is made of.
type Main struct {
	Entry     catalog.Entry
	Module    string
	Variable  string // of the recipe
	Wrong     string // what --wrong is if it is not given
	Serves    string // the package whose Main serves in the processes that the program starts; "": it starts none
	UsesFiles bool   // the recipe reads its own source, as kernels do

	sources []string // the recipe's Go files
}

// serve is the call with which main begins, "" if there is none.
func (m Main) serve() string {
	switch path.Base(m.Serves) {
	case "process":
		return "process.Main()"
	case "worker":
		return "worker.Main(nil)"
	}
	return ""
}

// Text is main.go.
func (m Main) Text() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "// Command %s is a recipe of cookbook, %s: %s.\npackage main\n\n", path.Base(m.Module), m.Entry.ID, m.Entry.Title)
	fmt.Fprintf(&b, "import (\n\t\"embed\"\n\t\"os\"\n\n\t%q\n", m.Module+"/internal/alone")
	if m.Entry.Device {
		fmt.Fprintf(&b, "\t%q\n", m.Module+"/internal/gpu")
	}
	if m.Serves != "" {
		fmt.Fprintf(&b, "\t%q\n", m.Module+"/"+m.Serves)
	}
	fmt.Fprintf(&b, ")\n\n//go:embed %s\nvar files embed.FS\n\nfunc main() {\n", strings.Join(m.embedded(), " "))
	if serve := m.serve(); serve != "" {
		fmt.Fprintf(&b, "\t%s\n", serve)
	}
	fmt.Fprintf(&b, "\tos.Exit(program.Main(os.Args[1:]))\n}\n\nvar program = alone.Program{Recipe: &%s, Files: files", m.Variable)
	if m.Wrong != "" {
		fmt.Fprintf(&b, ", Wrong: %s", strconv.Quote(m.Wrong))
	}
	if m.Entry.Device {
		b.WriteString(", Device: gpu.Named")
	}
	b.WriteString("}\n")
	return b.Bytes()
}

// embedded are the files that the program reads when it runs.
func (m Main) embedded() []string {
	names := []string{m.Entry.FileName(catalog.Promise)}
	if m.UsesFiles {
		names = append(m.sources, names...)
	}
	return names
}

// testText is main_test.go.
func (m Main) testText() []byte {
	var b bytes.Buffer
	b.WriteString("package main\n\nimport (\n")
	if m.Serves != "" {
		b.WriteString("\t\"os\"\n")
	}
	fmt.Fprintf(&b, "\t\"testing\"\n\n\t%q\n", m.Module+"/internal/alone/alonetest")
	if m.Serves != "" {
		fmt.Fprintf(&b, "\t%q\n)\n\n// The processes that the recipe starts run this program, too.\nfunc TestMain(m *testing.M) {\n\t%s\n\tos.Exit(m.Run())\n}\n", m.Module+"/"+m.Serves, m.serve())
	} else {
		b.WriteString(")\n")
	}
	b.WriteString("\n// The promise holds with every pause removed, and with random ones between any two lines.\nfunc TestPromise(t *testing.T) { alonetest.Hold(t, program) }\n")
	return b.Bytes()
}

// readme is the recipe's explanation, with what to type in the module.
func (m Main) readme(explanation []byte) []byte {
	title, rest, _ := bytes.Cut(explanation, []byte("\n"))
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\n\nThis is `%s`, a recipe of cookbook (book §%s), as a module of its own. Change it as you like.\n\n", title, m.Entry.ID, m.Entry.Section)
	for _, c := range [][2]string{
		{"go run .", "run it; every line comes with its promise"},
		{"go run . --plain", "only the program's own lines"},
		{"go run . --help", "its flags"},
		{"go run . --watch", "run it again whenever a file is saved"},
		{"go test ./...", "hold it to its promise: without pauses, and under stress"},
		{"go test -race ./...", "the same, with the race detector"},
	} {
		fmt.Fprintf(&b, "    %-22s # %s\n", c[0], c[1])
	}
	fmt.Fprintf(&b, `
| file | what it is |
| --- | --- |
| %s | the recipe |
| %s | what it promises to print |
| %s | the same in Python |
| %s | main, and the promise as a test |
| %s | what the recipe uses of cookbook's library, without what it does not reach |
`, "`"+m.Entry.FileName(catalog.Source)+"`", "`"+m.Entry.FileName(catalog.Promise)+"`", "`"+m.Entry.FileName(catalog.Twin)+"`", "`main.go`, `main_test.go`", "`internal/`")
	if m.Wrong != "" {
		fmt.Fprintf(&b, "\nHere the wrong program `%s` runs in place of the recipe, so `go test` is to fail. Without `Wrong` in main.go it is the recipe.\n", m.Wrong)
	}
	fmt.Fprintf(&b, "\nCommands below that begin with `cookbook` are about the recipe as it was, and not about this folder.\n")
	for line := range strings.Lines(string(rest)) {
		if !strings.Contains(line, "--engine") && !strings.Contains(line, "--timeline") && !strings.Contains(line, "--schedule") {
			line = strings.ReplaceAll(line, "cookbook run "+m.Entry.ID, "go run .")
		}
		b.WriteString(line)
	}
	return b.Bytes()
}
