//go:build unix

package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/creack/pty"
)

func init() { scriptPrograms["terminal"] = onTerminal }

// onTerminal is a program for scripts: it runs another on a terminal of its own, 80 columns wide, and says what came to the screen.
//
//	exec terminal cookbook list
//	stdout 'RECIPE'
//
// It reads the screen until nobody holds the terminal any more, and so loses nothing. The ttyout of testscript (v1.16.0) closes its
// end as soon as the program is over, and on a busy machine what was written last is gone.
func onTerminal() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: terminal PROGRAM [ARGUMENT...]")
		os.Exit(2)
	}
	cmd := exec.Command(os.Args[1], os.Args[2:]...)
	screen, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: 80})
	if err != nil {
		fmt.Fprintf(os.Stderr, "terminal: start %s: %v\n", os.Args[1], err)
		os.Exit(2)
	}
	late := time.AfterFunc(2*time.Minute, func() { cmd.Process.Kill() })
	_, err = io.Copy(os.Stdout, screen)
	if err != nil && !errors.Is(err, syscall.EIO) { // Linux says so when the last program has closed the terminal
		fmt.Fprintln(os.Stderr, "terminal:", err)
		os.Exit(2)
	}
	if err := cmd.Wait(); !late.Stop() || err != nil {
		fmt.Fprintf(os.Stderr, "terminal: %s: %v\n", os.Args[1], err)
		os.Exit(max(1, cmd.ProcessState.ExitCode()))
	}
}
