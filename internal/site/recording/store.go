package recording

import (
	"archive/zip"
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"cookbook/internal/transcript"
)

// archive is the recordings, as make recordings has packed them: two files for each recipe, and one about all of them. It is a string
// that nothing touches until a recording is read.
//
//go:embed recordings.zip
var archive string

// The names of the files in the archive: those of a recipe are its id and an ending.
const (
	eventsEnding   = ".jsonl"         // as cookbook run --json prints them
	timelineEnding = ".timeline.json" // a timeline.Timeline
	aboutFile      = "about.json"
)

// NotRecordedError is that this program has brought no recording of a recipe along.
type NotRecordedError struct{ Recipe string }

func (e *NotRecordedError) Error() string {
	return fmt.Sprintf("there is no recording of %s in this program; in a clone of the cookbook type: make recordings", e.Recipe)
}

// Read returns the recording of a recipe that this program has brought along; a *[NotRecordedError] if there is none. It takes about a
// millisecond.
func Read(id string) (Recording, error) {
	r, err := read(archive, id)
	if errors.Is(err, fs.ErrNotExist) {
		return Recording{}, &NotRecordedError{id}
	}
	if err != nil {
		return Recording{}, fmt.Errorf("the recording of %s in this program: %w", id, err)
	}
	return r, nil
}

func read(archive, id string) (r Recording, err error) {
	z, err := zip.NewReader(strings.NewReader(archive), int64(len(archive)))
	if err != nil {
		return r, err
	}
	events, err := fs.ReadFile(z, id+eventsEnding)
	if err != nil {
		return r, err
	}
	for e, err := range transcript.ReadJSON(bytes.NewReader(events)) {
		if err != nil {
			return r, err
		}
		r.Events = append(r.Events, e)
	}
	if err := readJSON(z, id+timelineEnding, &r.Timeline); err != nil {
		return r, err
	}
	return r, readJSON(z, aboutFile, &r.About)
}

func readJSON(z fs.FS, name string, v any) error {
	text, err := fs.ReadFile(z, name)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, v); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}
