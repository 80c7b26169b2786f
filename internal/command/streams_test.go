package command

import (
	"bytes"
	"encoding/json"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestColourRules(t *testing.T) {
	for _, tt := range []struct {
		env  map[string]string
		tty  bool
		want bool
	}{
		{nil, true, true},
		{nil, false, false},
		{map[string]string{"NO_COLOR": "1"}, true, false},
		{map[string]string{"CLICOLOR": "0"}, true, false},
		{map[string]string{"TERM": "dumb"}, true, false},
		{map[string]string{"CLICOLOR_FORCE": "1"}, false, true},
		{map[string]string{"CLICOLOR_FORCE": "0"}, false, false},
		{map[string]string{"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}, false, true},
	} {
		if got := useColor(func(name string) string { return tt.env[name] }, tt.tty); got != tt.want {
			t.Errorf("%v, terminal %v: %v", tt.env, tt.tty, got)
		}
	}
}

func TestJSONHasNoCharacterThatSteersATerminal(t *testing.T) {
	var out bytes.Buffer
	text := "a\x1b]0;\x07\u009b\u202e<b>é日😀\u007f"
	if err := (Streams{Out: &out}).WriteJSON(text); err != nil {
		t.Fatal(err)
	}
	if want := `"a\u001b]0;\u0007\u009b\u202e<b>é日😀\u007f"` + "\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
	var back string
	if err := json.Unmarshal(out.Bytes(), &back); err != nil || back != text {
		t.Errorf("read again: %q, %v", back, err)
	}
}
