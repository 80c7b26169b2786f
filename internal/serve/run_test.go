package serve_test

import (
	"bufio"
	"io"
	"net/http"
	"strings"
	"testing"

	"cookbook/internal/serve"
)

func TestARunIsShown(t *testing.T) {
	c := start(t, nil)
	html, timeline, last := c.run("ch9.say", "--lines=2", "--who=<b>", "--speed=max", "--", "--help")
	if *last != (end{OK: true}) || strings.Count(html, "hello &lt;b&gt; --help") != 2 || strings.Contains(html, "<b>") {
		t.Errorf("got %+v, %s", last, html)
	}
	if !strings.HasPrefix(timeline, "<svg") || !strings.Contains(timeline, "ch9.say") || strings.Contains(timeline, "<style") {
		t.Errorf("the timeline is %.100q", timeline)
	}
}

// A recipe that breaks its promise, one that needs more time, and one that ends the process.
func TestARunThatFailsIsShown(t *testing.T) {
	c := start(t, nil)
	for _, tt := range []struct {
		recipe, arg string
		code        int
		html, err   string
	}{
		{"ch9.broken", "--speed=1", 1, "FAILED", "one is two"},
		{"ch9.wait", "--timeout=100ms", 124, "waiting", "ch9.wait did not end within 100ms (--timeout)"},
		{"ch9.crash", "--speed=1", 7, "FAILED", "out of luck"},
		{"ch2.with", "--guard=other", 2, "", "--guard"},
	} {
		html, _, last := c.run(tt.recipe, tt.arg)
		if last.OK || last.Code != tt.code || !strings.Contains(html, tt.html) || !strings.Contains(last.Error, tt.err) {
			t.Errorf("%s %s: %+v, %s", tt.recipe, tt.arg, last, html)
		}
	}
}

// What a run gets of this machine: a folder of its own, and no variable that holds a secret or names this user's files.
func TestWhereARunIs(t *testing.T) {
	t.Setenv("HOME", "/home/of-this-user")
	c := start(t, nil)
	html, _, last := c.run("ch9.place")
	if !last.OK || !strings.Contains(html, "folder ") || !strings.Contains(html, "variable PATH=") || !strings.Contains(html, "variable TMPDIR=") {
		t.Errorf("%+v, %s", last, html)
	}
	for _, secret := range []string{"COOKBOOK_", "of-this-user", strings.Split(c.URL(), "/")[3]} {
		if strings.Contains(html, secret) {
			t.Errorf("a run gets %s: %s", secret, html)
		}
	}
	if !strings.Contains(html, "folder /") && !strings.Contains(html, `folder C:\`) || !strings.Contains(html, "cookbook-serve-") {
		t.Errorf("a run is not in a folder of its own: %s", html)
	}
}

func TestAPageHasOneRunAtATime(t *testing.T) {
	c := start(t, nil)
	_, leave := c.begin("a", "ch9.wait")
	answer := c.ask(t.Context(), "a", "ch9.say", nil, nil)
	text, _ := io.ReadAll(answer.Body)
	answer.Body.Close()
	if answer.StatusCode != http.StatusConflict || !strings.Contains(string(text), "a run of this page goes on") {
		t.Errorf("status %s, %s", answer.Status, text)
	}
	if _, _, last := read(t, c.ask(t.Context(), "b", "ch9.say", nil, nil)); !last.OK {
		t.Errorf("another page: %+v", last)
	}
	leave()
	if _, _, last := read(t, c.ask(t.Context(), "a", "ch9.say", nil, nil)); !last.OK { // which waits for the end of the first
		t.Errorf("behind the first: %+v", last)
	}
}

func TestAllPagesHaveSomeRunsAtATime(t *testing.T) {
	c := start(t, func(s *serve.Server) { s.SetRuns(2) })
	_, leave := c.begin("a", "ch9.wait")
	c.begin("b", "ch9.wait")
	answer := c.ask(t.Context(), "c", "ch9.say", nil, nil)
	text, _ := io.ReadAll(answer.Body)
	answer.Body.Close()
	if answer.StatusCode != http.StatusServiceUnavailable || !strings.Contains(string(text), "2 runs of other pages go on") {
		t.Errorf("status %s, %s", answer.Status, text)
	}
	leave()
	await(t, func() (bool, string) {
		answer := c.ask(t.Context(), "c", "ch9.say", nil, nil)
		answer.Body.Close()
		return answer.StatusCode == http.StatusOK, answer.Status
	})
}

// The end of the server is the end of what runs, which the pages are told.
func TestTheEndOfTheServerEndsRuns(t *testing.T) {
	c := start(t, nil)
	answer, leave := c.begin("a", "ch9.wait")
	defer leave()
	c.stop()
	var last string
	for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
		last = lines.Text()
	}
	if !strings.Contains(last, `"end":{"ok":false`) || !strings.Contains(last, "cookbook serve has been told to end") {
		t.Errorf("the last line is %s", last)
	}
	if _, err := c.http.Get(c.URL()); err == nil {
		t.Error("it still answers")
	}
}

// More than a run may say ends it.
func TestARunThatSaysTooMuchIsEnded(t *testing.T) {
	c := start(t, nil)
	if html, _, last := c.run("ch9.flood"); last.OK || !strings.Contains(last.Error, "it says more than 8 MB") || len(html) > 32<<20 {
		t.Errorf("got %d bytes, %+v", len(html), last)
	}
}
