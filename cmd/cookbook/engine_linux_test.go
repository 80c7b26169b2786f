package main

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// A lockedBuffer keeps what a process in the background says.
type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// background starts the built program and waits until it has said something. Ctrl-C ends it, if it still runs, with the test.
func background(t *testing.T, said string, args ...string) (*exec.Cmd, *lockedBuffer) {
	t.Helper()
	cmd, _, _ := cookbookProcess(t, nil, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGINT) }
	out := &lockedBuffer{}
	cmd.Stdout, cmd.Stderr = out, out
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGINT)
		if cmd.Wait(); cmd.ProcessState.ExitCode() > 0 {
			t.Errorf("cookbook %s: %v: %s", strings.Join(args, " "), cmd.ProcessState, out)
		}
	})
	await30(t, func() (bool, string) { return strings.Contains(out.String(), said), out.String() })
	return cmd, out
}

// startEngines starts three engines of cookbook that are a cluster, and returns their addresses and those for each other.
func startEngines(t *testing.T, scheme string, flags ...string) (urls string, listeners []string) {
	t.Helper()
	ports := freePorts(t, 6)
	var all []string
	for i := range 3 {
		listeners = append(listeners, "127.0.0.1:"+ports[3+i])
		all = append(all, scheme+"127.0.0.1:"+ports[i])
	}
	routes := "nats://" + strings.Join(listeners, ",nats://")
	for i, name := range []string{"a", "b", "c"} {
		background(t, "Ctrl-C ends it.", append([]string{
			"engine", "--listen", "127.0.0.1:" + ports[i], "--name", name, "--cluster", listeners[i], "--routes", routes,
			"--store", filepath.Join(t.TempDir(), name),
		}, flags...)...)
	}
	return strings.Join(all, ","), listeners
}

// Three engines of cookbook are a cluster, on which a recipe runs, and they let nobody in who does not know the secret: neither as a
// client nor as a fourth engine.
func TestEnginesAreACluster(t *testing.T) {
	needNATS(t)
	file, secret := secretFile(t)
	other, _ := secretFile(t)
	ca, cert, key := certificates(t)
	for _, tt := range []struct {
		name, scheme string
		engine, user []string // flags
	}{
		{"in clear", "nats://", nil, nil},
		{"with TLS", "tls://", []string{"--tls-cert", cert, "--tls-key", key, "--tls-ca", ca}, []string{"--ca", ca}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			urls, listeners := startEngines(t, tt.scheme, append(tt.engine, "--token-file", file)...)
			as := func(file string, args ...string) []string {
				return append(append(args, "--engine", urls, "--token-file", file), tt.user...)
			}
			await30(t, func() (bool, string) {
				_, out, stderr := cookbook(t, nil, as(file, "doctor")...)
				return strings.Contains(out, ", 3 in the cluster cookbook"), out + stderr
			})
			if code, out, stderr := cookbook(t, nil, as(file, "verify", "ch5.scoop")...); code != 0 || !strings.Contains(stderr, "1 ok") {
				t.Errorf("exit code %d, %s%s", code, out, stderr)
			}
			if code, out, stderr := cookbook(t, nil, as(other, "worker")...); code != 3 || !strings.Contains(stderr, "the engine refuses this secret") {
				t.Errorf("exit code %d, %s%s", code, out, stderr)
			}
			for _, at := range listeners {
				if said, in := knock(t, at, tt.engine != nil); in {
					t.Errorf("a stranger is let in at %s: %q", at, said)
				}
				if said, in := knock(t, at, false); in {
					t.Errorf("a stranger who speaks no TLS is let in at %s: %q", at, said)
				}
			}
			if _, out, stderr := cookbook(t, nil, as(file, "doctor")...); !strings.Contains(out, ", 3 in the cluster cookbook") || strings.Contains(out+stderr, secret) {
				t.Errorf("after the strangers: %s%s", out, stderr)
			}
		})
	}
}

// knock speaks to the listener of a cluster as an engine does that guesses the secret, and has no certificate. It returns what it hears
// and whether it was let in.
func knock(t *testing.T, at string, encrypted bool) (said string, in bool) {
	t.Helper()
	conn, err := net.DialTimeout("tcp", at, 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(5 * time.Second))
	if encrypted {
		secure := tls.Client(conn, &tls.Config{InsecureSkipVerify: true})
		if err := secure.Handshake(); err != nil {
			return err.Error(), false
		}
		conn = secure
	}
	lines := bufio.NewReader(conn)
	fmt.Fprint(conn, "CONNECT {\"user\":\"cookbook\",\"pass\":\"guessed\",\"name\":\"x\",\"cluster\":\"cookbook\",\"verbose\":false}\r\nPING\r\n")
	for {
		line, err := lines.ReadString('\n')
		said += line
		switch {
		case strings.HasPrefix(line, "PONG"):
			return said, true
		case err != nil || strings.HasPrefix(line, "-ERR"):
			return said, false
		}
	}
}

// Two processes that know each other by an address and a secret are all that a run on two machines takes.
func TestAWorkerElsewhereDoesTheWork(t *testing.T) {
	needNATS(t)
	file, _ := secretFile(t)
	_, said := background(t, "Ctrl-C ends it.", "engine", "--listen", "127.0.0.1:0", "--token-file", file)
	_, url, _ := strings.Cut(said.String(), "The engine listens on ")
	url, _, _ = strings.Cut(url, "\n")
	_, served := background(t, "function\tch5.", "worker", "--engine", url, "--token-file", file, "--concurrency", "2")
	if !strings.Contains(served.String(), "task\tch5.") {
		t.Errorf("the worker serves %s", served)
	}
	for _, recipe := range []string{"ch5.scoop", "ch5.scoop-map", "ch5.celery"} {
		if code, out, stderr := cookbook(t, nil, "run", recipe, "--workers", "0", "--engine", url, "--token-file", file); code != 0 {
			t.Errorf("%s: exit code %d, %s%s", recipe, code, out, stderr)
		}
	}
}
