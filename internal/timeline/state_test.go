package timeline

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"testing"
)

func TestATimelineIsTheSameAfterJSON(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for range 50 {
		tl := anyTimeline(r)
		text, err := json.Marshal(tl)
		if err != nil {
			t.Fatal(err)
		}
		var again Timeline
		if err := json.Unmarshal(text, &again); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(tl, again) {
			t.Fatalf("%+v became %+v", tl, again)
		}
	}
}

func TestOnlyStatesThatAreHaveNames(t *testing.T) {
	if _, err := State(states).MarshalText(); err == nil {
		t.Error("a state that is not has a name")
	}
	var s State
	if err := json.Unmarshal([]byte(`"flying"`), &s); err == nil {
		t.Error("a name that is not has a state")
	}
}
