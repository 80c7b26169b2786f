package apart

import (
	"fmt"
	"path"
	"regexp"
	"strings"

	"cookbook/internal/explore"
)

// Raced is the kind of fault of a program that was built with the race detector, and in which the detector has found a data race. The
// detector is to end the program then, as GORACE=halt_on_error=1 tells it.
const Raced explore.FaultKind = "data race"

// raced is the first race that the detector has reported, in a sentence; "": it has reported none. The calls of package main are those of
// the program.
func raced(said string) string {
	_, report, found := strings.Cut(said, "WARNING: DATA RACE\n")
	if !found {
		return ""
	}
	report, _, _ = strings.Cut(report, "\n==================")
	var both []string
	for access := range strings.SplitSeq(report, "\n\n") {
		head, calls, _ := strings.Cut(access, "\n")
		what := regexp.MustCompile(`(?i)\b(read|write) at 0x`).FindStringSubmatch(head)
		if what == nil {
			continue // where a goroutine was started
		}
		at, lines := "", strings.Split(calls, "\n")
		for i := 0; i+1 < len(lines); i += 2 {
			place, _, _ := strings.Cut(path.Base(strings.TrimSpace(lines[i+1])), " ")
			if strings.HasPrefix(strings.TrimSpace(lines[i]), "main.") {
				at = place
				break
			}
			if at == "" {
				at = place
			}
		}
		both = append(both, fmt.Sprintf("a %s at %s", strings.ToLower(what[1]), at))
	}
	return strings.Join(both, " and ") + " use the same variable, and nothing puts the two in order"
}
