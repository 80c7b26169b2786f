package serve_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"cookbook/internal/cli"
	"cookbook/internal/process"
	"cookbook/internal/serve"
)

// The tests are the program, too, that a server starts for a run.
func TestMain(m *testing.M) {
	process.Main()
	if len(os.Args) > 1 && os.Args[0] == "cookbook" {
		os.Exit(cli.Main(testCatalog(), os.Args[1:], cli.System()))
	}
	goleak.VerifyTestMain(m)
}

// client is a page that talks to a server.
type client struct {
	*serve.Server
	t    *testing.T
	http *http.Client
	stop func() // ends the server and waits for its end
}

// start starts a server, which change may change before.
func start(t *testing.T, change func(*serve.Server)) *client {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s, err := serve.Listen(serve.Config{Catalog: testCatalog(), Exe: exe, Env: append(os.Environ(), "COOKBOOK_SECRET=told")})
	if err != nil {
		t.Fatal(err)
	}
	s.SetRuns(4)
	if change != nil {
		change(s)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, pages()) }()
	transport := &http.Transport{}
	c := &client{Server: s, t: t, http: &http.Client{Transport: transport}}
	c.stop = func() {
		if cancel(); ended == nil {
			return
		}
		if err := <-ended; err != nil {
			t.Errorf("the server: %v", err)
		}
		ended = nil
		transport.CloseIdleConnections()
	}
	t.Cleanup(c.stop)
	return c
}

// host is the server's HOST:PORT.
func (c *client) host() string {
	u, err := url.Parse(c.URL())
	if err != nil {
		c.t.Fatal(err)
	}
	return u.Host
}

// ask asks for a run, as a page does, and returns the answer, which ends with ctx. Change may change the request.
func (c *client) ask(ctx context.Context, page, recipe string, args []string, change func(*http.Request)) *http.Response {
	c.t.Helper()
	body, err := json.Marshal(map[string]any{"recipe": recipe, "args": args, "page": page})
	if err != nil {
		c.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL()+"run", bytes.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Origin", "http://"+c.host())
	if change != nil {
		change(r)
	}
	answer, err := c.http.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	return answer
}

// end is the last message of a run.
type end struct {
	OK    bool
	Code  int
	Error string
}

// read reads an answer to its end.
func read(t *testing.T, answer *http.Response) (html, timeline string, last *end) {
	t.Helper()
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(answer.Body)
		t.Fatalf("status %s: %s", answer.Status, text)
	}
	lines := bufio.NewReader(answer.Body)
	var all strings.Builder
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			if last == nil || len(line) > 0 {
				t.Fatalf("%v after %s%s", err, all.String(), line)
			}
			return all.String(), timeline, last
		}
		var m struct {
			HTML, Timeline string
			End            *end
		}
		if err := json.Unmarshal(line, &m); err != nil || last != nil {
			t.Fatalf("%v: %s behind %v", err, line, last)
		}
		all.WriteString(m.HTML)
		timeline, last = timeline+m.Timeline, m.End
	}
}

// run has a recipe run, and reads all of it.
func (c *client) run(recipe string, args ...string) (html, timeline string, last *end) {
	c.t.Helper()
	return read(c.t, c.ask(c.t.Context(), "p", recipe, args, nil))
}

// begin has a recipe run, in a page that can be closed, and returns when it has said something.
func (c *client) begin(page, recipe string, args ...string) (answer *http.Response, leave func()) {
	c.t.Helper()
	ctx, cancel := context.WithCancel(c.t.Context())
	answer = c.ask(ctx, page, recipe, args, nil)
	if _, err := io.ReadFull(answer.Body, make([]byte, 1)); err != nil || answer.StatusCode != http.StatusOK {
		c.t.Fatalf("status %s: %v", answer.Status, err)
	}
	return answer, func() { cancel(); answer.Body.Close() }
}

// await waits until something is so, and says what was last.
func await(t *testing.T, so func() (bool, string)) {
	t.Helper()
	for range 3000 { // 30 s, on a machine that is busy
		if is, _ := so(); is {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	_, said := so()
	t.Fatal(said)
}

func TestAPortThatIsTakenIsNamed(t *testing.T) {
	c := start(t, nil)
	_, port, _ := strings.Cut(c.host(), ":")
	var n int
	fmt.Sscan(port, &n)
	_, err := serve.Listen(serve.Config{Port: n})
	var taken *serve.PortError
	if !errors.As(err, &taken) || taken.Port != n || !strings.Contains(err.Error(), "--port 0") {
		t.Errorf("got %v", err)
	}
}
