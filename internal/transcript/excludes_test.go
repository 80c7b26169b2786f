package transcript

import "testing"

// What is excluded quickly does not fit, and what has another number is excluded.
func TestWhatIsExcludedDoesNotFit(t *testing.T) {
	p, err := ParsePromise("x.txt", "~ a  put {item:int}, {name:word}\n* b  got   {item} of {name}\n* b  {item} is back\n* b  by {name}: {item}\n* b  <{item}>\n* b  nothing\n")
	if err != nil {
		t.Fatal(err)
	}
	m := p.Matcher()
	m.Line("a", "put 12, tea")
	excluded := 0
	for i := range p.stars {
		for _, text := range []string{
			"got 12 of tea", "got  12 of  tea", "got 1 of tea", "got 123 of tea", "got 12 of milk", "12 is back", " 12 is back", "7 is back", "by tea: 12", "by  tea: 12",
			"by milk: 12", "<12>", "< 12>", "<13>", "nothing", "",
		} {
			why, _ := m.fits(&p.stars[i], text)
			if m.excludes(&p.stars[i], text) {
				excluded++
				if why == "" {
					t.Errorf("%q fits line %d, and is excluded", text, p.stars[i].at)
				}
			}
		}
	}
	for i, text := range []string{"got 13 of tea", "7 is back", "by milk: 12", "<13>"} {
		if !m.excludes(&p.stars[i], text) {
			t.Errorf("%q is not excluded from line %d", text, p.stars[i].at)
		}
	}
	if excluded == 0 {
		t.Error("nothing is excluded")
	}
}
