package recipes

import "cookbook/internal/explore"

func faultsOfChapter1() map[string]explore.FaultKind {
	return nil
}
