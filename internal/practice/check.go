package practice

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"cookbook/internal/child"
	"cookbook/internal/explore"
	"cookbook/internal/explore/apart"
	"cookbook/internal/temp"
)

// Unbuilt is the kind of fault of a program that does not compile. What the compiler says is the text.
const Unbuilt explore.FaultKind = "does not compile"

// OnTheClock is the kind of fault of a program in whose orders the search finds no fault, but that waits for the clock: see [Clocked].
const OnTheClock explore.FaultKind = "left to the clock"

// ErrNoGo is that there is no go command on the PATH.
var ErrNoGo = errors.New("there is no go command on the PATH; get Go from https://go.dev/dl")

// FindGo reports whether there is a go command: the error is nil or ErrNoGo.
func FindGo() error {
	if _, err := exec.LookPath("go"); err != nil {
		return ErrNoGo
	}
	return nil
}

// Check judges the exercise.go in a folder. The other files of the exercise it takes from this program, as they were given. It builds
// in a folder of its own, of which nothing is left. A program that waits for the clock is refused, without a run, if the search finds no
// fault; one that starts processes is refused without a search, too, because that takes long. The errors are ErrNoGo, those of reading
// the file, and those of [Judge.Judge].
func (j Judge) Check(ctx context.Context, x *Exercise, dir string) (*Verdict, error) {
	source, err := os.ReadFile(filepath.Join(dir, Given))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s is not in %s; to put it back as it was given: cookbook practice reset %s", Given, dir, x.Name)
	}
	if err != nil {
		return nil, err
	}
	temporary, err := temp.Make("practice")
	if err != nil {
		return nil, err
	}
	defer temporary.Remove()
	folder := temporary.Path
	if err := FindGo(); err != nil {
		return nil, err
	}
	if err := x.write(filepath.Join(folder, "src"), source); err != nil {
		return nil, err
	}
	j.stage("builds it")
	exe, said, err := build(ctx, folder, "program")
	if err != nil {
		return nil, err
	}
	if said != "" {
		return &Verdict{Kind: Unbuilt, Text: said}, nil
	}
	clocked := Clocked(Given, source)
	if clocked != "" && (bytes.Contains(source, []byte(`/internal/process"`)) || bytes.Contains(source, []byte(`/internal/mpi"`))) {
		return refused(clocked), nil
	}
	return j.Judge(ctx, Program{Name: x.id(), Promise: x.Files[Promise], Start: Command(exe), Clocked: clocked, Race: func(ctx context.Context) (apart.Command, error) {
		exe, said, err := build(ctx, folder, "racing", "-race")
		if said != "" {
			err = ErrNoRace
		}
		return RaceCommand(exe), err
	}})
}

// refused is the verdict on a program that waits for the clock.
func refused(where string) *Verdict {
	return &Verdict{Kind: OnTheClock, Text: where + " waits for time to pass, and how long is enough is a guess; it can be solved without"}
}

// build builds what is in the folder src of a folder, and calls it name. said is what the compiler says if it does not compile.
func build(ctx context.Context, folder, name string, flags ...string) (exe, said string, err error) {
	exe = filepath.Join(folder, name)
	if runtime.GOOS == "windows" {
		exe += ".exe"
	}
	// Without the paths of folders in it, what was built in another one serves here, too.
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-o", exe)
	cmd.Args = append(cmd.Args, flags...)
	var out bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = filepath.Join(folder, "src"), &out, &out
	cmd.Env = append(cmd.Environ(), "GOTMPDIR="+folder, "GOWORK=off")
	if slices.Contains(flags, "-race") {
		cmd.Env = append(cmd.Env, "CGO_ENABLED=1") // which the detector takes
	}
	err = child.Run(cmd)
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return "", "", context.Cause(ctx)
	case errors.As(err, &exit):
		text := out.String()
		if rest, found := strings.CutPrefix(text, "# "); found { // the name of the package
			_, text, _ = strings.Cut(rest, "\n")
		}
		if text = strings.TrimSpace(text); text == "" {
			text = err.Error()
		}
		return "", text, nil
	}
	return exe, "", err
}
