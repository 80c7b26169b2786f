//go:build unix

package bench

import (
	"bufio"
	"io"
	"os/exec"
	"syscall"
	"testing"

	"cookbook/internal/catalog"
)

// twinCommand is the command that compare starts for a twin, in a process group of its own.
func twinCommand(t *testing.T, twin string) *exec.Cmd {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3 on this machine")
	}
	e, err := sample(twin).Find("lock")
	if err != nil {
		t.Fatal(err)
	}
	text, err := e.File(catalog.Twin)
	if err != nil {
		t.Fatal(err)
	}
	argv := twinProgram(python, e, text)
	cmd := exec.CommandContext(t.Context(), argv[0], argv[1:]...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return cmd
}

// A process that has the pipe open is alive, so its reader sees the end only when the twin and its child are gone.
func TestTwinToldToEndTakesItsProcessesAlong(t *testing.T) {
	cmd := twinCommand(t, `
import multiprocessing, time

def wait():
    print("ready", flush=True)
    time.sleep(1000)

child = multiprocessing.get_context("fork").Process(target=wait)
child.start()
child.join()
`)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	if line, err := lines.ReadString('\n'); line != "ready\n" {
		t.Fatalf("got %q, %v", line, err)
	}
	cmd.Process.Signal(syscall.SIGTERM)
	if _, err := io.ReadAll(lines); err != nil {
		t.Error(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Error("the twin was told to end, and ended well")
	}
}

func TestTwinMayTerminateItsProcesses(t *testing.T) {
	out, err := twinCommand(t, `
import multiprocessing, signal, time

child = multiprocessing.get_context("fork").Process(target=time.sleep, args=(1000,))
child.start()
child.terminate()
child.join()
print(child.exitcode)
`).Output()
	if string(out) != "-15\n" || err != nil {
		t.Errorf("got %q, %v", out, err)
	}
}

// The twin finds Python's modules, whatever files lie in the current folder.
func TestTwinLoadsNothingFromTheCurrentFolder(t *testing.T) {
	cmd := twinCommand(t, "\"\"\"The twin.\"\"\"\nimport sys\nprint(__doc__, __name__, sys.argv, '' in sys.path)\n")
	cmd.Args = append(cmd.Args, "--speed", "max")
	out, err := cmd.Output()
	if want := "The twin. __main__ ['ch2_lock.py', '--speed', 'max'] False\n"; string(out) != want || err != nil {
		t.Errorf("got %q, %v, want %q", out, err, want)
	}
}
