package recipes

import "cookbook/internal/explore"

func faultsOfChapter4() map[string]explore.FaultKind {
	return nil
}
