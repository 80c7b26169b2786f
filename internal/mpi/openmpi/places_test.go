//go:build unix

package openmpi

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestPlacesThatCannotBeAreFoundWithoutMpirun(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	good := write("good", "# ours\na slots=2\n\nb\n")
	for _, tt := range []struct {
		e    Engine
		says string // "": nothing is wrong
	}{
		{Engine{}, ""},
		{Engine{Hosts: []string{"a", "b:4", "10.0.0.1"}}, ""},
		{Engine{Hostfile: good}, ""},
		{Engine{Hosts: []string{"a"}, Hostfile: good}, "choose one"},
		{Engine{Hosts: []string{"a", ""}}, "want names"},
		{Engine{Hosts: []string{"a", "-x"}}, `"-x" is not a host`},
		{Engine{Hosts: []string{" --help"}}, "is not a host"},
		{Engine{Hostfile: write("option", "a\n  -oProxyCommand=x slots=2\n")}, "is not a host"},
		{Engine{Hostfile: filepath.Join(dir, "nowhere")}, "no such file"},
		{Engine{Hostfile: dir}, "not a regular file"},
		{Engine{Hostfile: pipe}, "not a regular file"}, // and to look at it does not wait for a writer
	} {
		err := tt.e.CheckPlaces()
		if (err == nil) != (tt.says == "") || err != nil && !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%+v: %v, want %q", tt.e, err, tt.says)
		}
	}
}
