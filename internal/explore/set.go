package explore

// A set holds hashes. It takes 11 to 22 bytes a hash; it consists of parts, so that it need not grow all at once.
type set struct {
	parts [64]part
	n     int
}

func (s *set) len() int { return s.n }

// add reports whether h is new.
func (s *set) add(h uint64) bool {
	h = max(h, 1) // 0 marks a free slot
	fresh := s.parts[h>>58].add(h)
	if fresh {
		s.n++
	}
	return fresh
}

// each calls f for each hash in the set.
func (s *set) each(f func(h uint64)) {
	for i := range s.parts {
		for _, h := range s.parts[i].slots {
			if h != 0 {
				f(h)
			}
		}
	}
}

// A part is a hash table with open addressing.
type part struct {
	slots []uint64 // 0 is free
	n     int
}

func (p *part) add(h uint64) bool {
	if 4*(p.n+1) > 3*len(p.slots) {
		old := p.slots
		p.slots = make([]uint64, max(16, 2*len(old)))
		for _, h := range old {
			if h != 0 {
				p.slots[p.find(h)] = h
			}
		}
	}
	i := p.find(h)
	if p.slots[i] == h {
		return false
	}
	p.slots[i] = h
	p.n++
	return true
}

// find returns the slot of h, or the free one where it belongs.
func (p *part) find(h uint64) int {
	mask := uint64(len(p.slots) - 1)
	i := (h * 0x9e3779b97f4a7c15) >> 32 & mask
	for p.slots[i] != 0 && p.slots[i] != h {
		i = (i + 1) & mask
	}
	return int(i)
}
