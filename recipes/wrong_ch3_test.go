package recipes

import "cookbook/internal/explore"

func faultsOfChapter3() map[string]explore.FaultKind {
	return map[string]explore.FaultKind{
		"ch3.background --wrong daemon-not-joined":     explore.Broken,
		"ch3.queue --wrong empty-too-early":            explore.Broken,
		"ch3.queue --wrong missing-sentinel":           explore.Deadlock,
		"ch3.joinable-queue --wrong missing-task-done": explore.Deadlock,
		"ch3.joinable-queue --wrong task-done-first":   explore.Broken,
		"ch3.pipe --wrong unclosed-end":                explore.Deadlock,
		"ch3.sync --wrong barrier-count":               explore.Broken,
		"ch3.primitives --wrong lost-update":           explore.Broken,
		"ch3.primitives --wrong opposite-order":        explore.Deadlock,
		"ch3.manager --wrong lost-update":              explore.Broken,
		"ch3.pool --wrong unread-error":                explore.Broken,
		"ch3.pool --wrong terminated-early":            explore.Broken,
		"ch3.point-to-point --wrong any-source":        explore.Broken,
		"ch3.point-to-point --wrong any-then-named":    explore.Deadlock,
		"ch3.deadlock --wrong recv-recv":               explore.Deadlock,
		"ch3.deadlock --wrong send-send":               explore.Deadlock,
		"ch3.broadcast --wrong recv-for-bcast":         explore.Deadlock,
		"ch3.reduce --wrong mismatched-collectives":    explore.Broken,
	}
}

// failsInEveryOrder: of an error that is always there, and never read.
func failsInEveryOrder(name string) bool { return name == "ch3.pool --wrong unread-error" }
