package transcript

import (
	"strings"
	"testing"
)

func TestDifferentWorkShowsInTheLines(t *testing.T) {
	const promise = `= main  {:int} threads, median of 5
= main  loop   {:float} ms
= main  kernel  {:float} ms
~ a  a is done
~ b  b is done
* b  b waits for place 2
= main  release: not locked
`
	p, err := ParsePromise("x", promise)
	if err != nil {
		t.Fatal(err)
	}
	lines := func(s string) []string { return strings.Split(s, "\n") }
	base := lines("2 threads, median of 5\nloop   1.5 ms\nkernel 0.1 ms\na is done\nb is done\nrelease: not locked")
	for _, tt := range []struct {
		name, other string
		first       string // "" for no difference
		second      string
		counts      [2]int
	}{
		{name: "the same", other: strings.Join(base, "\n")},
		{name: "in another order, holes filled otherwise",
			other: "4 threads, median of 5\nloop 17 ms\nkernel 3 ms\nb is done\na is done\nrelease: not locked"},
		{name: "lines that may come any number of times",
			other: "b waits for place 2\n2 threads, median of 5\nloop 1 ms\nkernel 3 ms\nb waits for place 2\na is done\nb is done\nrelease: not locked"},
		{name: "an error in other words",
			other: "2 threads, median of 5\nloop 1 ms\nkernel 3 ms\na is done\nb is done\nrelease unlocked lock"},
		{name: "another number of rounds",
			other: "2 threads, median of 9\nloop 1 ms\nkernel 3 ms\na is done\nb is done\nrelease: not locked",
			first: "2 threads, median of 5", second: "2 threads, median of 9", counts: [2]int{6, 6}},
		{name: "a part is missing", other: "2 threads, median of 5\nloop 1 ms\na is done\nb is done\nrelease: not locked",
			first: "kernel 0.1 ms", counts: [2]int{6, 5}},
		{name: "a line comes twice", other: strings.Join(base, "\n") + "\na is done", second: "a is done", counts: [2]int{6, 7}},
		{name: "by chance one says what the other said", other: strings.Replace(strings.Join(base, "\n"), "b is done", "a is done", 1)},
		{name: "nothing is said", first: base[0], counts: [2]int{6, 0}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var other []string
			if tt.other != "" {
				other = lines(tt.other)
			}
			d := p.Difference(base, other)
			if d == nil {
				d = &Difference{}
			}
			if d.First != tt.first || d.Second != tt.second || (tt.first+tt.second != "" && d.Lines != tt.counts) {
				t.Errorf("got %+v, want %q, %q, %v", d, tt.first, tt.second, tt.counts)
			}
			back := p.Difference(other, base)
			if back == nil {
				back = &Difference{}
			}
			if back.First != tt.second || back.Second != tt.first {
				t.Errorf("the other way round: got %+v", back)
			}
		})
	}
}
