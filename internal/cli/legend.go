package cli

import (
	"os"
	"path/filepath"
)

// The marks are explained below the first transcripts that a reader sees on a terminal. How many that were is the length of a file.
const legendTimes = 3

// showLegend reports whether to explain the marks, and counts that. Where the count cannot be kept the answer is no, or a reader
// would be told for ever. COOKBOOK_LEGEND=always and =never decide without a file.
func (a *app) showLegend() bool {
	switch a.Env.Get("COOKBOOK_LEGEND") {
	case "always":
		return true
	case "never":
		return false
	}
	folder := a.stateFolder()
	if !a.OutTTY || folder == "" || os.MkdirAll(folder, 0o700) != nil {
		return false
	}
	f, err := os.OpenFile(filepath.Join(folder, "legend-shown"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return false
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() >= legendTimes {
		return false
	}
	_, err = f.Write([]byte{'.'})
	return err == nil
}

// stateFolder is where programs keep what is neither data nor settings (XDG Base Directory Specification); "" if there is no such
// place.
func (a *app) stateFolder() string {
	if state := a.Env.Get("XDG_STATE_HOME"); filepath.IsAbs(state) {
		return filepath.Join(state, "cookbook")
	}
	home := a.Env.Get("HOME")
	if home == "" {
		home = a.Env.Get("USERPROFILE")
	}
	if !filepath.IsAbs(home) {
		return ""
	}
	return filepath.Join(home, ".local", "state", "cookbook")
}
