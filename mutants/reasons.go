package main

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
)

// reasonsFile says of each mutant that survives why it does.
const reasonsFile = "mutants/survivors.txt"

// readReasons reads that file: lines with the keys of mutants, and below them, indented, the reason that all of them share. A line
// that begins with # is for the reader.
func readReasons(r io.Reader) (map[string]string, error) {
	reasons := map[string]string{}
	var keys, reason []string
	end := func() error {
		if len(keys) > 0 && len(reason) == 0 {
			return fmt.Errorf("%s: no reason stands below %q", reasonsFile, keys[len(keys)-1])
		}
		for _, key := range keys {
			if reasons[key] != "" {
				return fmt.Errorf("%s: %q stands there twice", reasonsFile, key)
			}
			reasons[key] = strings.Join(reason, " ")
		}
		keys, reason = nil, nil
		return nil
	}
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		line := lines.Text()
		text := strings.TrimSpace(line)
		switch {
		case text == "" || strings.HasPrefix(line, "#"):
		case text != line:
			if len(keys) == 0 {
				return nil, fmt.Errorf("%s: a reason without a mutant: %q", reasonsFile, text)
			}
			reason = append(reason, text)
		default:
			if len(reason) > 0 {
				if err := end(); err != nil {
					return nil, err
				}
			}
			keys = append(keys, line)
		}
	}
	if err := end(); err != nil {
		return nil, err
	}
	return reasons, lines.Err()
}

// unexplained are the survivors without a reason. stale are the reasons for mutants that are not there.
func unexplained(results []result, reasons map[string]string) (without []result, stale []string) {
	there := map[string]bool{}
	for _, r := range results {
		there[r.Key] = true
		if r.Killed == neither && r.Reason == "" {
			without = append(without, r)
		}
	}
	for key := range reasons {
		if !there[key] {
			stale = append(stale, key)
		}
	}
	slices.Sort(stale)
	return without, stale
}
