package transcript

import (
	"fmt"
	"io"
	"testing"

	"cookbook/internal/measure/growth"
	"cookbook/internal/terminal"
)

// BenchmarkScale is how a record grows with its lines: said, drawn in each form, and compared with a promise. A promise that is
// compared line by line has at most 10,000 lines.
func BenchmarkScale(b *testing.B) {
	many, promised := growth.Tens(1_000_000), growth.Tens(maxExpected)
	promise := func(b *testing.B, format string, args ...any) *Promise {
		p, err := ParsePromise("x.promise", fmt.Sprintf(format, args...))
		if err != nil {
			b.Fatal(err)
		}
		return p
	}
	// record runs a program whose lines say does, under a log with this sink.
	record := func(b *testing.B, n int, p *Promise, sink Sink, say func(l *Log, i int)) {
		for b.Loop() {
			l := New(Config{Recipe: "ch2.x", Promise: p, Speed: SpeedMax, Sink: sink})
			for i := range n {
				say(l, i)
			}
			if err := l.End(nil); err != nil {
				b.Fatal(err)
			}
		}
	}
	item := func(l *Log, i int) { l.Printf("item %d", i) }
	growth.Run(b, "say", "lines", many, func(b *testing.B, n int) { record(b, n, nil, nil, item) })
	for _, form := range []struct {
		name string
		sink Sink
	}{
		{"say, annotated", Annotated(io.Discard, Heading{ID: "ch2.x", Title: "x", Section: "2"}, terminal.Style{Color: true})},
		{"say, plain", Plain(io.Discard)},
		{"say, JSON", JSON(io.Discard)},
	} {
		growth.Run(b, form.name, "lines", many, func(b *testing.B, n int) { record(b, n, nil, form.sink, item) })
	}
	growth.Run(b, "say, compared with one line marked *", "lines", many, func(b *testing.B, n int) {
		record(b, n, promise(b, "* main  item {:int}"), nil, item)
	})
	growth.Run(b, "say, compared with lines marked =", "lines", promised, func(b *testing.B, n int) {
		record(b, n, promise(b, "= main  item {i=0..%d}", n-1), nil, item)
	})
	growth.Run(b, "say, compared with lines marked ~", "lines", promised, func(b *testing.B, n int) {
		record(b, n, promise(b, "~ main  item {i=0..%d}", n-1), nil, item)
	})
	actors := func(l *Log, i int) { l.Actor(fmt.Sprint("worker ", i)).Printf("item %d", i) }
	growth.Run(b, "say, each by another actor", "lines", promised, func(b *testing.B, n int) {
		record(b, n, promise(b, "~ worker {i=0..%d}  item {i}", n-1), Annotated(io.Discard, Heading{ID: "ch2.x"}, terminal.Style{Color: true}), actors)
	})
	growth.Run(b, "say, holes filled", "lines", promised, func(b *testing.B, n int) {
		record(b, n, promise(b, "repeat i=1..%d\n= main  item {x:int}\nend", n), nil, item)
	})
	growth.Run(b, "say in stages", "lines", promised, func(b *testing.B, n int) {
		record(b, n, promise(b, "repeat i=1..%d\n~ main  item {:int}\n--\nend", n), nil, item)
	})
	growth.Run(b, "checks", "checks", promised, func(b *testing.B, n int) {
		record(b, n, promise(b, "✓ claim {i=0..%d} holds", n-1), nil, func(l *Log, i int) { l.Check(fmt.Sprintf("claim %d holds", i), true, true) })
	})
	growth.Run(b, "checks, last first", "checks", promised, func(b *testing.B, n int) {
		record(b, n, promise(b, "✓ claim {i=0..%d} holds", n-1), nil, func(l *Log, i int) { l.Check(fmt.Sprintf("claim %d holds", n-1-i), true, true) })
	})
	growth.Run(b, "checks with values", "checks", promised, func(b *testing.B, n int) {
		record(b, n, promise(b, "✓ claim {i=0..%d} holds: {:int}", n-1), nil, func(l *Log, i int) { l.Check(fmt.Sprintf("claim %d holds: 1", n-1-i), true, true) })
	})
	growth.Run(b, "the same check", "checks", promised, func(b *testing.B, n int) {
		record(b, n, promise(b, "repeat i=1..%d\n✓ it holds\nend", n), nil, func(l *Log, i int) { l.Check("it holds", true, true) })
	})
	growth.Run(b, "stars", "lines", promised, func(b *testing.B, n int) {
		record(b, n, promise(b, "* main  item {i=0..%d}", n-1), nil, item)
	})
	growth.Run(b, "a broken line", "lines", promised, func(b *testing.B, n int) {
		p := promise(b, "= main  item {i=0..%d}", n-1)
		for b.Loop() {
			l := New(Config{Recipe: "ch2.x", Promise: p, Speed: SpeedMax})
			for i := range n {
				l.Printf("item %d", n-1-i)
			}
			if l.End(nil) == nil {
				b.Fatal("it held")
			}
		}
	})
	growth.Run(b, "parse a promise", "lines", promised, func(b *testing.B, n int) {
		for b.Loop() {
			promise(b, "= main  item {i=0..%d}", n-1)
		}
	})
	growth.Run(b, "difference", "lines", promised, func(b *testing.B, n int) {
		p := promise(b, "~ main  item {i=0..%d}", n-1)
		var first, second []string
		for i := range n {
			first, second = append(first, fmt.Sprint("item ", i)), append(second, fmt.Sprint("item ", n-1-i))
		}
		for b.Loop() {
			if d := p.Difference(first, second); d != nil {
				b.Fatal(d)
			}
		}
	})
}
