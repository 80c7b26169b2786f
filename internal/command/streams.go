package command

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/term"

	"cookbook/internal/terminal"
)

// Streams is the world as a command sees it.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
	OutTTY   bool // Out is a terminal
	ErrTTY   bool
	Width    int // of the terminal, in columns
	Color    bool
	ErrColor bool
	Env      Environment
	Exe      string // what to start as another cookbook
}

// Environment looks a variable up; an empty value and none at all are two things.
type Environment func(name string) (value string, set bool)

// Get returns a variable's value, "" if it is not set.
func (env Environment) Get(name string) string {
	value, _ := env(name)
	return value
}

// forceTTY is the variable that makes Out count as a terminal.
const forceTTY = "COOKBOOK_FORCE_TTY"

// narrowest is the least number of columns that is meant as one: 1 in COOKBOOK_FORCE_TTY says yes.
const narrowest = 10

// System returns the process's own streams. COOKBOOK_FORCE_TTY makes Out count as a terminal; if it is a number from narrowest
// on, that is the number of its columns. NO_COLOR, TERM=dumb and CLICOLOR_FORCE decide about colour as elsewhere.
func System() Streams {
	s := Streams{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr,
		OutTTY: term.IsTerminal(int(os.Stdout.Fd())), ErrTTY: term.IsTerminal(int(os.Stderr.Fd())),
		Width: 80, Env: os.LookupEnv,
	}
	s.Exe, _ = os.Executable()
	for _, f := range []*os.File{os.Stdout, os.Stderr, os.Stdin} {
		if w, _, err := term.GetSize(int(f.Fd())); err == nil && w > 0 {
			s.Width = w
			break
		}
	}
	if force := s.Env.Get(forceTTY); force != "" {
		s.OutTTY = true
		if w, err := strconv.Atoi(force); err == nil && w >= narrowest {
			s.Width = min(w, 1000) // no terminal is wider, and a picture of that width is drawn
		}
	}
	s.Color, s.ErrColor = useColor(s.Env.Get, s.OutTTY), useColor(s.Env.Get, s.ErrTTY)
	return s
}

// Piped is s with an Out that counts as no terminal, unless COOKBOOK_FORCE_TTY says that it does.
func (s Streams) Piped() Streams {
	s.OutTTY = s.Env.Get(forceTTY) != ""
	s.Color = useColor(s.Env.Get, s.OutTTY)
	return s
}

// useColor follows no-color.org and bixense.com/clicolors; a forced colour wins, as in gh.
func useColor(env func(string) string, tty bool) bool {
	if force := env("CLICOLOR_FORCE"); force != "" && force != "0" {
		return true
	}
	return tty && env("NO_COLOR") == "" && env("CLICOLOR") != "0" && env("TERM") != "dumb"
}

// Style is how to draw on Out.
func (s Streams) Style() terminal.Style { return terminal.Style{Width: s.Width, Color: s.Color} }

// ErrStyle is how to draw on Err.
func (s Streams) ErrStyle() terminal.Style { return terminal.Style{Width: s.Width, Color: s.ErrColor} }

// Bar is for progress on Err; it draws nothing unless Err is a terminal.
func (s Streams) Bar() *terminal.Bar {
	if !s.ErrTTY {
		return nil
	}
	return terminal.NewBar(s.Err, s.ErrStyle())
}

// Paint is text in a look on Out.
func (s Streams) Paint(look terminal.Look, text string) string { return s.Style().Paint(look, text) }

// Printer prints a table with these headers on Out, or tabs if it is not a terminal.
func (s Streams) Printer(head ...string) *terminal.Printer {
	return terminal.NewPrinter(s.Out, s.OutTTY, s.Style(), head...)
}

// WriteJSON writes v on Out as programs want it and people can still read it. What could steer a terminal stands as an escape of
// JSON, which means the same to a program.
func (s Streams) WriteJSON(v any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return err
	}
	_, err := io.WriteString(s.Out, terminal.SafeJSON(b.String()))
	return err
}

// Complain prints an error on Err, behind the name of the program, folded on a terminal. Whatever its text has taken from outside,
// nothing in it steers the terminal. An empty text is not printed.
func (s Streams) Complain(program string, err error) {
	msg := err.Error()
	if msg == "" {
		return
	}
	name := program + ":"
	text := name + " " + terminal.Safe(msg)
	if s.ErrTTY {
		text = terminal.FoldLines(text, s.ErrStyle().Columns())
	}
	fmt.Fprintf(s.Err, "%s%s\n", s.ErrStyle().Paint(terminal.Red, name), strings.TrimPrefix(text, name))
}
