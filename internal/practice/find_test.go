package practice

import "testing"

func TestAnExerciseIsFoundByItsNameAPartOfItOrItsRecipe(t *testing.T) {
	all := []*Exercise{
		{Name: "lost-update", Recipe: "ch2.lock"}, {Name: "lost-pulse", Recipe: "ch2.event"},
		{Name: "endless", Recipe: "ch2.queue"}, {Name: "endless-consumer", Recipe: "ch2.queue"},
	}
	for _, tt := range []struct{ term, recipe, want string }{
		{"lost-update", "", "lost-update"},
		{"Lost-Update", "", "lost-update"},
		{"pulse", "", "lost-pulse"},
		{"endless", "", "endless"},
		{"lock", "ch2.lock", "lost-update"},
		{"lost", "", `"lost" names 2 exercises; say which: lost-pulse, lost-update`},
		{"queue", "ch2.queue", `"queue" names 2 exercises; say which: endless, endless-consumer`},
		{"gil", "ch1.gil", "there is no exercise for ch1.gil; see: cookbook practice"},
		{"lost-updte", "", `no exercise "lost-updte"; did you mean lost-update or lost-pulse?`},
		{"zebra", "", `no exercise "zebra"; see: cookbook practice`},
		{"", "", `no exercise ""; see: cookbook practice`},
	} {
		x, err := Find(all, tt.term, tt.recipe)
		got := ""
		if err != nil {
			got = err.Error()
		} else {
			got = x.Name
		}
		if got != tt.want {
			t.Errorf("%q %s: %s, want %s", tt.term, tt.recipe, got, tt.want)
		}
	}
}
