package timeline

// places are where the lanes of a timeline are, from 0.
type places struct {
	names   map[string]int // of several lanes of one name the first
	numbers map[int]int
}

func placesOf(lanes []Lane) places {
	p := places{make(map[string]int, len(lanes)), make(map[int]int, len(lanes))}
	for i, l := range lanes {
		if _, known := p.names[l.Name]; !known {
			p.names[l.Name] = i
		}
		if l.Number > 0 {
			p.numbers[l.Number] = i
		}
	}
	return p
}

// find returns the lane of that name, -1 if there is none.
func (p places) find(name string) int {
	if i, ok := p.names[name]; ok {
		return i
	}
	return -1
}

// ends returns the lanes from which and to which a message goes, -1 for one that is not there.
func (p places) ends(m Message) (from, to int) {
	one := func(name string, number int) int {
		if number == 0 {
			return p.find(name)
		}
		if i, ok := p.numbers[number]; ok {
			return i
		}
		return -1
	}
	return one(m.From, m.FromNumber), one(m.To, m.ToNumber)
}
