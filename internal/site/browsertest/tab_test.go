//go:build !race

package browsertest

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// tab is the browser's window, as one test uses it.
type tab struct {
	*browser
	t testing.TB
}

// must ends the test if a command has failed.
func (p tab) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// open loads a page, whose scripts have then run.
func (p tab) open(address string) {
	p.t.Helper()
	p.must(p.do("POST", "/url", map[string]any{"url": address}, nil))
}

// eval runs a function's body in the page, and reads what it returns, or what the promise that it returns becomes.
func (p tab) eval(result any, body string, args ...any) {
	p.t.Helper()
	if args == nil {
		args = []any{}
	}
	p.must(p.do("POST", "/execute/sync", map[string]any{"script": body, "args": args}, result))
}

// text is eval of an expression that is a string.
func (p tab) text(expression string, args ...any) (text string) {
	p.t.Helper()
	p.eval(&text, "return "+expression, args...)
	return text
}

// until waits for an expression to be true in the page.
func (p tab) until(expression string) {
	p.t.Helper()
	err := p.do("POST", "/execute/sync", map[string]any{"args": []any{}, "script": `
		const holds = () => (` + expression + `);
		return new Promise(done => {
			const look = () => holds() ? done(true) : setTimeout(look, 10);
			look();
		});`}, nil)
	if err != nil {
		p.t.Fatalf("it was never so that %s: %v\n%s", expression, err, p.text(`(document.querySelector("#run") || document.body).innerText.slice(0, 2000)`))
	}
}

// keys types into what has the focus, as a keyboard does. Keys without a character have those of WebDriver, such as tabKey.
func (p tab) keys(text string) {
	p.t.Helper()
	var actions []map[string]any
	for _, r := range text {
		for _, what := range []string{"keyDown", "keyUp"} {
			actions = append(actions, map[string]any{"type": what, "value": string(r)})
		}
	}
	p.must(p.do("POST", "/actions", map[string]any{"actions": []any{map[string]any{"type": "key", "id": "keyboard", "actions": actions}}}, nil))
}

// Keys that have no character.
const (
	escapeKey = "\ue00c"
	tabKey    = "\ue004"
	enterKey  = "\ue007"
	downKey   = "\ue015"
)

// click clicks on the first element that a selector of CSS names, which has to be in sight.
func (p tab) click(selector string) {
	p.t.Helper()
	var element map[string]string
	p.must(p.do("POST", "/element", map[string]any{"using": "css selector", "value": selector}, &element))
	for _, id := range element {
		p.must(p.do("POST", "/element/"+id+"/click", nil, nil))
	}
}

// screen has the window be so large, and the reader prefer a theme, dark or light.
func (p tab) screen(width, height int, theme string) {
	p.t.Helper()
	p.must(p.cdp("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}, nil))
	p.must(p.cdp("Emulation.setEmulatedMedia", map[string]any{"features": []any{map[string]string{"name": "prefers-color-scheme", "value": theme}}}, nil))
}

// picture returns the page, as much of it as the window shows, as a PNG.
func (p tab) picture() []byte {
	p.t.Helper()
	var text string
	p.must(p.do("GET", "/screenshot", nil, &text))
	png, err := base64.StdEncoding.DecodeString(text)
	p.must(err)
	return png
}

// keep writes a picture of the window for who wants to look at it.
func (p tab) keep(name string) {
	p.t.Helper()
	dir := os.Getenv("COOKBOOK_SCREENSHOTS")
	if dir == "" {
		return
	}
	p.must(os.MkdirAll(dir, 0o777))
	p.must(os.WriteFile(filepath.Join(dir, name+".png"), p.picture(), 0o666))
}

// complaints returns what the browser has said since the last call: errors of scripts, of the policy for content, and of requests.
func (p tab) complaints() (all []string) {
	p.t.Helper()
	var entries []struct{ Level, Message string }
	p.must(p.do("POST", "/se/log", map[string]any{"type": "browser"}, &entries))
	for _, e := range entries {
		all = append(all, e.Level+" "+e.Message)
	}
	return all
}

// quiet reports what the browser has complained about.
func (p tab) quiet() {
	p.t.Helper()
	if all := p.complaints(); len(all) > 0 {
		p.t.Errorf("the browser says:\n%s", strings.Join(all, "\n"))
	}
}
