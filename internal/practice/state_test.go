package practice

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func load(t *testing.T, file string) *State {
	t.Helper()
	s, err := Load(file)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestWhatIsDoneIsKept(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "new", "practice.json")
	s := load(t, file)
	if s.Exercises["a"].Status() != "new" || s.Last != "" {
		t.Errorf("without a file: %+v", s)
	}
	s.Begin("a", dir, time.Now())
	s.Begin("b", dir, time.Now())
	s.Exercises["b"].Solved, s.Exercises["b"].Hints = time.Now(), 1
	if err := s.Save(); err != nil {
		t.Fatal(err)
	}
	s = load(t, file)
	if s.Last != "b" || s.Exercises["a"].Status() != "begun" || s.Exercises["b"].Status() != "solved" || s.Exercises["b"].Hints != 1 {
		t.Errorf("kept: %+v", s)
	}
	begun := s.Exercises["a"].Begun
	s.Begin("a", filepath.Join(dir, "elsewhere"), time.Now())
	s.Begin("b", dir, time.Now())
	if !s.Exercises["a"].Begun.Equal(begun) || s.Exercises["b"].Status() != "solved" {
		t.Errorf("begun again: %+v", s)
	}
	if !s.Exercises["a"].Gone() {
		t.Error("a folder that is not there is not gone")
	}
}

func TestADamagedStateIsKeptBesideTheNewOne(t *testing.T) {
	for _, text := range []string{"", "{", `{"exercises": null}`, `{"exercises": {"a": null}}`, `{"exercises": {"a": {"dir": "x"}}}`, `[]`} {
		file := filepath.Join(t.TempDir(), "practice.json")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := Load(file)
		if !errors.Is(err, ErrDamaged) || s == nil || len(s.Exercises) != 0 {
			t.Errorf("%s: %+v, %v", text, s, err)
			continue
		}
		s.Begin("a", t.TempDir(), time.Now())
		if err := s.Save(); err != nil {
			t.Fatal(err)
		}
		if old, err := os.ReadFile(file + ".damaged"); err != nil || string(old) != text {
			t.Errorf("%s: kept %q, %v", text, old, err)
		}
		if s := load(t, file); s.Last != "a" {
			t.Errorf("%s: then %+v", text, s)
		}
	}
}

func TestAStateThatCannotBeWrittenLeavesTheOldOne(t *testing.T) {
	if err := load(t, "").Save(); err == nil {
		t.Error("without a folder it was written")
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s := &State{Exercises: map[string]*Progress{}, file: filepath.Join(file, "practice.json")}
	if err := s.Save(); err == nil {
		t.Error("below a file it was written")
	}
	s.file = filepath.Join(dir, "folder") // in whose place no file can be
	if err := os.MkdirAll(filepath.Join(s.file, "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := s.Save(); err == nil {
		t.Error("in place of a folder it was written")
	}
	if left, err := filepath.Glob(filepath.Join(dir, "folder.*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
