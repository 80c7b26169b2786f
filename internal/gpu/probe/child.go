package probe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"cookbook/internal/gpu"
	"cookbook/internal/gpu/driver"
	"cookbook/internal/process/worker"
)

// What a child is asked: the first argument; the second one is a back end or the name of a device.
const (
	askDevices = "devices"
	askExtras  = "extras"
	askOpen    = "open"
)

// answer is what a child says.
type answer struct {
	Devices  []gpu.Info
	Missing  *gpu.Missing
	Extras   []driver.Extra
	Error    string
	NoDevice bool // the error wraps gpu.ErrNoDevice
}

// mark begins the line of the answer: libraries write into the standard output, too.
const mark = "cookbook answers: "

// child is the role of the process that asks. It ends itself if a driver keeps it longer than its parent waits.
var child = worker.RegisterRole("gpu.probe", func() error {
	if len(os.Args) != 4 {
		return errors.New("want a question, its object and a time")
	}
	patience, err := time.ParseDuration(os.Args[3])
	if err != nil {
		return err
	}
	defer time.AfterFunc(patience+time.Second, func() { os.Exit(1) }).Stop()
	var a answer
	switch what := os.Args[2]; os.Args[1] {
	case askDevices:
		a.Devices, a.Missing = gpu.DevicesOf(what)
	case askExtras:
		a.Extras = gpu.ExtrasOf(what)
	case askOpen:
		info, err := open(what)
		if a.Devices = []gpu.Info{info}; err != nil {
			a = answer{Error: err.Error(), NoDevice: errors.Is(err, gpu.ErrNoDevice)}
		}
	}
	text, err := json.Marshal(a)
	if err != nil {
		return err
	}
	_, err = fmt.Printf("\n%s%s\n", mark, text)
	return err
})

// open opens and closes a device in this process.
func open(spec string) (gpu.Info, error) {
	d, err := gpu.OpenDevice(spec)
	if err != nil {
		return gpu.Info{}, err
	}
	return d.Info(), d.Close()
}

// failure is a child that did not answer.
type failure struct{ text string }

func (e *failure) Error() string { return e.text }

// ask starts a child and returns its answer. The error is a *[failure] or context.Cause(ctx).
func ask(ctx context.Context, patience time.Duration, question, object string) (answer, error) {
	var a answer
	late, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	cmd, err := child.Command(late)
	if err != nil {
		return a, &failure{err.Error()}
	}
	cmd.Args = append(cmd.Args, question, object, patience.String())
	cmd.Env = append(cmd.Env, "GOTRACEBACK=none")
	cmd.WaitDelay = time.Second            // for what a driver has started
	out, errs := &said{end: true}, &said{} // the answer comes last, and the reason of an end first
	cmd.Stdout, cmd.Stderr = out, errs
	err = cmd.Run()
	switch {
	case ctx.Err() != nil:
		return a, context.Cause(ctx)
	case late.Err() != nil:
		return a, &failure{fmt.Sprintf("its drivers gave no answer within %v", patience)}
	}
	if i := strings.LastIndex(out.String(), "\n"+mark); i >= 0 {
		line, _, _ := strings.Cut(out.String()[i+1+len(mark):], "\n")
		if json.Unmarshal([]byte(line), &a) == nil {
			return a, nil
		}
	}
	return a, &failure{"its drivers ended the process that asked them: " + ending(cmd, err, errs.String())}
}

// ending says how a child ended: what it said first, or its exit code, or why there was no child.
func ending(cmd *exec.Cmd, err error, said string) string {
	for line := range strings.Lines(said) {
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			const most = 120
			if runes := []rune(line); len(runes) > most {
				line = string(runes[:most]) + "…"
			}
			return line
		}
	}
	if cmd.ProcessState != nil {
		return cmd.ProcessState.String()
	}
	return err.Error()
}

// said keeps the beginning of what is written to it, or the end: a MiB at least, and two at most.
type said struct {
	end  bool
	text []byte
}

func (s *said) Write(p []byte) (int, error) {
	const least = 1 << 20
	for rest := p; len(rest) > 0; {
		n := min(len(rest), 2*least-len(s.text))
		s.text, rest = append(s.text, rest[:n]...), rest[n:]
		switch {
		case len(s.text) < 2*least:
		case s.end:
			s.text = append(s.text[:0], s.text[least:]...)
		default:
			return len(p), nil
		}
	}
	return len(p), nil
}

func (s *said) String() string { return string(s.text) }
