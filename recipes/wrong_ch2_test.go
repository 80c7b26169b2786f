package recipes

import "cookbook/internal/explore"

func faultsOfChapter2() map[string]explore.FaultKind {
	return map[string]explore.FaultKind{
		"ch2.primitives --wrong barrier-count": explore.Broken,
		"ch2.define --wrong not-joined":        explore.Broken,
		"ch2.lock --wrong lost-update":         explore.Broken,
		"ch2.lock --wrong forgotten-unlock":    explore.Deadlock,
		"ch2.deadlock --wrong opposite-order":  explore.Deadlock,
		"ch2.rlock --wrong plain-lock":         explore.Deadlock,
		"ch2.semaphore --wrong s1-s2":          explore.Deadlock,
		"ch2.semaphore --wrong lost-permit":    explore.Deadlock,
		"ch2.condition --wrong if-around-wait": explore.Broken,
		"ch2.condition --wrong notify-first":   explore.Deadlock,
		"ch2.condition --wrong unlocked-look":  explore.Deadlock,
		"ch2.condition --wrong notify-one":     explore.Deadlock,
		"ch2.event --wrong lost-pulse":         explore.Deadlock,
		"ch2.queue --wrong empty-pop":          explore.Deadlock,
		"ch2.queue --wrong empty-too-early":    explore.Broken,
		"ch2.queue --wrong missing-sentinel":   explore.Deadlock,
	}
}
