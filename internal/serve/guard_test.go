package serve_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

// A request is answered only if a page of this server has sent it, and asks for nothing but a recipe and its own flags.
func TestWhatIsRefused(t *testing.T) {
	c := start(t, nil)
	secret := strings.Split(c.URL(), "/")[3]
	header := func(name string, values ...string) func(*http.Request) {
		return func(r *http.Request) { r.Header[name] = values }
	}
	path := func(p string) func(*http.Request) {
		return func(r *http.Request) { r.URL.Opaque = "//" + r.URL.Host + strings.ReplaceAll(p, "SECRET", secret) }
	}
	method := func(m string) func(*http.Request) { return func(r *http.Request) { r.Method = m } }
	host := func(h string) func(*http.Request) { return func(r *http.Request) { r.Host = h } }
	body := func(text string) func(*http.Request) {
		return func(r *http.Request) {
			r.Body, r.ContentLength = io.NopCloser(strings.NewReader(text)), int64(len(text))
		}
	}
	_, port, _ := strings.Cut(c.host(), ":")
	for name, tt := range map[string]struct {
		change func(*http.Request)
		want   int
	}{
		"a foreign origin":               {header("Origin", "http://example.org"), 403},
		"an origin on another port":      {header("Origin", "http://127.0.0.1:1"), 403},
		"the origin under another name":  {header("Origin", "http://localhost:"+port), 403},
		"an origin with TLS":             {header("Origin", "https://"+c.host()), 403},
		"an opaque origin":               {header("Origin", "null"), 403},
		"an empty origin":                {header("Origin", ""), 403},
		"no origin":                      {header("Origin"), 403},
		"two origins":                    {header("Origin", "http://"+c.host(), "http://example.org"), 403},
		"from another site":              {header("Sec-Fetch-Site", "cross-site"), 403},
		"from a neighbour":               {header("Sec-Fetch-Site", "same-site"), 403},
		"typed by a person":              {header("Sec-Fetch-Site", "none"), 403},
		"a form":                         {header("Content-Type", "application/x-www-form-urlencoded"), 415},
		"plain text":                     {header("Content-Type", "text/plain"), 415},
		"JSON in a form's clothes":       {header("Content-Type", "text/plain; application/json"), 415},
		"no type":                        {header("Content-Type"), 415},
		"no secret":                      {path("/run"), 404},
		"no path":                        {path("/"), 404},
		"an empty secret":                {path("//run"), 404},
		"a wrong secret":                 {path("/AAAAAAAAAAAAAAAAAAAAAAAAAA/run"), 404},
		"the secret and more":            {path("/SECRETX/run"), 404},
		"half the secret":                {path("/" + secret[:13] + "/run"), 404},
		"the secret in small letters":    {path("/" + strings.ToLower(secret) + "/run"), 404},
		"the secret behind another path": {path("/x/SECRET/run"), 404},
		"a run below a run":              {path("/SECRET/run/x"), 405},
		"a run from a page":              {path("/SECRET/"), 405},
		"another host":                   {host("example.org"), 403},
		"another host with the port":     {host("example.org:" + port), 403},
		"another port":                   {host("127.0.0.1:1"), 403},
		"no port":                        {host("127.0.0.1"), 403},
		"all addresses":                  {host("0.0.0.0:" + port), 403},
		"a name that begins alike":       {host("127.0.0.1.example.org:" + port), 403},
		"GET":                            {method("GET"), 405},
		"HEAD":                           {method("HEAD"), 405},
		"OPTIONS":                        {method("OPTIONS"), 405},
		"PUT":                            {method("PUT"), 405},
		"DELETE":                         {method("DELETE"), 405},
		"TRACE":                          {method("TRACE"), 405},
		"an empty body":                  {body(""), 400},
		"no JSON":                        {body("recipe=ch9.say"), 400},
		"an array":                       {body("[]"), 400},
		"a field nobody knows":           {body(`{"recipe":"ch9.say","command":"sh"}`), 400},
		"two objects":                    {body(`{"recipe":"ch9.say"} {}`), 400},
		"args that are no texts":         {body(`{"recipe":"ch9.say","args":[1]}`), 400},
		"no recipe":                      {body(`{}`), 404},
		"a recipe that is not there":     {body(`{"recipe":"ch9.nothing"}`), 404},
		"a part of a recipe's id":        {body(`{"recipe":"say"}`), 404},
		"a flag as a recipe":             {body(`{"recipe":"--help"}`), 404},
		"a file as a recipe":             {body(`{"recipe":"../ch9.say"}`), 404},
		"a page with a strange name":     {body(`{"recipe":"ch9.say","page":"../x"}`), 400},
		"a page with a long name":        {body(`{"recipe":"ch9.say","page":"` + strings.Repeat("x", 65) + `"}`), 400},
		"too many args":                  {body(`{"recipe":"ch9.say","args":["--lines=1"` + strings.Repeat(`,"--lines=1"`, 100) + `]}`), 400},
		"a long arg":                     {body(`{"recipe":"ch9.say","args":["--who=` + strings.Repeat("x", 1000) + `"]}`), 400},
		"a byte that ends texts":         {body(`{"recipe":"ch9.say","args":["--who=a\u0000b"]}`), 400},
		"a body of 65 kB":                {body(strings.Repeat(" ", 65<<10)), 413},
	} {
		t.Run(name, func(t *testing.T) {
			answer := c.ask(t.Context(), "p", "ch9.say", nil, tt.change)
			defer answer.Body.Close()
			text, err := io.ReadAll(answer.Body)
			if answer.StatusCode != tt.want || err != nil || strings.Contains(string(text), secret) {
				t.Errorf("status %s, %s, %v; want %d", answer.Status, text, err, tt.want)
			}
			guarded(t, answer.Header)
		})
	}
	t.Run("nothing", func(t *testing.T) {
		for _, change := range []func(*http.Request){
			nil, header("Sec-Fetch-Site", "same-origin"), header("Content-Type", "application/json; charset=utf-8"),
			func(r *http.Request) { r.Host = "localhost:" + port; r.Header.Set("Origin", "http://"+r.Host) },
		} {
			answer := c.ask(t.Context(), "p", "ch9.say", nil, change)
			guarded(t, answer.Header)
			if html, _, last := read(t, answer); !last.OK || !strings.Contains(html, "hello world") {
				t.Errorf("got %s, %+v", html, last)
			}
		}
	})
}

