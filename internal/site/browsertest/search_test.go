//go:build !race

package browsertest

import (
	"strings"
	"testing"
)

func TestSearchFindsWhileOneTypes(t *testing.T) {
	p := window(t)
	for _, at := range []string{served(t), written(t)} {
		p.open(at + "ch2/lock.html")
		p.keys("/false sharing")
		p.until(`document.querySelector("#found:not([hidden]) li a")`)
		if found := p.text(`document.querySelector("#found ol").innerText`); !strings.Contains(strings.ToLower(found), "false sharing") {
			t.Errorf("%s: found %q", at, found)
		}
		p.keep("search")
		p.keys(downKey + enterKey)
		p.until(`!location.pathname.endsWith("/lock.html") || location.hash != ""`)
		p.until(`document.readyState == "complete"`)
		if page := p.text("document.body.innerText"); !strings.Contains(strings.ToLower(page), "false sharing") {
			t.Errorf("%s has no false sharing", p.text("location.href"))
		}
		p.open(at + "index.html")
		p.keys("/zzzzqqq")
		p.until(`document.querySelector("#found:not([hidden])") && !document.querySelector("#found li a")`)
		p.keys(escapeKey)
		p.until(`document.querySelector("#found").hidden`)
		p.quiet()
	}
}
