package driver

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// What goes wrong, to be asked for with errors.Is.
var (
	ErrNoDevice    = error(missing("no such device"))
	ErrShape       = errors.New("the launch does not fit the device or the kernel")
	ErrArgument    = errors.New("wrong argument")
	ErrMemory      = errors.New("out of device memory")
	ErrBuild       = errors.New("the kernel does not compile")
	ErrUnsupported = error(missing("the device cannot do this"))
	ErrClosed      = errors.New("closed already")
	ErrLost        = errors.New("the device failed")
)

// missing is an error of what this machine lacks, which decides the exit code of a program.
type missing string

func (e missing) Error() string { return string(e) }
func (e missing) Missing() bool { return true }

// BuildError is a kernel that does not compile. It is an [ErrBuild].
type BuildError struct {
	Device  string // its name; "" where no device had to be asked
	Pos     string // FILE:LINE of our source, "" if not known
	Message string // of the compiler, in one line
	Log     string // all that the compiler said
}

func (e *BuildError) Error() string {
	where := e.Pos
	if where != "" {
		where += ": "
	}
	if e.Device == "" {
		return where + e.Message
	}
	return fmt.Sprintf("%s%s (compiled for %s)", where, e.Message, e.Device)
}

// Is makes a BuildError an [ErrBuild].
func (e *BuildError) Is(target error) bool { return target == ErrBuild }

// Missing is why a back end has no device here.
type Missing struct {
	Backend string
	Reason  string // one sentence, without the full stop: what is missing
	Advice  string // what to do about it, "" for nothing
}

// Spec returns how --device names device number index of a back end: "cpu", "opencl:0".
func Spec(backend string, index int) string {
	if backend == "cpu" {
		return backend
	}
	return backend + ":" + strconv.Itoa(index)
}

// ParseSpec reads what --device takes: auto, or a back end, or a back end and a number. Index is -1 without a number.
func ParseSpec(spec string) (backend string, index int, err error) {
	backend, number, numbered := strings.Cut(spec, ":")
	index = -1
	switch backend {
	case "opencl", "cuda":
		if !numbered {
			return backend, index, nil
		}
		if n, err := strconv.Atoi(number); err == nil && n >= 0 && strconv.Itoa(n) == number {
			return backend, n, nil
		}
	case "auto", "cpu":
		if !numbered {
			return backend, index, nil
		}
	}
	return "", 0, fmt.Errorf("device %q: %w: it is auto, cpu, opencl, opencl:N, cuda or cuda:N", spec, ErrArgument)
}
