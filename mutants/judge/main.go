// Judge runs one recipe and says what came of it, in JSON. Package mutants builds it around each mutant.
//
//	judge stress RECIPE 2s               ten runs, as verify --stress makes them
//	judge end RECIPE 2s                  the same, and runs that are told to end: is anything left of them?
//	judge explore RECIPE 2s              a search of 2 s
//	judge explore RECIPE 2s "" "--n 3"   two searches, the second with that argument
//
// Nothing else waits in it, no signal and no timer. So Go's runtime notices at once when all threads of the recipe wait for each other.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"cookbook/internal/catalog"
	"cookbook/internal/process"
	"cookbook/internal/transcript"
)

// verdict is what the judge says. A judge that is ended, or crashes, says nothing.
type verdict struct {
	Kill string `json:"kill,omitempty"` // promise, error, panic, left, or a fault of explore; "": the mutant lives
	Text string `json:"text,omitempty"`
	Runs int    `json:"runs"`

	Loose []string `json:"loose,omitempty"` // what the promise allows and no order does, if all orders were seen
}

func main() {
	process.Main()
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "judge:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) < 3 {
		return errors.New("want: judge stress|explore|end|race RECIPE BUDGET [ARGUMENTS...]")
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
	sets := args[3:]
	if len(sets) == 0 {
		sets = []string{""}
	}
	var v verdict
	for _, set := range sets {
		switch args[0] {
		case "stress", "race": // the difference is how it was built
			err = stress(e, strings.Fields(set), &v)
		case "end":
			err = endings(e, strings.Fields(set), &v)
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
