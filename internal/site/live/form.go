package live

import (
	"fmt"
	"strings"

	"cookbook/internal/catalog"
)

// Where says where a recipe can be run.
type Where string

// The places.
const (
	InPage  Where = "page"  // in the page itself
	AtServe Where = "serve" // by the server that the page is from
	Nowhere Where = "none"  // at the command line alone
)

// Texts are what a page says in the language of its reader. A script finds those of the lower part at the section.
type Texts struct {
	Title   string `json:"title"`   // of the section
	Run     string `json:"run"`     // on the button
	Stop    string `json:"stop"`    // on the button
	Options string `json:"options"` // above the fields: what they are
	Command string `json:"command"` // before the command line of a recipe that runs nowhere else
	Itself  string `json:"itself"`  // in place of a wrong program
	Args    string `json:"args"`    // label of the arguments
	Speed   string `json:"speed"`   // label
	Book    string `json:"book"`    // the speed 1
	Max     string `json:"max"`     // the speed max
	Seed    string `json:"seed"`    // label
	NewSeed string `json:"newSeed"` // where no seed is given
	Range   string `json:"range"`   // {least} and {most} stand for the ends

	Loading string `json:"loading"` // the program, {done} and {total} in MB
	Running string `json:"running"`
	Ended   string `json:"ended"`
	Failed  string `json:"failed"`
	Stopped string `json:"stopped"`
	Forced  string `json:"forced"`  // it computes and does not listen, so it was ended by force
	Closed  string `json:"closed"`  // the stream ended before the run did
	File    string `json:"file"`    // a page from a file cannot start a program; {command}
	Lacking string `json:"lacking"` // the program did not load; {error}
}

// script are the texts that the script says, by the names of their attributes.
func (t *Texts) script() [][2]string {
	return [][2]string{
		{"loading", t.Loading}, {"running", t.Running}, {"ended", t.Ended}, {"failed", t.Failed}, {"stopped", t.Stopped},
		{"forced", t.Forced}, {"closed", t.Closed}, {"file", t.File}, {"lacking", t.Lacking}, {"range", t.Range},
	}
}

// Form is the section of a recipe's page in which it is run: the flags as the fields of a form, buttons, and the places for what run.js
// shows. Where a recipe can be run nowhere but at the command line, it says what to type. The section has the id run, and the attribute
// data-state: idle, loading, running, ended, failed or stopped.
func Form(e catalog.Entry, where Where, t *Texts) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<section id="run" aria-labelledby="run-title" data-recipe="%s" data-where="%s" data-state="idle"`, escape(e.ID), where)
	if where != Nowhere {
		for _, text := range t.script() {
			fmt.Fprintf(&b, ` data-text-%s="%s"`, text[0], escape(text[1]))
		}
	}
	fmt.Fprintf(&b, ">\n<h2 id=\"run-title\">%s</h2>\n", escape(t.Title))
	if where == Nowhere {
		fmt.Fprintf(&b, "<p>%s <code>cookbook run %s</code></p>\n</section>\n", escape(t.Command), escape(e.ID))
		return b.String()
	}
	fmt.Fprintf(&b, "<form novalidate>\n<details><summary>%s</summary>\n<div class=\"fields\">\n", escape(t.Options))
	fields(&b, e, t)
	fmt.Fprintf(&b, `</div>
</details>
<p class="buttons"><button type="submit" class="start">%s</button> <button type="button" class="stop" disabled>%s</button></p>
</form>
<p class="state" role="status"></p>
<progress hidden></progress>
<div class="transcript" aria-live="polite" tabindex="-1"></div>
<div class="timeline"></div>
</section>
`, escape(t.Run), escape(t.Stop))
	return b.String()
}
