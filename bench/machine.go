package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"golang.org/x/term"

	"cookbook/internal/terminal"
)

// machine is what the measurements run on.
type machine struct {
	lookPath func(program string) error
	output   func(context.Context, invocation) ([]byte, error)
	load     func() *float64
	progress *progress
	columns  int // of the terminal that reads the tables; 0: no terminal does
}

func thisMachine() machine {
	lookPath := func(program string) error {
		_, err := exec.LookPath(program)
		return err
	}
	columns, _, _ := term.GetSize(int(os.Stdout.Fd())) // 0 with an error
	return machine{lookPath, output, load, newProgress(os.Stderr), columns}
}

// busy is the load above which figures are not to be trusted.
const busy = 0.5

// load returns how many threads wanted to run on average in the last minute, nil where the system does not say.
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

// describeLoad says what the load was before the measurements, and warns of one that is too high.
func describeLoad(load *float64) string {
	switch {
	case load == nil:
		return "The load of the machine is not known here."
	case *load > busy:
		return fmt.Sprintf("WARNING: the load of the machine (average of the last minute) was %.2f before it began: figures may be disturbed.", *load)
	}
	return fmt.Sprintf("The load of the machine (average of the last minute) was %.2f before it began.", *load)
}

// progress tells how far the rounds are, and how long the rest will take. A nil *progress is silent.
type progress struct {
	w      io.Writer
	bar    *terminal.Bar // on a terminal
	rounds int
	begun  time.Time
}

func newProgress(f *os.File) *progress {
	p := &progress{w: f}
	if term.IsTerminal(int(f.Fd())) {
		width, _, _ := term.GetSize(int(f.Fd()))
		p.bar = terminal.NewBar(f, terminal.Style{Width: width, Color: os.Getenv("NO_COLOR") == ""})
	}
	return p
}

// say tells what is done before the rounds.
func (p *progress) say(what string) {
	switch {
	case p == nil:
	case p.bar != nil:
		p.bar.Draw(what, 0, 1)
	default:
		fmt.Fprintln(p.w, what)
	}
}

func (p *progress) begin(rounds int) {
	if p != nil {
		p.rounds, p.begun = rounds, time.Now()
	}
}

// round does one round's steps.
func (p *progress) round(round int, steps []func() error) error {
	if p != nil && p.bar == nil {
		left := ""
		if round > 0 {
			left = ", " + remaining(time.Since(p.begun), round, p.rounds) + " left"
		}
		fmt.Fprintf(p.w, "round %d of %d%s\n", round+1, p.rounds, left)
	}
	for i, step := range steps {
		if p != nil && p.bar != nil {
			done, all := round*len(steps)+i, p.rounds*len(steps)
			left := ""
			if done > 0 {
				left = ", about " + remaining(time.Since(p.begun), done, all) + " left"
			}
			p.bar.Draw(fmt.Sprintf("round %d of %d%s", round+1, p.rounds, left), done, all)
		}
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// remaining is how long the rest takes if it is like what is done.
func remaining(took time.Duration, done, all int) string {
	return (took / time.Duration(done) * time.Duration(all-done)).Round(time.Second).String()
}

func (p *progress) end() {
	if p != nil {
		p.bar.Clear()
	}
}
