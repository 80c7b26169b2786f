//go:build !race

package browsertest

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"cookbook/internal/child"
)

// server is cookbook serve.
type server struct {
	address string
	pid     int
}

// serve starts cookbook serve, which ends with the test.
func serve(t *testing.T) server {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	out, in := io.Pipe()
	cmd := exec.CommandContext(ctx, os.Args[0], "serve", "--port", "0")
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir())
	cmd.Stdout, cmd.Stderr = in, os.Stderr
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		err := child.Run(cmd)
		in.CloseWithError(fmt.Errorf("cookbook serve has ended: %w", err))
	}()
	t.Cleanup(func() {
		stop()
		<-ended
	})
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if _, address, ok := strings.Cut(lines.Text(), "http://"); ok {
			go io.Copy(io.Discard, out)
			return server{"http://" + strings.TrimSpace(address), cmd.Process.Pid}
		}
	}
	t.Fatal(lines.Err())
	return server{}
}

// family returns the processes that a process has started, and those that these have.
func family(pid int) (all []int) {
	files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // the thread has ended meanwhile
		}
		for field := range strings.FieldsSeq(string(text)) {
			var one int
			fmt.Sscan(field, &one)
			all = append(append(all, one), family(one)...)
		}
	}
	return all
}

func TestRecipesRunAtServe(t *testing.T) {
	p := window(t)
	s := serve(t)
	for _, name := range []string{"ch2/condition.html", "ch3/subclass.html"} {
		p.open(s.address + name)
		p.run()
		p.want("ended")
		if said := p.said(); !strings.Contains(said, "kept") {
			t.Errorf("%s: no promises were kept: %s", name, said)
		}
	}
	p.keep("run-at-serve")
	for _, name := range some {
		p.open(s.address + name)
	}
	p.quiet()
}

func TestAClosedPageEndsItsRunAtServe(t *testing.T) {
	p := window(t)
	s := serve(t)
	p.open(s.address + "ch3/queue.html")
	p.set("speed", "1") // so it takes minutes
	p.set("items", "1000")
	p.press(".start")
	p.until(`document.querySelector("#run .transcript .line")`)
	before := family(s.pid)
	if len(before) < 2 {
		t.Errorf("the run is processes %v, want one and its children", before)
	}
	p.open("about:blank")
	gone := time.Now().Add(patience)
	for _, pid := range before {
		for syscall.Kill(pid, 0) == nil {
			if time.Now().After(gone) {
				t.Fatalf("process %d is still there", pid)
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
}
