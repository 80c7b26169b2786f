package cli

import (
	"time"

	"cookbook/internal/explore"
	"cookbook/internal/timeline"
)

// drawTrace draws a schedule as a timeline, there.
func (a *app) drawTrace(t *explore.Trace, there pictureFlag, title string) error {
	if t == nil || len(t.Steps) == 0 {
		return nil
	}
	return there.draw(a, scheduleAsTimeline(t), title)
}

// scheduleAsTimeline is a schedule as a timeline, a millisecond a step. In its step an actor runs; between two of its steps it sleeps behind a
// pause, and else waits for its turn, or for something that the schedule does not know.
func scheduleAsTimeline(t *explore.Trace) timeline.Timeline {
	const step = time.Millisecond
	drawn := timeline.Timeline{Steps: true, End: time.Duration(len(t.Steps)) * step, Actors: t.Actors}
	for actor, name := range t.Actors {
		lane := timeline.Lane{Name: name}
		idle, since := timeline.Ready, time.Duration(-1)
		for i, s := range t.Steps {
			if s.Actor != actor {
				continue
			}
			at := time.Duration(i) * step
			if since >= 0 && at > since {
				lane.Spans = append(lane.Spans, timeline.Span{From: since, To: at, State: idle})
			}
			if idle, since = timeline.Ready, at+step; s.Kind == explore.Pause {
				idle = timeline.Sleeping
			}
			lane.Spans = append(lane.Spans, timeline.Span{From: at, To: since})
			if len(s.Said) > 0 {
				lane.Lines = append(lane.Lines, at+step/2)
				lane.Said = append(lane.Said, s.Said[0].Text)
			}
		}
		drawn.Lanes = append(drawn.Lanes, lane)
	}
	return drawn
}
