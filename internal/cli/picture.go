package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/svg"
	"cookbook/internal/timeline"
)

// onTerminal is the value of --timeline that draws it below the transcript.
const onTerminal = "terminal"

// pictureFlag is the value of --timeline: "" for none, onTerminal, or the name of a file.
type pictureFlag string

// addTo declares the flag.
func (f *pictureFlag) addTo(flags *pflag.FlagSet, usage string) {
	flags.Var(f, "timeline", usage)
	flags.Lookup("timeline").NoOptDefVal = onTerminal
}

func (f *pictureFlag) String() string { return string(*f) }
func (f *pictureFlag) Type() string   { return "FILE" }

// Set takes the name of a file, if its ending tells what to write.
func (f *pictureFlag) Set(value string) error {
	if value != onTerminal && encoder(value) == nil {
		return &catalog.ValueError{Want: ".svg (a picture) or .json (for ui.perfetto.dev), or no name, to draw it in the terminal"}
	}
	*f = pictureFlag(value)
	return nil
}

// drawn reports whether the timeline is drawn in the terminal.
func (f pictureFlag) drawn() bool { return f == onTerminal }

// file is the name of the file, "" if there is none.
func (f pictureFlag) file() string {
	if f.drawn() {
		return ""
	}
	return string(f)
}

// check refuses a name that no file can have, before anything has run.
func (f pictureFlag) check() error { return checkPlace("timeline", f.file()) }

// checkPlace refuses the value of a flag, if it is a name that no file can have.
func checkPlace(flag, name string) error {
	if name == "" {
		return nil
	}
	if err := svg.CheckPlace(name); err != nil {
		return usagef("--%s %w", flag, err)
	}
	return nil
}

// encoder returns what writes a timeline into a file of this ending, nil if nothing does.
func encoder(name string) func(t timeline.Timeline, title string) ([]byte, error) {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".svg":
		return func(t timeline.Timeline, title string) ([]byte, error) { return t.SVG(timeline.Look{Title: title}) }
	case ".json":
		return func(t timeline.Timeline, title string) ([]byte, error) {
			var b bytes.Buffer
			err := t.Perfetto(&b, title)
			return b.Bytes(), err
		}
	case ".timeline": // what cookbook serve reads; nobody else needs it
		return func(t timeline.Timeline, _ string) ([]byte, error) { return json.Marshal(t) }
	}
	return nil
}

// draw draws a timeline in the terminal, or writes it into the file.
func (f pictureFlag) draw(a *app, t timeline.Timeline, title string) error {
	if f.drawn() {
		t.Draw(a.Out, a.Style())
	}
	name := f.file()
	if name == "" {
		return nil
	}
	text, err := encoder(name)(t, title)
	if err != nil {
		return fmt.Errorf("--timeline %s: %w", name, err)
	}
	return svg.WriteFile(name, text)
}

// joinPicture joins --timeline and a name behind it: pflag takes the value of a flag that may have none from the same word only.
func joinPicture(args []string) []string {
	for i := 0; i+1 < len(args) && args[i] != "--"; i++ {
		if args[i] == "--timeline" && isPicture(args[i+1]) {
			joined := append(args[:i:i], args[i]+"="+args[i+1])
			return append(joined, args[i+2:]...)
		}
	}
	return args
}

// isPicture reports whether a word is meant to be the name of a picture, even of a kind that cannot be written.
func isPicture(word string) bool {
	switch strings.ToLower(filepath.Ext(word)) {
	case ".svg", ".json", ".timeline", ".png", ".jpg", ".gif", ".pdf", ".html", ".txt", ".trace":
		return !strings.HasPrefix(word, "-")
	}
	return false
}
