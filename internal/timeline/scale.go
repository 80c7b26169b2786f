package timeline

import (
	"math"
	"time"
)

// scale maps times to positions between 0 and cells. It is made of pieces, within which all times have the same length.
type scale struct {
	cells  int
	pieces []piece // in order, without gaps
}

// piece is a stretch of time and its place.
type piece struct {
	from, to time.Duration
	at, end  float64
	quiet    bool // nothing happens in it, and it is drawn shorter than it was
}

// newScale returns a scale from 0 to end. If the stretches in which nothing happens are three quarters of it or more, or one of
// them is half of it, they have less than a third of the room.
func newScale(end time.Duration, cells int, quiet []stretch) scale {
	s := scale{cells: cells}
	total, longest := time.Duration(0), time.Duration(0)
	for _, q := range quiet {
		total += q.to - q.from
		longest = max(longest, q.to-q.from)
	}
	if total*4 < end*3 && longest*2 < end {
		quiet, total = nil, 0
	}
	const short = 0.3
	loud := float64(cells)
	if total > 0 {
		loud *= 1 - short
	}
	now, at := time.Duration(0), 0.0
	add := func(to time.Duration, width float64, quiet bool) {
		if to > now {
			s.pieces = append(s.pieces, piece{now, to, at, at + width, quiet})
			now, at = to, at+width
		}
	}
	for _, q := range quiet {
		add(q.from, loud*float64(q.from-now)/float64(end-total), false)
		add(q.to, short*float64(cells)*float64(q.to-now)/float64(total), true)
	}
	if now < end {
		add(end, float64(cells)-at, false)
	}
	return s
}

// position is where a time is.
func (s scale) position(at time.Duration) float64 {
	for _, p := range s.pieces {
		if at < p.to {
			return p.at + max(0, float64(at-p.from)/float64(p.to-p.from))*(p.end-p.at)
		}
	}
	return float64(s.cells)
}

// column is the cell in which a time falls.
func (s scale) column(at time.Duration) int { return max(0, min(s.cells-1, int(s.position(at)))) }

// edge is the boundary between two cells, 0 to cells, that is nearest to a time.
func (s scale) edge(at time.Duration) int {
	return max(0, min(s.cells, int(math.Round(s.position(at)))))
}

// starts is when a cell begins.
func (s scale) starts(column int) time.Duration {
	x := float64(column)
	for _, p := range s.pieces {
		if x < p.end {
			return p.from + time.Duration(max(0, x-p.at)/(p.end-p.at)*float64(p.to-p.from))
		}
	}
	return s.pieces[len(s.pieces)-1].to
}
