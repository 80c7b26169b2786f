package recipes

import "cookbook/internal/explore"

func faultsOfChapter3() map[string]explore.FaultKind {
	return nil
}
