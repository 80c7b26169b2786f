package openmpi

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"cookbook/internal/mpi/engine"
)

func TestWhatMpirunSaysIsUnderstood(t *testing.T) {
	const rule = "--------------------------------------------------------------------------\n"
	for name, c := range map[string]struct {
		says       string
		code, lost int
		want       engine.Error
	}{
		"an exit code": {
			"oh dear\n" + rule + "Primary job  terminated normally, but 1 process returned\n" + rule + rule + "mpirun detected that one or more processes exited with non-zero status\n\n  Process name: [[1557,1],12]\n  Exit code:    7\n" + rule,
			7, 3, engine.Error{Rank: 12, Text: "the process of rank 12 ended by itself, with exit code 7:\noh dear"},
		},
		"a signal": {
			rule + "mpirun noticed that process rank 1 with PID 0 on node vm exited on signal 9 (Killed).\n" + rule,
			137, -1, engine.Error{Rank: 1, Text: "rank 1 was killed by signal 9 (Killed)"},
		},
		"an exit without a word": {
			rule + "mpirun has exited due to process rank 1 with PID 0 on\nnode vm exiting improperly. There are three reasons this could occur:\n" + rule,
			1, 1, engine.Error{Rank: 1, Text: "the process of rank 1 ended by itself, with exit code 0"},
		},
		"nothing, and a rank is missed": {"", 2, 5, engine.Error{Rank: 5, Text: "the process of rank 5 ended by itself, with exit code 2"}},
		"its own trouble": {
			rule + "There are not enough slots available in the system\n" + rule, 1, -1,
			engine.Error{Rank: -1, Text: "mpirun ended by itself, with exit code 1:\nThere are not enough slots available in the system"},
		},
		"a number that is none": {"process rank x\nProcess name: [[", 3, -1, engine.Error{Rank: -1, Text: "mpirun ended by itself, with exit code 3:\nprocess rank x\nProcess name: [["}},
	} {
		w := new(output)
		io.WriteString(w, c.says)
		if e := w.explain(c.code, c.lost); e.Class != engine.ErrDied || e.Rank != c.want.Rank || e.Text != c.want.Text {
			t.Errorf("%s: rank %d: %s", name, e.Rank, e.Text)
		}
	}
	w := new(output)
	for range 10 {
		w.Write(bytes.Repeat([]byte("x"), maxOutput/3))
	}
	io.WriteString(w, "\nthe end\n")
	if len(w.b) > maxOutput || !strings.HasSuffix(w.explain(1, -1).Text, "the end") {
		t.Errorf("it keeps %d bytes, %q at the end", len(w.b), w.b[len(w.b)-9:])
	}
}
