package svg

import (
	"bytes"
	"encoding/xml"
	"io"
	"math"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"cookbook/internal/golden"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// sample has all that there is to draw.
func sample() *Picture {
	p := New(200, 80, "Who held the lock", "One lane: main holds the lock from 0 to 3 ms.")
	p.Text("heading", 10, 20, "main")
	p.Begin("c0", "main, 0 to 3 ms")
	p.Rect("fill", 60, 12.5, 1./3, 18)
	p.Line("line thick dash1", 60, 50, 180, -0.0001)
	p.End()
	var shape Path
	shape.Circle(170, 60, 4)
	p.Path("muted line", &shape)
	return p
}

// elements returns the elements of a picture, which must be well-formed, as name and attributes, and all its text.
func elements(t testing.TB, p *Picture) (elements []xml.StartElement, text string) {
	t.Helper()
	b, err := p.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	for d := xml.NewDecoder(bytes.NewReader(b)); ; {
		token, err := d.Token()
		if err == io.EOF {
			return elements, text
		} else if err != nil {
			t.Fatalf("the SVG is not well-formed: %v\n%s", err, b)
		}
		switch token := token.(type) {
		case xml.StartElement:
			elements = append(elements, token.Copy())
		case xml.CharData:
			text += string(token)
		}
	}
}

func TestAPictureIsWrittenAsApproved(t *testing.T) {
	elements(t, sample())
	b, _ := sample().Bytes()
	golden.Compare(t, "sample.svg", string(b))
}

func TestAScreenReaderIsToldWhatThereIs(t *testing.T) {
	all, text := elements(t, New(10, 10, `a "title" & more`, "what it shows"))
	attributes := map[string]string{}
	for _, a := range all[0].Attr {
		attributes[a.Name.Local] = a.Value
	}
	if attributes["role"] != "img" || attributes["aria-label"] != `a "title" & more` {
		t.Errorf("the picture has %v", attributes)
	}
	if all[1].Name.Local != "title" || all[2].Name.Local != "desc" || !strings.Contains(text, "what it shows") {
		t.Errorf("title and description do not come first: %v", all[:3])
	}
}

func TestHostileTextStaysText(t *testing.T) {
	const hostile = "</text><script>alert(1)</script>\x1b[31m\x00\u202eright\u2066\ufffe\"'&amp;\xff\na]]>"
	p := New(10, 10, hostile, hostile)
	p.Begin(`c0" onload="alert(1)`, hostile)
	p.Text("", 1, 1, hostile)
	p.End()
	all, text := elements(t, p)
	for _, e := range all {
		if !strings.Contains(" svg title desc style rect g text ", " "+e.Name.Local+" ") {
			t.Errorf("text became an element %q", e.Name.Local)
		}
		for _, a := range e.Attr {
			if a.Name.Local == "onload" {
				t.Errorf("text became an attribute of %q", e.Name.Local)
			}
		}
	}
	if n := strings.Count(text, "</text><script>alert(1)</script>␛[31m␀�right��\"'&amp;� a]]>"); n != 4 {
		t.Errorf("%d of 4 texts are what they should be: %q", n, text)
	}
}

func TestPicturesThatCannotBeAreErrors(t *testing.T) {
	for want, draw := range map[string]func(p *Picture){
		"finite": func(p *Picture) { p.Line("", 0, 0, math.NaN(), 0) },
		"a position is not": func(p *Picture) {
			var shape Path
			shape.Move(math.Inf(1), 0)
			p.Path("", &shape)
		},
		"1 times more": func(p *Picture) { p.Begin("", "") },
	} {
		p := New(10, 10, "a", "b")
		draw(p)
		if _, err := p.Bytes(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
	if _, err := New(0, 10, "a", "b").Bytes(); err == nil {
		t.Error("a picture without a width was written")
	}
}

func TestNumbersArePrintedShort(t *testing.T) {
	for n, want := range map[float64]string{0: "0", -0.001: "0", 1: "1", 1. / 3: "0.33", 1234.5: "1234.5", -2.999: "-3"} {
		if got := number(n); got != want {
			t.Errorf("%v: got %q, want %q", n, got, want)
		}
	}
}

func TestTextIsCutToItsRoom(t *testing.T) {
	if got := Fit("short", 13, 100); got != "short" {
		t.Errorf("got %q", got)
	}
	for _, long := range []string{strings.Repeat("many words ", 20), strings.Repeat("並行", 50)} {
		got := Fit(long, 13, 100)
		if !strings.HasSuffix(got, "…") || Width(got, 13) > 100 || len(got) < 8 {
			t.Errorf("got %q", got)
		}
	}
	if got := Fit("any", 13, 0); got != "…" {
		t.Errorf("without room: got %q", got)
	}
}

// luminance is what WCAG 2 calls relative luminance.
func luminance(hex string) float64 {
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		digits := strings.Index("0123456789abcdef", hex[1+2*i:2+2*i])*16 + strings.Index("0123456789abcdef", hex[2+2*i:3+2*i])
		c := float64(digits) / 255
		if c > 0.04045 {
			c = math.Pow((c+0.055)/1.055, 2.4)
		} else {
			c /= 12.92
		}
		sum += weight * c
	}
	return sum
}

func TestColoursStandOutFromTheGround(t *testing.T) {
	for name, value := range map[string]func(color) string{"light": func(c color) string { return c.light }, "dark": func(c color) string { return c.dark }} {
		var ground float64
		for _, c := range colors() {
			if c.class == "ground" {
				ground = luminance(value(c))
			}
		}
		for _, c := range colors() {
			l := luminance(value(c))
			contrast, want := (max(l, ground)+0.05)/(min(l, ground)+0.05), 3.0
			switch c.class {
			case "", "ink", "muted": // text
				want = 4.5
			case "grid", "ground":
				want = 1
			}
			if contrast < want {
				t.Errorf("%s, class %q: contrast %.2f, want %v", name, c.class, contrast, want)
			}
		}
	}
}
