package openmpi

import (
	"fmt"
	"strconv"
	"strings"

	"cookbook/internal/mpi/engine"
)

// output keeps the end of what mpirun and its ranks have written.
type output struct{ b []byte }

const maxOutput = 32 << 10

func (w *output) Write(b []byte) (int, error) {
	w.b = append(w.b, b...)
	if extra := len(w.b) - maxOutput; extra > 0 {
		w.b = append(w.b[:0], w.b[extra:]...)
	}
	return len(b), nil
}

// explain says why the world has ended, when no rank could tell. It goes by what mpirun has written, by its exit code, and
// by the rank that was lost first.
func (w *output) explain(code, lost int) *engine.Error {
	text := string(w.b)
	rank := numberAfter(text, "process rank ")
	if rank < 0 {
		// Process name: [[1557,1],2]
		if _, name, ok := strings.Cut(text, "Process name: [["); ok {
			rank = numberAfter(name, "],")
		}
	}
	if rank < 0 {
		rank = lost
	}
	var what string
	_, signal, killed := strings.Cut(text, "exited on signal ")
	switch {
	case killed && rank >= 0:
		name, _, _ := strings.Cut(signal, "\n")
		what = fmt.Sprintf("rank %d was killed by signal %s", rank, strings.TrimSuffix(strings.TrimSpace(name), "."))
	case rank >= 0 && strings.Contains(text, "exiting improperly"):
		what = fmt.Sprintf("the process of rank %d ended by itself, with exit code 0", rank)
	case rank >= 0:
		if said := numberAfter(text, "Exit code:"); said >= 0 {
			code = said
		}
		what = fmt.Sprintf("the process of rank %d ended by itself, with exit code %d", rank, code)
	default:
		what = fmt.Sprintf("mpirun ended by itself, with exit code %d", code)
	}
	if said := withoutBoxes(text, rank >= 0); said != "" {
		what += ":\n" + said
	}
	return engine.Errorf(engine.ErrDied, rank, "%s", what)
}

// numberAfter is the number that follows the first such words, −1 if none does.
func numberAfter(text, words string) int {
	_, rest, ok := strings.Cut(text, words)
	if !ok {
		return -1
	}
	rest = strings.TrimLeft(rest, " ")
	end := 0
	for end < len(rest) && rest[end] >= '0' && rest[end] <= '9' {
		end++
	}
	n, err := strconv.Atoi(rest[:end])
	if err != nil {
		return -1
	}
	return n
}

// withoutBoxes is the end of a text, without what mpirun writes between two rules, if that has been understood.
func withoutBoxes(text string, understood bool) string {
	const most = 20
	var lines []string
	inside := false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, " \r\n")
		if strings.HasPrefix(line, "-----") {
			inside = !inside
			continue
		}
		if line != "" && !(inside && understood) && !strings.Contains(line, "ORTE_ERROR_LOG") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines[max(0, len(lines)-most):], "\n")
}
