package recording

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/json"
	"flag"
	"io"
	"os"
	"testing"

	"cookbook/internal/transcript"
	"cookbook/recipes"
)

var update = flag.Bool("update", false, "record all recipes anew, into recordings.zip")

// TestMakeRecordings runs all recipes, if told to, and packs what came of them.
func TestMakeRecordings(t *testing.T) {
	if !*update {
		t.Skip("make recordings does this")
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestCompression) })
	add := func(name string, text []byte) {
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write(text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, e := range recipes.Catalog().Entries() {
		r, err := Record(t.Context(), e)
		if err != nil {
			t.Fatal(err)
		}
		var events bytes.Buffer
		sink := transcript.JSON(&events)
		for _, event := range r.Events {
			sink.Event(event)
		}
		add(e.ID+eventsEnding, events.Bytes())
		add(e.ID+timelineEnding, marshal(t, r.Timeline))
	}
	add(aboutFile, marshal(t, Here()))
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("recordings.zip", b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
}

func marshal(t *testing.T, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
