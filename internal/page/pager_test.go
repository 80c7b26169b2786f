package page

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// fakePager is the variable that makes this test binary a pager; its value says which.
const fakePager = "PAGE_TEST_PAGER"

func actAsPager(mode string) {
	switch mode {
	case "copy":
		fmt.Printf("LESS=%s LESSCHARSET=%s\n", os.Getenv("LESS"), os.Getenv("LESSCHARSET"))
		io.Copy(os.Stdout, os.Stdin)
	case "quit":
		os.Stdin.Close()
		os.Exit(1)
	case "stay":
		fmt.Println("ready")
		time.Sleep(time.Hour)
	}
	os.Exit(0)
}

// lookupIn is os.LookupEnv for an environment of a test's own.
func lookupIn(env map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		value, ok := env[name]
		return value, ok
	}
}

func fake(t *testing.T, mode string) map[string]string {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(exe, " ") {
		t.Skip("the test binary has a blank in its path")
	}
	t.Setenv(fakePager, mode)
	return map[string]string{"COOKBOOK_PAGER": exe}
}

func TestPagerShowsWhatIsWritten(t *testing.T) {
	env := fake(t, "copy")
	env["LESSCHARSET"] = "latin1"
	t.Setenv("LESSCHARSET", "latin1")
	var out bytes.Buffer
	p, err := Pager(t.Context(), &out, lookupIn(env))
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(p, "one\n", "two\n")
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	if err := p.Close(); err != nil {
		t.Error("second Close:", err)
	}
	want := "LESS=FRX LESSCHARSET=latin1\none\ntwo\n"
	if out.String() != want {
		t.Errorf("the pager got %q, want %q", out.String(), want)
	}
}

func TestPagerThatQuitsEarlyIsNoError(t *testing.T) {
	p, err := Pager(t.Context(), io.Discard, lookupIn(fake(t, "quit")))
	if err != nil {
		t.Fatal(err)
	}
	page := make([]byte, 1<<20) // more than a pipe holds
	for range 3 {
		if n, err := p.Write(page); n != len(page) || err != nil {
			t.Errorf("Write = %d, %v", n, err)
		}
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
}

func TestPagerEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	r, w := io.Pipe()
	defer w.Close()
	p, err := Pager(ctx, w, lookupIn(fake(t, "stay")))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(r, make([]byte, len("ready\n"))); err != nil {
		t.Fatal(err)
	}
	go io.Copy(io.Discard, r)
	stop := errors.New("enough")
	written := make(chan error, 1)
	go func() {
		_, err := p.Write(make([]byte, 1<<20)) // blocks: nobody reads
		written <- err
	}()
	cancel(stop)
	if err := <-written; !errors.Is(err, stop) {
		t.Errorf("Write: %v, want %v", err, stop)
	}
	if err := p.Close(); !errors.Is(err, stop) {
		t.Errorf("Close: %v, want %v", err, stop)
	}
	if _, err := Pager(ctx, w, lookupIn(nil)); !errors.Is(err, stop) {
		t.Errorf("Pager: %v, want %v", err, stop)
	}
}

func TestTextGoesOutDirectlyWithoutAPager(t *testing.T) {
	for name, env := range map[string]map[string]string{
		"PAGER is cat":           {"PAGER": "cat"},
		"PAGER is empty":         {"PAGER": ""},
		"own variable is cat":    {"COOKBOOK_PAGER": "cat -v", "PAGER": "less"},
		"no such program":        {"PAGER": "no-such-pager-anywhere -R"},
		"a dumb terminal":        {"TERM": "dumb", "PAGER": "sort"},
		"no such quoted program": {"PAGER": "no-such-pager-anywhere '-R'"},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			var out bytes.Buffer
			p, err := Pager(ctx, &out, lookupIn(env))
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprint(p, "text")
			if err := p.Close(); err != nil || out.String() != "text" {
				t.Errorf("got %q, %v", out.String(), err)
			}
			cancel()
			if _, err := p.Write([]byte("more")); !errors.Is(err, context.Canceled) {
				t.Errorf("Write after the end: %v", err)
			}
		})
	}
}

func TestPagerMayBeAShellCommand(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no shell here")
	}
	var out bytes.Buffer
	p, err := Pager(t.Context(), &out, lookupIn(map[string]string{"PAGER": "sed 's/^/> /' | sort -r"}))
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(p, "a\nb\n")
	if err := p.Close(); err != nil || out.String() != "> b\n> a\n" {
		t.Errorf("got %q, %v", out.String(), err)
	}
}

func TestShellThatFindsNoPagerIsAnError(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no shell here")
	}
	p, err := Pager(t.Context(), io.Discard, lookupIn(map[string]string{"PAGER": "$NO_SUCH_VARIABLE no-such-pager-anywhere"}))
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Close(); err == nil || !strings.Contains(err.Error(), "set PAGER=cat") {
		t.Errorf("error %v does not help", err)
	}
}
