package machine

import (
	"strings"
	"testing"

	"cookbook/internal/catalog"
)

func TestEveryNeedHasItsCheck(t *testing.T) {
	for _, n := range catalog.Needs() {
		if err := Check(t.Context(), n); err != nil && strings.Contains(err.Error(), "there is no check") {
			t.Error(err)
		}
	}
	if Check(t.Context(), "a crystal ball") == nil {
		t.Error("an unknown need is met")
	}
}

func TestMissingNamesTheFirstNeedThatIsNotMet(t *testing.T) {
	need, err := Missing(t.Context(), []catalog.Need{catalog.Network, "a crystal ball", "luck"})
	if need != "a crystal ball" || err == nil {
		t.Errorf("got %q, %v", need, err)
	}
	if need, err := Missing(t.Context(), nil); need != "" || err != nil {
		t.Errorf("got %q, %v", need, err)
	}
}
