// Judge runs one recipe and says what came of it, in JSON: judge stress RECIPE, or judge explore RECIPE. Package mutants builds it
// around each mutant.
//
// Nothing else waits in it, no signal and no timer. So Go's runtime notices at once when all threads of the recipe wait for each other.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"cookbook/internal/catalog"
	"cookbook/internal/process"
	"cookbook/internal/transcript"
)

// verdict is what the judge says. A judge that is ended, or crashes, says nothing.
type verdict struct {
	Kill string `json:"kill,omitempty"` // promise, error, panic, hang; "": the mutant lives
	Text string `json:"text,omitempty"`
	Runs int    `json:"runs"`
}

// arguments are those with which a recipe is run, each set in turn; none of them if it is not named here. They reach what a default
// run leaves out, and keep measurements short.
var arguments = map[string][]string{
	"ch1.flynn":             {"--n 65536 --rounds 1"},
	"ch1.gil":               {"--below 2000"},
	"ch1.memory":            {"--count 5000 --mib 1"},
	"ch1.models":            {"--blocks 64"},
	"ch1.threads-processes": {"--rounds 1 --goroutines 100 --threads 5"},
	"ch2.event":             {"", "--book"},
	"ch2.performance":       {"--repeat 1 --delay 0"},
	"ch2.subclass":          {"", "--exit-after 3"},
	"ch2.with":              {"", "--guard defer", "--guard none"},
	"ch4.event-loop":        {"", "--with-fourth"},
	"ch4.executors":         {"--count 10000"},
}

func main() {
	process.Main()
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "judge:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 3 {
		return errors.New("want: judge stress|explore RECIPE BUDGET")
	}
	c := catalog.Catalog{Chapters: chapters}
	e, err := c.Find(args[1])
	if err != nil {
		return err
	}
	budget, err := time.ParseDuration(args[2])
	if err != nil {
		return err
	}
	sets := arguments[e.ID]
	if sets == nil {
		sets = []string{""}
	}
	var v verdict
	for _, set := range sets {
		switch args[0] {
		case "stress":
			err = stress(e, strings.Fields(set), &v)
		case "explore":
			err = search(e, strings.Fields(set), budget, &v)
		default:
			err = fmt.Errorf("there is no judge %q", args[0])
		}
		if err != nil || v.Kill != "" {
			break
		}
	}
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(v)
}

// times is how many runs stress makes of each set of arguments.
const times = 10

// stress runs a recipe as verify --stress does. The seeds are the same for all mutants.
func stress(e catalog.Entry, args []string, v *verdict) error {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for i := range times {
		run, promise, err := e.Prepare(args...)
		if err != nil {
			return err
		}
		runtime.GOMAXPROCS((runtime.NumCPU()-1+i)%(2*runtime.NumCPU()) + 1)
		cfg := transcript.Config{Recipe: e.ID, Promise: promise, Speed: transcript.SpeedMax, Seed: uint64(i + 1),
			Scheduler: transcript.NewStress(uint64(i + 1))}
		v.Runs++
		if err := catalog.Start(context.Background(), run, cfg); err != nil {
			v.Kill, v.Text = kill(err), err.Error()
			return nil
		}
	}
	return nil
}

// kill says of which kind an error is.
func kill(err error) string {
	switch {
	case errors.As(err, new(*transcript.Mismatch)), errors.As(err, new(*transcript.CheckError)):
		return "promise"
	case errors.As(err, new(*catalog.PanicError)):
		return "panic"
	}
	return "error"
}
