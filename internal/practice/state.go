package practice

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// State is how far the user is with the exercises: a file in the user's state folder.
type State struct {
	Exercises map[string]*Progress `json:"exercises"`      // by name; of those not in it nothing is done
	Last      string               `json:"last,omitempty"` // the one that was begun, or judged, last

	file    string
	damaged bool
}

// Progress is how far the user is with one of them.
type Progress struct {
	Dir    string    `json:"dir"` // where its module is, absolute
	Begun  time.Time `json:"begun"`
	Solved time.Time `json:"solved,omitzero"`
	Hints  int       `json:"hints,omitempty"` // that were shown
}

// Status is that in one word: new, begun, solved.
func (p *Progress) Status() string {
	switch {
	case p == nil:
		return "new"
	case p.Solved.IsZero():
		return "begun"
	}
	return "solved"
}

// Gone reports whether the folder of an exercise that was begun is no longer there.
func (p *Progress) Gone() bool {
	_, err := os.Stat(filepath.Join(p.Dir, "go.mod"))
	return errors.Is(err, fs.ErrNotExist)
}

// ErrDamaged is a state that cannot be read. Nothing is done then, as far as it is known, and Save keeps the old file beside the new one.
var ErrDamaged = errors.New("what was done is not known")

// Load reads the state in a file. Without the file nothing is done yet; if the name is empty, there is no place for it. The error, if there
// is one, is ErrDamaged; the state is usable all the same.
func Load(file string) (*State, error) {
	s := &State{Exercises: map[string]*Progress{}, file: file}
	if file == "" {
		return s, nil
	}
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err == nil {
		err = json.Unmarshal(text, s)
	}
	for name, p := range s.Exercises {
		if p == nil || !filepath.IsAbs(p.Dir) {
			err = fmt.Errorf("it has no folder for %s", name)
		}
	}
	if err == nil && s.Exercises == nil {
		err = errors.New("it has no exercises")
	}
	if err != nil {
		return &State{Exercises: map[string]*Progress{}, file: file, damaged: true}, fmt.Errorf("%s is damaged: %w (%w)", file, ErrDamaged, err)
	}
	return s, nil
}

// Save writes the state to its file, whole or not at all. A damaged file it leaves under another name, which ends in .damaged.
func (s *State) Save() error {
	if s.file == "" {
		return errors.New("there is no folder for it (XDG_STATE_HOME and HOME are not set)")
	}
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(s.file), 0o700); err != nil {
		return err
	}
	next := fmt.Sprintf("%s.%d", s.file, os.Getpid())
	if err = os.WriteFile(next, append(text, '\n'), 0o600); err == nil && s.damaged {
		if err = os.Rename(s.file, s.file+".damaged"); err == nil {
			s.damaged = false
		}
	}
	if err == nil {
		err = os.Rename(next, s.file)
	}
	if err != nil {
		os.Remove(next)
	}
	return err
}

// Same reports whether two paths are one folder.
func Same(a, b string) bool {
	if a == b {
		return true
	}
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

// Begin notes that an exercise was begun in a folder. What was solved stays solved.
func (s *State) Begin(name, dir string, now time.Time) {
	p := s.Exercises[name]
	if p == nil {
		p = &Progress{Begun: now}
		s.Exercises[name] = p
	}
	p.Dir, s.Last = dir, name
}
