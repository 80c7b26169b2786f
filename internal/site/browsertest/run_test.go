//go:build !race

package browsertest

import (
	"strings"
	"testing"

	"cookbook/internal/site/live/page"
)

// inPage opens the page of a recipe that runs in it.
func inPage(t *testing.T, name string) tab {
	t.Helper()
	p := window(t)
	if !page.Built() {
		lacks(t, "program", "this binary holds no program for pages; make program builds it")
	}
	p.open(served(t) + name)
	return p
}

// state is what the page says of the run.
const state = `document.querySelector("#run").dataset.state`

// run presses Run, and waits until the run is over.
func (p tab) run() {
	p.t.Helper()
	p.press(".start")
	p.until(`["ended", "failed", "stopped"].includes(` + state + `)`)
}

// press presses a button of the run.
func (p tab) press(button string) {
	p.t.Helper()
	p.eval(nil, `document.querySelector("#run `+button+`").scrollIntoView({block: "center", behavior: "instant"})`)
	p.click("#run " + button)
}

// set fills a field of the form in.
func (p tab) set(flag, value string) {
	p.t.Helper()
	p.eval(nil, `document.querySelector("#run [name='" + arguments[0] + "']").value = arguments[1]`, flag, value)
}

func (p tab) want(want string) {
	p.t.Helper()
	if got := p.text(state); got != want {
		p.t.Fatalf("the run is %s, want %s: %s", got, want, p.said())
	}
}

// said is what stands in the section of the run.
func (p tab) said() string {
	p.t.Helper()
	return p.text(`document.querySelector("#run").innerText`)
}

func TestARunInThePageKeepsItsPromise(t *testing.T) {
	p := inPage(t, "ch2/condition.html")
	for range 2 { // the second one finds the program loaded
		p.run()
		p.want("ended")
		if said := p.said(); !strings.Contains(said, "promises kept") {
			t.Errorf("no promises were kept: %s", said)
		}
		var lines, pictures int
		p.eval(&lines, `return document.querySelectorAll("#run .transcript .line").length`)
		p.eval(&pictures, `return document.querySelectorAll("#run .timeline svg").length`)
		if lines < 40 || pictures != 1 {
			t.Errorf("%d lines and %d timelines", lines, pictures)
		}
	}
	p.keep("run-in-page")
	p.quiet()
}

func TestADeadlockInThePageIsReported(t *testing.T) {
	p := inPage(t, "ch2/deadlock.html")
	p.run()
	p.want("ended")
	if said := p.said(); !strings.Contains(said, "deadlock") {
		t.Errorf("the recipe finds no deadlock: %s", said)
	}
	var wrong string
	p.eval(&wrong, `return document.querySelector("#run [name=wrong] option:not([value=''])").value`)
	p.set("wrong", wrong)
	p.run()
	p.want("failed")
	if said := p.said(); !strings.Contains(said, "deadlock") {
		t.Errorf("--wrong %s reports no deadlock: %s", wrong, said)
	}
	p.set("wrong", "")
	p.run()
	p.want("ended")
	p.quiet()
}

func TestStopEndsARunInThePageAtAnyTime(t *testing.T) {
	p := inPage(t, "ch2/condition.html")
	p.press(".start")
	p.press(".stop") // perhaps while the program is loaded
	p.until(state + ` == "stopped"`)
	p.set("speed", "1") // so it takes minutes
	p.set("items", "1000")
	p.press(".start")
	p.until(`document.querySelector("#run .transcript .line")`)
	p.press(".stop")
	p.until(state + ` == "stopped"`)

	p.open(p.text(`new URL("../ch1/gil.html", location).href`))
	p.set("below", "10000000") // so each thread computes for a long time
	p.press(".start")
	p.until(state + ` == "running"`)
	p.press(".stop")
	p.until(state + ` == "stopped"`)
	p.set("below", "1000")
	p.run()
	p.want("ended")
	p.quiet()
}

func TestAPageFromAFileSaysHowToRun(t *testing.T) {
	p := window(t)
	if !page.Built() {
		lacks(t, "program", "this binary holds no program for pages; make program builds it")
	}
	p.open(written(t) + "ch2/condition.html")
	p.run()
	p.want("failed")
	if said := p.said(); !strings.Contains(said, "cookbook serve") {
		t.Errorf("it does not name cookbook serve: %s", said)
	}
	p.quiet()
}
