//go:build !race

package browsertest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"time"

	"cookbook/internal/child"
)

// browser is a session of WebDriver: one window of chromium.
type browser struct {
	address string // of the session
	stop    context.CancelFunc
	ended   chan error
	profile string // a folder of its own
}

// start starts chromedriver, and chromium by it. The caller closes the browser.
func start(ctx context.Context) (*browser, error) {
	profile, err := os.MkdirTemp("", "browsertest-")
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(ctx)
	b := &browser{stop: stop, ended: make(chan error, 1), profile: profile}
	out, in := io.Pipe()
	cmd := exec.CommandContext(ctx, "chromedriver", "--port=0")
	cmd.Env = append(os.Environ(), "HOME="+profile)
	cmd.Stdout = in
	go func() {
		err := child.Run(cmd)
		in.CloseWithError(io.ErrUnexpectedEOF)
		b.ended <- err
	}()
	port, err := portOf(out)
	if err == nil {
		b.address, err = b.newSession("http://127.0.0.1:" + port)
	}
	if err != nil {
		b.close()
		return nil, fmt.Errorf("chromedriver: %w", err)
	}
	return b, nil
}

// portOf reads which port chromedriver listens on, and goes on to read what it prints.
func portOf(out io.Reader) (string, error) {
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if _, port, ok := strings.Cut(lines.Text(), "started successfully on port "); ok {
			go io.Copy(io.Discard, out)
			return strings.TrimRight(port, "."), nil
		}
	}
	return "", fmt.Errorf("it has not said its port: %w", lines.Err())
}

func (b *browser) newSession(driver string) (string, error) {
	args := []string{
		"--headless=new", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
		"--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars", "--force-color-profile=srgb", "--user-data-dir=" + b.profile,
	}
	if os.Getuid() == 0 {
		args = append(args, "--no-sandbox") // chromium's does not work for root
	}
	capabilities := map[string]any{
		"browserName": "chrome", "pageLoadStrategy": "normal",
		"goog:chromeOptions": map[string]any{"args": args},
		"goog:loggingPrefs":  map[string]any{"browser": "ALL"},
		"timeouts":           map[string]any{"script": patience.Milliseconds(), "pageLoad": patience.Milliseconds()},
	}
	var session struct {
		ID string `json:"sessionId"`
	}
	err := call("POST", driver+"/session", map[string]any{"capabilities": map[string]any{"alwaysMatch": capabilities}}, &session)
	return driver + "/session/" + session.ID, err
}

// close ends the browser and its driver, and removes what they have written.
func (b *browser) close() error {
	if b.address != "" {
		call("DELETE", b.address, nil, nil)
	}
	b.stop()
	<-b.ended
	return os.RemoveAll(b.profile)
}

// patience is how long one command may take, such as one that waits for a recipe: longer than the site lets one run.
const patience = 2 * time.Minute

// do sends a command to the session, and reads its value into result, which may be nil.
func (b *browser) do(method, command string, body, result any) error {
	return call(method, b.address+command, body, result)
}

// cdp sends a command of chromium's own protocol.
func (b *browser) cdp(command string, params map[string]any, result any) error {
	return b.do("POST", "/goog/cdp/execute", map[string]any{"cmd": command, "params": params}, result)
}

var client = &http.Client{Timeout: patience + 10*time.Second, Transport: &http.Transport{DisableKeepAlives: true}}

func call(method, address string, body, result any) error {
	var text []byte
	if method == "POST" {
		if body == nil {
			body = struct{}{}
		}
		var err error
		if text, err = json.Marshal(body); err != nil {
			return err
		}
	}
	request, err := http.NewRequest(method, address, bytes.NewReader(text))
	if err != nil {
		return err
	}
	answer, err := client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	var reply struct{ Value json.RawMessage }
	if err := json.NewDecoder(answer.Body).Decode(&reply); err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		var failed struct{ Error, Message string }
		json.Unmarshal(reply.Value, &failed)
		return fmt.Errorf("%s: %s", failed.Error, failed.Message)
	}
	if result == nil {
		return nil
	}
	return json.Unmarshal(reply.Value, result)
}
