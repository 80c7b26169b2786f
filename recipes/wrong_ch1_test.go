package recipes

import "cookbook/internal/explore"

func faultsOfChapter1() map[string]explore.FaultKind {
	return map[string]explore.FaultKind{
		"ch1.memory --wrong lost-update":      explore.Broken,
		"ch1.models --wrong result-too-early": explore.Broken,
		"ch1.gil --wrong check-then-act":      explore.Broken,
		"ch1.thread --wrong no-wait":          explore.Broken,
	}
}
