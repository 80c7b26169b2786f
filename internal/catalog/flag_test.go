package catalog

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"
)

func TestARangedFlagTakesItsRangeAndNothingElse(t *testing.T) {
	for _, tt := range []struct{ value, err string }{
		{"1", ""}, {"64", ""}, {"+7", ""}, {"0x20", ""}, {"6_0", ""},
		{"0", "want 1 to 64"}, {"65", "want 1 to 64"}, {"-3", "want 1 to 64"}, {"", "want 1 to 64"}, {"four", "want 1 to 64"},
		{"9223372036854775808", "want 1 to 64"},
	} {
		f := pflag.NewFlagSet("", pflag.ContinueOnError)
		n := Int(f, "workers", 4, 1, 64, "goroutines that count")
		err := f.Parse([]string{"--workers=" + tt.value})
		var out *ValueError
		switch {
		case tt.err == "" && (err != nil || *n == 4):
			t.Errorf("%q: got %d, %v", tt.value, *n, err)
		case tt.err != "" && (!errors.As(err, &out) || out.Error() != tt.err || *n != 4):
			t.Errorf("%q: got %d, %v, want %s", tt.value, *n, err, tt.err)
		}
	}
}

func TestARangedFlagSaysItsRangeInItsHelp(t *testing.T) {
	f := pflag.NewFlagSet("", pflag.ContinueOnError)
	Int(f, "workers", 4, 1, 64, "goroutines that count")
	d := Duration(f, "patience", 200*time.Millisecond, 0, time.Minute, "how long to wait")
	for _, want := range []string{"--workers int ", "goroutines that count, 1 to 64 (default 4)", "--patience duration", "how long to wait, 0s to 1m0s (default 200ms)"} {
		if usages := f.FlagUsages(); !strings.Contains(usages, want) {
			t.Errorf("no %q in\n%s", want, usages)
		}
	}
	if err := f.Parse([]string{"--patience", "1.5s"}); err != nil || *d != 1500*time.Millisecond {
		t.Errorf("got %v, %v", *d, err)
	}
	if err := f.Parse([]string{"--patience", "61s"}); err == nil || !strings.Contains(err.Error(), "want 0s to 1m0s, as in 1.5s") {
		t.Errorf("got %v", err)
	}
}

func TestARangedFlagMayHaveAShortForm(t *testing.T) {
	f := pflag.NewFlagSet("", pflag.ContinueOnError)
	n := IntP(f, "ranks", "n", 5, 1, 128, "ranks to start")
	if err := f.Parse([]string{"-n", "9"}); err != nil || *n != 9 {
		t.Errorf("got %d, %v", *n, err)
	}
	if err := f.Parse([]string{"-n", "129"}); err == nil || !strings.Contains(err.Error(), "want 1 to 128") {
		t.Errorf("got %v", err)
	}
}

func TestAFileNeedsAName(t *testing.T) {
	f := pflag.NewFlagSet("", pflag.ContinueOnError)
	name := File(f, "plot", "picture.svg", "draw in `FILE`")
	f.String("text", "", "no file")
	if !NamesFile(f.Lookup("plot")) || NamesFile(f.Lookup("text")) {
		t.Error("only --plot names a file")
	}
	if err := f.Parse(nil); err != nil || *name != "" {
		t.Errorf("not given: %q, %v", *name, err)
	}
	var bad *ValueError
	if err := f.Parse([]string{"--plot="}); !errors.As(err, &bad) || bad.Error() != "want the name of a file, as in picture.svg" {
		t.Errorf("an empty name: %v", err)
	}
	if err := f.Parse([]string{"--plot", "X.SVG"}); err != nil || *name != "X.SVG" {
		t.Errorf("got %q, %v", *name, err)
	}
}

func TestADefaultOutsideItsRangeIsAMistakeOfTheProgram(t *testing.T) {
	defer func() {
		if r := recover(); r == nil || !strings.Contains(r.(string), "--workers") {
			t.Errorf("got %v", r)
		}
	}()
	Int(pflag.NewFlagSet("", pflag.ContinueOnError), "workers", 0, 1, 64, "")
}
