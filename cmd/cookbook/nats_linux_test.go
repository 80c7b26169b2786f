package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// needNATS skips a test that takes NATS servers as they are released, unless COOKBOOK_TEST_REQUIRE names nats-server. It takes a
// minute to build them.
func needNATS(t *testing.T) {
	t.Helper()
	if !required("nats-server") {
		t.Skip("COOKBOOK_TEST_REQUIRE does not name nats-server")
	}
}

// programs are cookbook and nats-server as their users have them, built once.
var programs = sync.OnceValues(func() (folder string, err error) {
	if folder, err = os.MkdirTemp("", "cookbook-test-"); err != nil {
		return "", err
	}
	builds = folder
	for name, pkg := range map[string]string{"cookbook": ".", "nats-server": "github.com/nats-io/nats-server/v2"} {
		cmd := exec.Command("go", "build", "-trimpath", "-o", filepath.Join(folder, name), pkg)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			return "", fmt.Errorf("build %s: %w\n%s", pkg, err, out)
		}
	}
	return folder, nil
})

// program returns the path of one of them.
func program(t *testing.T, name string) string {
	t.Helper()
	folder, err := programs()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(folder, name)
}

// A natsServer is a process of nats-server.
type natsServer struct {
	name   string
	config string // its file
	log    string // its file
	cmd    *exec.Cmd
}

// startNATS starts a server that keeps messages, with more in its configuration. It ends with the test.
func startNATS(t *testing.T, name, config string) *natsServer {
	t.Helper()
	folder := t.TempDir()
	s := &natsServer{name: name, config: filepath.Join(folder, "server.conf"), log: filepath.Join(folder, "log")}
	text := fmt.Sprintf("server_name: %s\njetstream { store_dir: %q }\nports_file_dir: %q\n%s\n", name, folder, folder, config)
	if err := os.WriteFile(s.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s.start(t)
	t.Cleanup(s.kill)
	return s
}

func (s *natsServer) start(t *testing.T) {
	t.Helper()
	s.cmd = exec.Command(program(t, "nats-server"), "-c", s.config, "-l", s.log)
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
}

// kill ends the server as a power cut does.
func (s *natsServer) kill() {
	s.cmd.Process.Kill()
	s.cmd.Wait()
}

// address waits until the server listens and returns where.
func (s *natsServer) address(t *testing.T) string {
	t.Helper()
	var found struct{ Nats []string }
	await30(t, func() (bool, string) {
		files, _ := filepath.Glob(filepath.Join(filepath.Dir(s.config), "*.ports"))
		for _, file := range files {
			text, _ := os.ReadFile(file)
			if json.Unmarshal(text, &found) == nil && len(found.Nats) > 0 {
				return true, ""
			}
		}
		log, _ := os.ReadFile(s.log)
		return false, "nats-server does not listen:\n" + string(log)
	})
	u, err := url.Parse(found.Nats[0])
	if err != nil {
		t.Fatal(err)
	}
	return u.Host
}

// await30 waits up to 30 s until something is so; otherwise the test fails with what is said about it.
func await30(t *testing.T, so func() (bool, string)) {
	t.Helper()
	for limit := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		done, why := so()
		if done {
			return
		}
		if time.Now().After(limit) {
			t.Fatal(why)
		}
	}
}

// connect opens a connection of the test's own.
func connect(t *testing.T, urls string, options ...nats.Option) jetstream.JetStream {
	t.Helper()
	nc, err := nats.Connect(urls, append(options, nats.MaxReconnects(-1), nats.ReconnectWait(50*time.Millisecond), nats.RetryOnFailedConnect(true))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	return js
}

// streams are the names of all streams of a server.
func streams(ctx context.Context, js jetstream.JetStream) (all []string, err error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	list := js.StreamNames(ctx)
	for name := range list.Name() {
		all = append(all, name)
	}
	return all, list.Err()
}

// cookbookProcess is the built program with a command line and an environment in which no server is named.
func cookbookProcess(t *testing.T, env []string, args ...string) (cmd *exec.Cmd, out, diagnostics *bytes.Buffer) {
	t.Helper()
	out, diagnostics = &bytes.Buffer{}, &bytes.Buffer{}
	cmd = exec.CommandContext(t.Context(), program(t, "cookbook"), args...)
	cmd.Env = append(append(os.Environ(), "COOKBOOK_ENGINE=", "COOKBOOK_ENGINE_TOKEN="), env...)
	cmd.Stdout, cmd.Stderr = out, diagnostics
	return cmd, out, diagnostics
}

// cookbook runs the built program and returns its exit code.
func cookbook(t *testing.T, env []string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	cmd, out, diagnostics := cookbookProcess(t, env, args...)
	err := cmd.Run()
	if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), diagnostics.String()
}

// secretFile is a file with a new secret, and the secret.
func secretFile(t *testing.T) (file, secret string) {
	t.Helper()
	file, secret = filepath.Join(t.TempDir(), "secret"), rand.Text()
	if err := os.WriteFile(file, []byte(secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return file, secret
}

// freePorts are ports that nobody listens on at the moment, for what has to be told before it starts.
func freePorts(t *testing.T, n int) (ports []string) {
	t.Helper()
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		_, port, _ := strings.Cut(l.Addr().String(), ":")
		ports = append(ports, port)
	}
	return ports
}
