package chart

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func sample(log2 bool) Chart {
	return Chart{Title: "What threads gain", X: "threads", Y: "times as fast", Log2: log2, Lines: []Line{
		{Name: "ideal", Points: []Point{{1, 1}, {8, 8}}, Guide: true},
		{Name: "http", Points: []Point{{1, 1}, {2, 1.9}, {4, 3.8}, {8, 7.1}}},
		{Name: "nothing", Points: []Point{{1, 0.1}, {2, 0.2}, {4, 0.3}, {8, 0.4}}},
	}}
}

func TestSaveDrawsWhatTheEndingSays(t *testing.T) {
	for _, log2 := range []bool{false, true} {
		svg, img := filepath.Join(t.TempDir(), "a.svg"), filepath.Join(t.TempDir(), "a.png")
		for _, name := range []string{svg, img} {
			if err := sample(log2).Save(name); err != nil {
				t.Fatal(err)
			}
		}
		text, err := os.ReadFile(svg)
		if err != nil {
			t.Fatal(err)
		}
		for d := xml.NewDecoder(bytes.NewReader(text)); ; {
			if _, err := d.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("no well-formed SVG: %v", err)
			}
		}
		for _, want := range []string{"What threads gain", "threads", "times as fast", "ideal", "http", "nothing"} {
			if !strings.Contains(string(text), ">"+want+"<") {
				t.Errorf("%q is not in the picture", want)
			}
		}
		f, err := os.Open(img)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if picture, err := png.Decode(f); err != nil || picture.Bounds().Dx() < 500 {
			t.Errorf("no PNG to look at: %v", err)
		}
	}
}

func TestFilesThatCannotBe(t *testing.T) {
	for _, name := range []string{"", "x", "x.jpg", ".svg/x.pdf", filepath.Join(t.TempDir(), "nowhere", "x.svg")} {
		if err := CheckFile(name); !errors.Is(err, ErrFile) {
			t.Errorf("%q: %v", name, err)
		}
		if err := sample(true).Save(name); !errors.Is(err, ErrFile) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestALineThatCannotBeDrawnIsAnError(t *testing.T) {
	c := sample(true)
	c.Lines[1].Points[0].Y = 0 // has no logarithm
	if err := c.Save(filepath.Join(t.TempDir(), "a.svg")); err == nil || !strings.Contains(err.Error(), `"http"`) {
		t.Errorf("got %v", err)
	}
}
