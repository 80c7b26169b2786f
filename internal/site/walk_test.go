package site

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
)

// document is what a test wants to know of a page.
type document struct {
	ids      map[string]bool
	links    []string // of a
	loaded   []string // what the browser loads with it
	headings []int    // levels
	title    string
	language string
	text     strings.Builder
}

// read reads a page and fails the test where it is not well-formed, or has what a strict policy forbids.
func read(t *testing.T, name string, page []byte) *document {
	t.Helper()
	d := &document{ids: map[string]bool{}}
	if err := d.read(page); err != nil {
		t.Errorf("%s: %v", name, err)
	}
	return d
}

func (d *document) read(page []byte) error {
	decoder := xml.NewDecoder(strings.NewReader(string(page)))
	decoder.Strict, decoder.Entity = false, xml.HTMLEntity
	var open []string
	for {
		token, err := decoder.RawToken()
		if errors.Is(err, io.EOF) {
			if len(open) > 0 {
				return fmt.Errorf("not closed: %q", open)
			}
			return nil
		}
		if err != nil {
			return err
		}
		switch token := token.(type) {
		case xml.StartElement:
			if err := d.element(token); err != nil {
				return err
			}
			if !isVoid(token.Name.Local) {
				open = append(open, token.Name.Local)
			}
		case xml.EndElement:
			if len(open) == 0 || open[len(open)-1] != token.Name.Local {
				if isVoid(token.Name.Local) {
					continue // <br/>, as RawToken reads it
				}
				return fmt.Errorf("</%s> where %q are open", token.Name.Local, open)
			}
			open = open[:len(open)-1]
		case xml.CharData:
			if len(open) > 0 {
				switch open[len(open)-1] {
				case "title":
					if d.title == "" {
						d.title = string(token)
					}
				case "script", "style":
					return fmt.Errorf("<%s> with %q in it", open[len(open)-1], token)
				}
			}
			d.text.Write(token)
		}
	}
}

func (d *document) element(e xml.StartElement) error {
	name := e.Name.Local
	if name == "style" || name == "iframe" || name == "object" {
		return fmt.Errorf("it has a <%s>", name)
	}
	if len(name) == 2 && name[0] == 'h' && name[1] >= '1' && name[1] <= '6' {
		d.headings = append(d.headings, int(name[1]-'0'))
	}
	for _, a := range e.Attr {
		switch key := a.Name.Local; {
		case key == "style" || strings.HasPrefix(key, "on"):
			return fmt.Errorf("<%s> has the attribute %s", name, key)
		case key == "lang" && name == "html":
			d.language = a.Value
		case key == "id":
			if d.ids[a.Value] || a.Value == "" {
				return fmt.Errorf("two elements have the id %q", a.Value)
			}
			d.ids[a.Value] = true
		case key == "href" && name == "a":
			d.links = append(d.links, a.Value)
		case key == "src" || key == "href" && a.Name.Space != "xlink" || key == "srcset" || key == "data":
			d.loaded = append(d.loaded, a.Value)
		}
	}
	return nil
}

// faults are what is wrong with the headings: the first is h1, there is one of it, and no level is left out on the way down.
func (d *document) faults() error {
	for i, level := range d.headings {
		switch {
		case i == 0 && level != 1:
			return fmt.Errorf("the first heading is h%d", level)
		case i > 0 && level == 1:
			return errors.New("there is a second h1")
		case i > 0 && level > d.headings[i-1]+1:
			return fmt.Errorf("heading %d is h%d below h%d", i+1, level, d.headings[i-1])
		}
	}
	if len(d.headings) == 0 {
		return errors.New("there is no heading")
	}
	return nil
}

func isVoid(name string) bool { return name == "wbr" || slices.Contains(xml.HTMLAutoClose, name) }
