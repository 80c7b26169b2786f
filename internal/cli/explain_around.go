package cli

import (
	"fmt"
	"strings"

	"cookbook/internal/catalog"
)

// What an explanation says of the recipes around it is made from the catalog, so that it cannot be wrong.

// introduction is what explain shows of a chapter: its page, and its recipes as commands to type.
func introduction(ch *catalog.Chapter) ([]part, error) {
	text, err := introductionOf(ch)
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	b.WriteString("\n## The recipes\n\n")
	if len(ch.Recipes) == 0 {
		b.WriteString("This chapter has no recipes yet.\n")
	}
	for _, r := range ch.Recipes {
		fmt.Fprintf(&b, "- `cookbook explain %s`: %s (§%s)\n", r.ID, r.Title, r.Section)
	}
	return []part{{ending: catalog.Explanation, text: append(withNewline(text), b.String()...)}}, nil
}

func introductionOf(ch *catalog.Chapter) ([]byte, error) {
	text, err := ch.Introduction()
	if err != nil {
		return nil, fmt.Errorf("chapter %d lacks its introduction, recipes/%[2]s/%[2]s%[3]s: %[4]w", ch.Number, ch.ID(), catalog.Explanation, err)
	}
	return text, nil
}

// sayEngine says below an explanation what else the recipe runs on.
func sayEngine(e catalog.Entry) string {
	where, engine := "where `cookbook doctor` finds MPI", e.Engine
	switch catalog.Need(e.Engine) {
	case "":
		return ""
	case catalog.NATS:
		where, engine = "on a NATS server, of this machine or another, such as `cookbook engine` starts", "nats://HOST:PORT"
	}
	return fmt.Sprintf("\n## On a real engine\n\nThe same recipe, and the same promise, %s:\n\n"+
		"    cookbook run %[2]s --engine %[3]s\n    cookbook verify %[2]s --engine %[3]s\n", where, e.ID, engine)
}

// sayDevice says the same of the devices.
func sayDevice(e catalog.Entry) string {
	if !e.Device {
		return ""
	}
	return fmt.Sprintf("\n## On a device\n\nThe same recipe, and the same promise, on a device of OpenCL or CUDA, which `cookbook run ch6.devices` lists:\n\n"+
		"    cookbook run %[1]s --device opencl\n    cookbook verify %[1]s --device cuda:0\n", e.ID)
}

// beforeAndNext says at the end what to read on: the recipes on either side in the book, and the chapter's introduction.
func beforeAndNext(c *catalog.Catalog, e catalog.Entry) []byte {
	var b strings.Builder
	b.WriteString("## Before and next\n\n")
	before, next := c.Neighbours(e)
	for _, n := range []struct {
		which string
		entry *catalog.Entry
	}{{"before", before}, {"next", next}} {
		if n.entry != nil {
			fmt.Fprintf(&b, "- %s: `cookbook explain %s` (%s)\n", n.which, n.entry.ID, n.entry.Title)
		}
	}
	fmt.Fprintf(&b, "- the chapter: `cookbook explain %s` (%s)\n", e.Chapter.ID(), e.Chapter.Title)
	return []byte(b.String())
}
