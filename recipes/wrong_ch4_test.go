package recipes

import "cookbook/internal/explore"

func faultsOfChapter4() map[string]explore.FaultKind {
	return map[string]explore.FaultKind{
		"ch4.executors --wrong unread-error":       explore.Broken,
		"ch4.executors --wrong pool-starvation":    explore.Deadlock,
		"ch4.run-in-executor --wrong blocked-loop": explore.Deadlock,
		"ch4.event-loop --wrong stopped-early":     explore.Broken,
		"ch4.coroutines --wrong forgotten-await":   explore.Broken,
		"ch4.tasks --wrong swallowed-cancellation": explore.Broken,
		"ch4.primitives --wrong lost-update":       explore.Broken,
		"ch4.primitives --wrong lock-over-await":   explore.Deadlock,
		"ch4.groups --wrong lost-error":            explore.Broken,
		"ch4.futures --wrong callbacks-order":      explore.Broken,
	}
}
