package cli

import (
	"fmt"
	"strings"

	"cookbook/internal/explore"
	"cookbook/internal/terminal"
)

// replay is what one types to see a fault again, "" if it has no token.
func (s *subject) replay(fault *explore.Fault) string {
	if fault.Token == "" {
		return ""
	}
	text := "cookbook run " + s.command()
	if s.program.Seed != 1 {
		text += fmt.Sprintf(" --seed %d", s.program.Seed)
	}
	return text + " --schedule " + fault.Token
}

// showFault says what is wrong, and shows the schedule, beside the nearest one that passes.
func (a *app) showFault(s *subject, fault *explore.Fault) {
	a.paragraph(terminal.Bold|terminal.Red, strings.ToUpper(string(fault.Kind))+": "+fault.Text)
	fmt.Fprintln(a.Out)
	if fault.Trace != nil && len(fault.Trace.Steps) > 0 {
		newPicture(a, fault).draw()
		fmt.Fprintln(a.Out)
		a.paragraph(0, howFew(fault))
	}
	if again := s.replay(fault); again != "" {
		fmt.Fprintf(a.Out, "replay: %s\n", again) // in one line, to be copied
	} else if fault.Kind != explore.Strayed {
		a.paragraph(terminal.Dim, "It cannot be replayed: its schedule is too long for a token.")
	}
}

// howFew says whether less would do.
func howFew(fault *explore.Fault) string {
	text := count(fault.Steps, "step")
	switch {
	case fault.Preemptions == 0:
		return text + ", and no preemption is needed"
	case fault.Preemptions < 0:
		return text + "; how few preemptions would do is not known"
	case fault.Fewest:
		return fmt.Sprintf("%s with %s, the fewest: all schedules with fewer were run, and pass", text, count(fault.Preemptions, "preemption"))
	}
	return fmt.Sprintf("%s with %s; whether fewer would do is not known", text, count(fault.Preemptions, "preemption"))
}
