// Package watch runs a program again whenever one of its files is saved, and shows which promise broke.
//
// It looks at the files (names, sizes, times) every 200 ms, and asks the system for no notice. That needs no library, works on every
// system and file system, and costs 4 ms a look in a clone of this repository. [Loop] is the whole; its parts are
//
//	look.go    Files: what was saved
//	run.go     Build and Run: a program, and the Result of it
//	result.go  Result: what came, line by line beside the promise
//	draw.go    how a Result looks on a terminal, redrawn in place, and in a pipe
package watch

import (
	"context"
	"cookbook/internal/temp"
	"errors"
	"fmt"
	"io"
	"time"
)

// Options say what is watched, and what is done when something is saved. Dir and Out must be set.
type Options struct {
	Dir     string // the folder of the sources: a .go, .txt or .mod file that is saved in it or below starts a run
	Package string // what is built in Dir, as go build wants it; "": the package there

	Command func(saved string) []string // what stands before --json, if it depends on the file, the last word being what is run; nil: nothing
	Args    []string                    // what the program is given behind it
	Timeout time.Duration               // of one run; 0: a minute

	Out   io.Writer
	Size  func() (columns, rows int) // of the terminal that Out is, asked for at each look; nil: Out is none
	Color bool

	// Judge is called at the beginning and for each save, in place of building and running. It has to return soon when ctx ends,
	// which it does when something else is saved. saved is a path below Dir, with slashes.
	Judge func(ctx context.Context, saved string) Result
}

// ErrNoGo is that there is no go command on the PATH.
var ErrNoGo = errors.New("there is no go command on the PATH; get Go from https://go.dev/dl")

// every is how long it is from one look at the files to the next.
const every = 200 * time.Millisecond

// Loop runs the program, or the judge, at once and again for each save, and shows what came of it, until ctx ends, and returns
// context.Cause(ctx) then. A run that goes on while something is saved is ended first, with all that it has started. A save counts when
// nothing has changed between two looks. At the end nothing is left in the temporary folder, unless this process is killed. Other errors
// are: ErrNoGo, that Dir has gone, or that Out cannot be written.
func Loop(ctx context.Context, o Options) error {
	if o.Judge == nil {
		folder, err := temp.Make("watch")
		if err != nil {
			return err
		}
		defer folder.Remove()
		if o.Judge, err = o.buildAndRun(folder.Path); err != nil {
			return err
		}
	}
	files, err := Look(o.Dir)
	if err != nil {
		return err
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	l := &loop{tick: tick.C, screen: screen{Options: o}, files: files}
	saved := files.Newest(func(string) bool { return true })
	if saved == "" {
		return fmt.Errorf("%s has no .go file to watch", o.Dir)
	}
	if o.Size != nil {
		defer fmt.Fprintln(o.Out) // the terminal has written ^C below the result
	}
	for {
		ended, err := l.judge(ctx, saved)
		if err != nil {
			return err
		}
		if saved, err = l.saved(ctx, saved, ended); err != nil {
			return err
		}
	}
}

type loop struct {
	screen
	tick  <-chan time.Time
	files Files // that the run in progress, or the last one, was given
}

// judge has the files judged, and shows the result. It reports whether that was ended because something was saved meanwhile.
func (l *loop) judge(ctx context.Context, saved string) (ended bool, err error) {
	if err := l.judging(saved); err != nil {
		return false, err
	}
	within, cancel := context.WithCancel(ctx)
	done := make(chan Result, 1)
	go func() { done <- l.Judge(within, saved) }()
	for {
		select {
		case r := <-done:
			cancel()
			switch {
			case ctx.Err() != nil:
				return false, context.Cause(ctx)
			case ended || err != nil:
				return ended, err
			}
			return false, l.show(r)
		case <-l.tick:
			var now Files
			if now, err = Look(l.Dir); err != nil || !now.equal(l.files) {
				ended = true
				cancel()
			} else if err = l.resized(); err != nil {
				cancel()
			}
		}
	}
}

// saved waits until something is saved, and returns what. If a run was ended for it, it need not differ any more from what it was.
func (l *loop) saved(ctx context.Context, last string, ended bool) (string, error) {
	before := l.files
	for first := true; ; first = false {
		select {
		case <-ctx.Done():
			return "", context.Cause(ctx)
		case <-l.tick:
		}
		now, err := Look(l.Dir)
		if err != nil {
			return "", err
		}
		if changed := now.since(l.files); now.equal(before) && (changed != "" || ended && !first) {
			l.files = now
			if changed == "" {
				changed = last
			}
			return changed, nil
		}
		before = now
		if err := l.resized(); err != nil {
			return "", err
		}
	}
}
