package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"cookbook/internal/catalog"
	"cookbook/internal/command"
	"cookbook/internal/explore"
)

// saved is the file in the user's state folder from which --resume goes on.
type saved struct {
	Program   string         `json:"program"` // the recipe with its flags
	Version   string         `json:"version"` // of the recipe
	Seed      uint64         `json:"seed"`
	When      time.Time      `json:"when"`
	Schedules int            `json:"schedules"`
	Bound     string         `json:"bound"`
	State     *explore.State `json:"state"`
}

var errNoState = errors.New("nothing to go on from")

// stateFile is where the state of a search is kept, "" if nothing can be kept.
func (a *app) stateFile(s *subject) string {
	folder := a.stateFolder()
	if folder == "" {
		return ""
	}
	name := sha256.Sum256(fmt.Append(nil, s.program.ID, s.program.Seed))
	return filepath.Join(folder, "explore", s.ID+"-"+hex.EncodeToString(name[:8])+".json")
}

// savedState is what the last search of a recipe with the same flags has left, and that in words.
func (a *app) savedState(s *subject) (*explore.State, string, error) {
	again := "leave out --resume to begin anew"
	file := a.stateFile(s)
	if file == "" {
		return nil, "", usagef("--resume: there is no folder for what a search leaves (XDG_STATE_HOME and HOME are not set); %s", again)
	}
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, "", usagef("--resume: %w: no search of %s was cut short; %s", errNoState, s.command(), again)
	}
	if err != nil {
		return nil, "", fmt.Errorf("--resume: read %s: %w; %s", file, command.WithoutPath(err), again)
	}
	var was saved
	if err := json.Unmarshal(text, &was); err != nil || was.State == nil || was.Program != s.program.ID {
		return nil, "", usagef("--resume: %s is no state of a search of %s; %s", file, s.command(), again)
	}
	if version, err := s.version(); err != nil || was.Version != version {
		return nil, "", usagef("--resume: the last search of %s was of another version of the recipe, or by another version of this program; %s", s.command(), again)
	}
	return was.State, fmt.Sprintf("goes on from %s schedules (%s), run until %s", thousands(was.Schedules), was.Bound, was.When.Local().Format("2006-01-02 15:04")), nil
}

// keepState keeps what --resume goes on from, or removes it after a search that is at its end. It reports whether there is something
// to go on from. The error says why nothing could be kept.
func (a *app) keepState(s *subject, r *explore.Result) (kept bool, err error) {
	file := a.stateFile(s)
	if file == "" {
		return false, nil
	}
	if r.State == nil || r.Verdict == explore.Complete || len(r.Faults) > 0 {
		os.Remove(file)
		return false, nil
	}
	version, err := s.version()
	if err != nil {
		return false, err
	}
	text, err := json.Marshal(saved{s.program.ID, version, s.program.Seed, time.Now(), r.Schedules, covered(r.Bound), r.State})
	if err != nil {
		return false, err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return false, err
	}
	next := fmt.Sprintf("%s.%d", file, os.Getpid())
	if err = os.WriteFile(next, text, 0o600); err == nil {
		err = os.Rename(next, file)
	}
	if err != nil {
		os.Remove(next)
	}
	return err == nil, err
}

// version is different if the recipe, its promise or this program is another one.
func (s *subject) version() (string, error) {
	sum := sha256.New()
	fmt.Fprintln(sum, runtime.Version(), version())
	err := fs.WalkDir(s.Chapter.Files, ".", func(name string, d fs.DirEntry, err error) error {
		rest, own := strings.CutPrefix(name, s.Stem()) // lock.go, lock_wrong.go
		if err != nil || d.IsDir() || !own || rest != catalog.Promise && rest != catalog.Source && rest != "_wrong"+catalog.Source {
			return err
		}
		text, err := fs.ReadFile(s.Chapter.Files, name)
		fmt.Fprintf(sum, "%s %d\n%s", name, len(text), text)
		return err
	})
	return hex.EncodeToString(sum.Sum(nil)[:16]), err
}
