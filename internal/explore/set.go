package explore

// A set holds hashes. It takes 16 bytes a hash or less.
type set struct {
	slots []uint64 // 0 is free
	n     int
	zero  bool // 0 is in it
}

func (s *set) len() int { return s.n }

// add reports whether h is new.
func (s *set) add(h uint64) bool {
	if h == 0 {
		if s.zero {
			return false
		}
		s.zero = true
		s.n++
		return true
	}
	if 4*(s.n+1) > 3*len(s.slots) {
		old := s.slots
		s.slots = make([]uint64, max(64, 2*len(old)))
		for _, h := range old {
			if h != 0 {
				s.slots[s.find(h)] = h
			}
		}
	}
	i := s.find(h)
	if s.slots[i] == h {
		return false
	}
	s.slots[i] = h
	s.n++
	return true
}

// find returns the slot of h, or the free one where it belongs.
func (s *set) find(h uint64) int {
	mask := uint64(len(s.slots) - 1)
	i := (h * 0x9e3779b97f4a7c15) >> 32 & mask
	for s.slots[i] != 0 && s.slots[i] != h {
		i = (i + 1) & mask
	}
	return int(i)
}

// each calls f for each hash in the set.
func (s *set) each(f func(h uint64)) {
	if s.zero {
		f(0)
	}
	for _, h := range s.slots {
		if h != 0 {
			f(h)
		}
	}
}
