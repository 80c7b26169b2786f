package mapreduce

// A splitSet is a set of splits. It takes room only for those behind the first one that is missing.
type splitSet struct {
	Next  int          // the first one that is missing
	After map[int]bool `json:",omitempty"` // those behind it
}

func (s *splitSet) has(n int) bool { return n < s.Next || s.After[n] }

func (s *splitSet) len() int { return s.Next + len(s.After) }

func (s *splitSet) add(n int) {
	if s.has(n) {
		return
	}
	if s.After == nil {
		s.After = map[int]bool{}
	}
	s.After[n] = true
	for s.After[s.Next] {
		delete(s.After, s.Next)
		s.Next++
	}
}
