package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"

	"cookbook/internal/process"
)

// A child of a chapter that is named in package early does not wait for what only other commands and chapters need.
func TestAChildServesBeforeLargePackagesAreInitialised(t *testing.T) {
	cmd := exec.Command(os.Args[0]) // as cookbook itself: this test has the same packages, and more
	cmd.Env = append(cmd.Environ(), "COOKBOOK_PROCESS=worker", "GODEBUG=inittrace=1")
	var trace bytes.Buffer
	cmd.Stderr = &trace
	if err := cmd.Run(); err != nil { // it has nothing to serve and ends
		t.Fatalf("%v\n%s", err, &trace)
	}
	initialised := map[string]bool{}
	for line := range strings.Lines(trace.String()) { // init cookbook/recipes/ch4 @2.9 ms, 0.007 ms clock, 40 bytes, 1 allocs
		if fields := strings.Fields(line); len(fields) > 2 && fields[0] == "init" {
			initialised[fields[1]] = true
		}
	}
	for _, chapter := range []string{"cookbook/recipes/ch1", "cookbook/recipes/ch3", "cookbook/recipes/ch4"} {
		if !initialised[chapter] {
			t.Errorf("%s is not initialised: its functions would not be found", chapter)
		}
	}
	for _, large := range []string{
		"cookbook/internal/page", "cookbook/recipes/ch5", "crypto/tls", "html/template", "net/http", "github.com/spf13/cobra",
		"github.com/nats-io/nats%2ego", "github.com/nats-io/nats-server/v2/server", "github.com/yuin/goldmark/parser",
	} {
		if initialised[large] {
			t.Errorf("%s is initialised before a child serves: what does package early import?", large)
		}
	}
}

// initialised is registered in the package that is initialised last.
var initialised = process.Register("test.initialised", func(context.Context, struct{}) (bool, error) { return true, nil })

func TestAChildIsInitialisedInFullForWhatIsRegisteredLate(t *testing.T) {
	worker, err := process.StartWorker(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer worker.Close()
	if ok, err := process.Do(t.Context(), worker, initialised, struct{}{}); !ok || err != nil {
		t.Errorf("got %v, %v", ok, err)
	}
	group, err := process.NewGroup(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer group.Close()
	p := process.New(group, initialised, struct{}{})
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	if err := p.Join(t.Context()); err != nil {
		t.Error(err)
	}
}