// guarded checks the headers that every answer has.
func guarded(t *testing.T, h http.Header) {
	t.Helper()
	for name, want := range map[string]string{
		"Content-Security-Policy": "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; ", "X-Content-Type-Options": "nosniff",
		"X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
		"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
	} {
		if got := h.Get(name); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	for name := range h {
		if strings.HasPrefix(name, "Access-Control-") || name == "Set-Cookie" {
			t.Errorf("it sends %s", name)
		}
	}
}

// No flag that names a file, a place or another program is taken, and no flag of the command line that is not the recipe's.
func TestFlagsThatReachFurtherAreRefused(t *testing.T) {
	c := start(t, nil)
	for _, tt := range []struct{ recipe, arg string }{
		{"ch9.say", "--plot=x.svg"}, {"ch1.memory", "--plot=x.svg"}, {"ch1.speedup", "--plot=/tmp/x.svg"}, {"ch2.performance", "--plot=x.svg"},
		{"ch6.opencl-test", "--plot=x.svg"}, {"ch5.disco", "--input=/etc"}, {"ch5.pyro-shop", "--store=x"},
		{"ch2.lock", "--timeline"}, {"ch2.lock", "--timeline=x.svg"}, {"ch2.lock", "--trace=x"}, {"ch2.lock", "--json"}, {"ch2.lock", "--plain"},
		{"ch2.lock", "--schedule=x"}, {"ch2.lock", "--help"}, {"ch2.lock", "-h"}, {"ch2.lock", "--bare=/x"}, {"ch2.lock", "word"}, {"ch2.lock", "--"},
		{"ch3.mpi-hello", "--engine=mpi"}, {"ch3.mpi-hello", "--hosts=example.org"}, {"ch3.mpi-hello", "--hostfile=/etc/hosts"},
		{"ch5.celery", "--engine=nats://example.org"}, {"ch5.celery", "--token-file=/etc/passwd"}, {"ch5.celery", "--creds=x"},
		{"ch5.celery", "--nkey=x"}, {"ch5.celery", "--ca=x"}, {"ch6.jit", "--device=cuda"}, {"ch2.lock", "--python=/bin/sh"},
		{"ch2.lock", "--timeout=6m"}, {"ch2.lock", "--timeout=0s"}, {"ch2.lock", "--count=x"}, {"ch2.lock", "--speed=0"},
	} {
		args := []string{tt.arg}
		if tt.arg == "--" {
			args = append(args, "--plot=x.svg")
		}
		answer := c.ask(t.Context(), "p", tt.recipe, args, nil)
		var refused struct{ Error string }
		if err := json.NewDecoder(answer.Body).Decode(&refused); err != nil || answer.StatusCode != 400 || refused.Error == "" {
			t.Errorf("%s %s: status %s, %q, %v", tt.recipe, tt.arg, answer.Status, refused.Error, err)
		}
		answer.Body.Close()
	}
}

func TestPages(t *testing.T) {
	c := start(t, nil)
	for _, tt := range []struct {
		method, path string
		want         int
		kind, text   string
	}{
		{"GET", "", 200, "text/html; charset=utf-8", "<!doctype html><title>Home</title>"},
		{"GET", "index.html", 200, "text/html; charset=utf-8", "<!doctype html><title>Home</title>"},
		{"HEAD", "index.html", 200, "text/html; charset=utf-8", ""},
		{"GET", "ch9/say.html?x=1", 200, "text/html; charset=utf-8", "<!doctype html><title>Say</title>"},
		{"GET", "assets/run.js", 200, "text/javascript; charset=utf-8", "'use strict';"},
		{"GET", "assets/a.css", 200, "text/css; charset=utf-8", "p {}"},
		{"GET", "assets/p.svg", 200, "image/svg+xml", "<svg/>"},
		{"GET", "assets/unknown", 200, "application/octet-stream", "?"},
		{"GET", "ch9", 404, "", ""}, {"GET", "ch9/", 404, "", ""}, {"GET", "assets/", 404, "", ""}, {"GET", "nothing.html", 404, "", ""},
		{"GET", "../etc/passwd", 404, "", ""}, {"GET", "..%2f..%2fetc%2fpasswd", 404, "", ""}, {"GET", "%2e%2e/index.html", 404, "", ""},
		{"GET", "ch9/../index.html", 404, "", ""}, {"GET", "./index.html", 404, "", ""}, {"GET", "/index.html", 404, "", ""},
		{"GET", "..%5cindex.html", 404, "", ""}, {"GET", "index.html%00", 404, "", ""}, {"GET", "run", 405, "", ""},
		{"OPTIONS", "index.html", 405, "", ""}, {"POST", "index.html", 405, "", ""}, {"PROPFIND", "", 405, "", ""},
	} {
		r, err := http.NewRequestWithContext(t.Context(), tt.method, c.URL(), nil)
		if err != nil {
			t.Fatal(err)
		}
		r.URL.Opaque = strings.TrimPrefix(c.URL(), "http:") + tt.path
		answer, err := c.http.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		guarded(t, answer.Header)
		if answer.StatusCode != tt.want || err != nil || tt.want == 200 && (string(text) != tt.text || answer.Header.Get("Content-Type") != tt.kind) {
			t.Errorf("%s %s: status %s, %s, %q, %v; want %d", tt.method, tt.path, answer.Status, answer.Header.Get("Content-Type"), text, err, tt.want)
		}
	}
}

func TestTheAddressWithoutItsLastSlashLeadsOn(t *testing.T) {
	c := start(t, nil)
	answer, err := c.http.Get(strings.TrimSuffix(c.URL(), "/"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(answer.Body)
	answer.Body.Close()
	guarded(t, answer.Header)
	if answer.StatusCode != 200 || err != nil || answer.Request.URL.String() != c.URL() || !strings.Contains(string(text), "<title>Home</title>") {
		t.Errorf("%d at %s, %v: %s", answer.StatusCode, answer.Request.URL, err, text)
	}
}
