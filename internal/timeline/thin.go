package timeline

// maxSpans is how many spans of one goroutine, and holds of one thing, are kept: far more than a picture can show.
const maxSpans = 1 << 17

// thin halves the spans: of two neighbours the more telling one stands for both.
func thin(spans []Span) []Span {
	kept := spans[:0]
	for i := 0; i+1 < len(spans); i += 2 {
		s, next := spans[i], spans[i+1]
		if score(next.State, next.To-next.From) > score(s.State, s.To-s.From) {
			next.From = s.From
			s = next
		}
		s.To = spans[i+1].To
		kept = append(kept, s)
	}
	return kept
}

// thinHolds halves the holds: of two neighbours the longer one stands for both.
func thinHolds(holds []Hold) []Hold {
	kept := holds[:0]
	for i := 0; i+1 < len(holds); i += 2 {
		h, next := holds[i], holds[i+1]
		if next.To-next.From > h.To-h.From {
			next.From = min(h.From, next.From)
			h = next
		}
		h.To = max(holds[i].To, holds[i+1].To)
		kept = append(kept, h)
	}
	return kept
}
