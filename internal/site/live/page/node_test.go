package page_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cookbook/internal/site/live"
	"cookbook/internal/site/live/page"
	"cookbook/recipes"
)

// wanted skips a test for want of something, which is a failure where it is required.
func wanted(t *testing.T, have bool, name, how string) {
	t.Helper()
	switch {
	case have:
	case slices.Contains(strings.Split(os.Getenv("COOKBOOK_TEST_REQUIRE"), ","), name):
		t.Fatalf("there is no %s, which COOKBOOK_TEST_REQUIRE asks for: %s", name, how)
	default:
		t.Skipf("there is no %s: %s", name, how)
	}
}

// order is a run for testdata/node.js.
type order struct {
	Args []string `json:"args"`
	Stop string   `json:"stop,omitempty"`
	Kill string   `json:"kill,omitempty"`
}

// answer is what it prints: one of these.
type answer struct {
	Says   string
	Exit   *int
	Report string
	Killed bool
	Error  string
}

// inNode makes runs of a program, one after another, and returns the answers to each.
func inNode(t *testing.T, program string, orders ...order) [][]answer {
	t.Helper()
	node, err := exec.LookPath("node")
	wanted(t, err == nil, "node", "install nodejs")
	var in bytes.Buffer
	for _, o := range orders {
		line, err := json.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		in.Write(append(line, '\n'))
	}
	cmd := exec.CommandContext(t.Context(), node, "testdata/node.js", ".", program)
	cmd.Stdin = &in
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("node: %v\n%s", err, errs.String())
	}
	all := [][]answer{nil}
	lines := bufio.NewScanner(bytes.NewReader(out))
	for lines.Buffer(nil, 1<<24); lines.Scan(); {
		var a answer
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			t.Fatalf("%v in %s", err, lines.Text())
		}
		last := len(all) - 1
		if all[last] = append(all[last], a); a.Exit != nil || a.Killed || a.Error != "" {
			all = append(all, nil)
		}
	}
	if all = all[:len(all)-1]; len(all) != len(orders) {
		t.Fatalf("%d runs ended, want %d:\n%s%s", len(all), len(orders), out, errs.String())
	}
	return all
}

// program is the program of the page, on disk.
func program(t *testing.T) string {
	t.Helper()
	wanted(t, page.Built(), "program", "make program, then run this test again")
	return filepath.Join("program", page.Program)
}

// shown is what a page shows of a run: its text, and its end.
func shown(t *testing.T, answers []answer) (text string, end live.Result) {
	t.Helper()
	for _, a := range answers {
		if a.Says == "" {
			continue
		}
		var m struct {
			HTML string
			End  *live.Result
		}
		if err := json.Unmarshal([]byte(a.Says), &m); err != nil {
			t.Fatalf("%v in %s", err, a.Says)
		}
		text += m.HTML
		if m.End != nil {
			end = *m.End
		}
	}
	return text, end
}

func TestTheProgramIsSmall(t *testing.T) {
	const most = 4_000_000 // bytes
	info, err := os.Stat(program(t))
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > most {
		t.Errorf("the program is %d bytes long, packed; want at most %d. Variable lacks of cmd/page/pack says what is left out.", info.Size(), most)
	}
}

func TestEveryRecipeThatCanRunInAPageKeepsItsPromiseThere(t *testing.T) {
	var orders []order
	for _, e := range recipes.Catalog().Entries() {
		if page.Where(e, false) == live.InPage {
			o := order{Args: []string{e.ID, "--speed=max"}}
			if e.ID == "ch6.opencl-test" {
				o.Args = append(o.Args, "--times=100") // it computes for long
			}
			orders = append(orders, o)
		}
	}
	for i, answers := range inNode(t, program(t), orders...) {
		t.Run(orders[i].Args[0], func(t *testing.T) {
			text, end := shown(t, answers)
			last := answers[len(answers)-1]
			if last.Exit == nil || *last.Exit != 0 || last.Report != "" || !end.OK || end.Promises == 0 {
				t.Errorf("it ended with %+v, %+v\n%s", last, end, text)
			}
			if !slices.ContainsFunc(answers, func(a answer) bool { return strings.HasPrefix(a.Says, `{"timeline":"<svg `) }) {
				t.Error("no timeline was drawn")
			}
		})
	}
}

func TestARunInAPageIsStopped(t *testing.T) {
	runs := inNode(t, program(t), order{Args: []string{"ch2.condition", "--speed=1"}, Stop: "consumed 1 item"}, order{Args: []string{"ch2.lock", "--count=0"}})
	text, end := shown(t, runs[0])
	if end.Code != 130 || !strings.Contains(text, "stopped after") {
		t.Errorf("it ended with %+v\n%s", end, text)
	}
	if text, end := shown(t, runs[1]); end.Code != 2 || end.Error != "--count 0: want 1 to 10000000" || text != "" {
		t.Errorf("a wrong flag ends it with %+v\n%s", end, text)
	}
}

func TestARunThatCannotGoOnInAPageSaysWhoWaitsForWhat(t *testing.T) {
	text, end := shown(t, inNode(t, program(t), order{Args: []string{"ch2.rlock", "--wrong=plain-lock"}})[0])
	if end.Code != 1 || !strings.Contains(text, "cannot go on") || !strings.Contains(text, "adder holds box lock, waits for box lock (held by itself)") {
		t.Errorf("it ended with %+v\n%s", end, text)
	}
}

// buildTiny builds testdata/tiny for a page, beside Go's file that starts it.
func buildTiny(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	start, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(root)), "lib", "wasm", page.Runtime))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, page.Runtime), start, 0o600); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(folder, "tiny.wasm")
	cmd := exec.Command("go", "build", "-trimpath", "-o", name, "./testdata/tiny")
	cmd.Env = append(cmd.Environ(), "GOOS=js", "GOARCH=wasm", "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return name
}

func TestTheWorkerSeesHowAProgramEnds(t *testing.T) {
	order := []order{{Args: []string{"deadlock"}}, {Args: []string{"deaf"}}, {Args: []string{"panic"}}, {Args: []string{"exit"}}, {Args: []string{"loop"}, Kill: "begun"}, {Args: []string{"exit"}}}
	want := []struct {
		says   []string
		exit   int
		report string
	}{
		{[]string{"begun", "heard stuck"}, 2, "all goroutines are asleep - deadlock!"},
		{[]string{"begun"}, 2, "all goroutines are asleep - deadlock!"},
		{[]string{"begun"}, 2, "panic: no more"},
		{[]string{"begun"}, 7, ""},
		{[]string{"begun"}, -1, ""},
		{[]string{"begun"}, 7, ""}, // after each of them another run is possible
	}
	for i, answers := range inNode(t, buildTiny(t), order...) {
		var says []string
		for _, a := range answers {
			if a.Says != "" {
				says = append(says, a.Says)
			}
		}
		last, w := answers[len(answers)-1], want[i]
		exit := -1
		if last.Exit != nil {
			exit = *last.Exit
		}
		if !slices.Equal(says, w.says) || exit != w.exit || !strings.Contains(last.Report, w.report) || (w.report == "") != (last.Report == "") {
			t.Errorf("%s: it said %q and ended with %d, %q; want %q, %d, %q", order[i].Args[0], says, exit, last.Report, w.says, w.exit, w.report)
		}
	}
}
