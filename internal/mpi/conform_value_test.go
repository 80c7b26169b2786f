package mpi

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"time"
)

// A conformTree is a value that travels by gob: it holds pointers.
type conformTree struct {
	Name     string
	Weights  map[string]float64
	Children []*conformTree
}

// conformDay is a value that travels as it lies in memory; gob would lose the field without a capital.
type conformDay struct {
	Month int8
	hour  float32
	Place [2]uint16
}

// conformText is a string by another name.
type conformText string

// conformValues is what values of any type go through, and what is special.
func conformValues() []conformCase {
	words := func(r *rand.Rand) string { return strings.Repeat("wörd ", r.IntN(9)) + fmt.Sprint(r.IntN(10)) }
	some := func(r *rand.Rand) int { return 1 + r.IntN(6) } // nil and empty are not told apart
	cases := []conformCase{
		conformValue("int", (*rand.Rand).Int),
		conformValue("bool", func(r *rand.Rand) bool { return r.IntN(2) == 0 }),
		conformValue("complex128", func(r *rand.Rand) complex128 { return complex(r.NormFloat64(), r.NormFloat64()) }),
		conformValue("string", words),
		conformValue("empty string", func(*rand.Rand) string { return "" }),
		conformValue("conformText", func(r *rand.Rand) conformText { return conformText(words(r)) }),
		conformValue("[]byte", func(r *rand.Rand) []byte { return conformBytes(1+r.IntN(300), r.Int()) }),
		conformValue("[]float64", func(r *rand.Rand) []float64 { return conformSlice(r.IntN(100), r.NormFloat64) }),
		conformValue("[]string", func(r *rand.Rand) []string { return conformSlice(some(r), func() string { return words(r) }) }),
		conformValue("[3]int16", func(r *rand.Rand) [3]int16 { return [3]int16{int16(r.Int()), 2, int16(r.Int())} }),
		conformValue("struct{}", func(*rand.Rand) struct{} { return struct{}{} }),
		conformValue("conformDay", func(r *rand.Rand) conformDay {
			return conformDay{int8(r.Int()), r.Float32(), [2]uint16{1, uint16(r.Int())}}
		}),
		conformValue("[]conformDay", func(r *rand.Rand) []conformDay {
			return conformSlice(r.IntN(20), func() conformDay { return conformDay{Month: int8(r.Int()), hour: r.Float32()} })
		}),
		conformValue("[][]int", func(r *rand.Rand) [][]int {
			return conformSlice(some(r), func() []int { return conformSlice(some(r), r.Int) })
		}),
		conformValue("map[string][]int", func(r *rand.Rand) map[string][]int {
			m := map[string][]int{}
			for range some(r) {
				m[words(r)] = conformSlice(some(r), r.Int)
			}
			return m
		}),
		conformValue("conformTree", func(r *rand.Rand) conformTree {
			leaf := &conformTree{Name: words(r), Weights: map[string]float64{words(r): r.Float64()}}
			return conformTree{words(r), nil, []*conformTree{leaf, {Name: "b"}}}
		}),
		conformValue("nil or not", func(r *rand.Rand) *conformTree {
			if r.IntN(2) == 0 {
				return nil
			}
			return &conformTree{Name: words(r)}
		}),
		conformValue("any", func(r *rand.Rand) any { return []any{nil, 42, "words", 1.5, []byte("bytes")}[r.IntN(5)] }),
		conformValue("time", func(r *rand.Rand) time.Time { return time.Unix(r.Int64N(1<<33), 0).UTC() }),
		conformValue("300 kB of string", func(r *rand.Rand) string { return string(conformBytes(300_000+r.IntN(9), r.Int())) }),
		conformValue("40,000 floats", func(r *rand.Rand) []float64 { return conformSlice(40_000, r.Float64) }),
		conformValue("2,000 words", func(r *rand.Rand) []string { return conformSlice(2000, func() string { return words(r) }) }),
	}
	return append(cases, conformCase{name: "values are combined in the order of the ranks", ranks: 1, run: conformValueOrder},
		conformCase{name: "nil and empty slices arrive as empty", ranks: 1, run: func(k *conform) {
			ints, err := AllgatherValues(k.c, []int(nil))
			k.ok(err)
			texts, err := AllgatherValues(k.c, []string{})
			k.ok(err)
			maps, err := AllgatherValues(k.c, map[string]int(nil))
			k.ok(err)
			for r := range k.n {
				equal(k, "the length of what was nil", len(ints[r]), 0)
				equal(k, "the length of what was empty", len(texts[r]), 0)
				equal(k, "the length of a nil map", len(maps[r]), 0)
			}
		}},
		conformCase{name: "what others than the root give is not looked at", ranks: 1, run: func(k *conform) {
			root := k.n - 1
			v := "nonsense"
			var all []string
			if k.rank == root {
				v = "sense"
				for r := range k.n {
					all = append(all, fmt.Sprint("for ", r))
				}
			}
			got, err := BcastValue(k.c, v, root)
			k.ok(err)
			equal(k, "the root's value", got, "sense")
			got, err = ScatterValues(k.c, all, root)
			k.ok(err)
			equal(k, "this rank's value", got, fmt.Sprint("for ", k.rank))
		}},
		conformCase{name: "what arrives is a copy", ranks: 1, run: func(k *conform) {
			v := []int{1, 2}
			got, err := BcastValue(k.c, v, 0)
			k.ok(err)
			all, err := AllgatherValues(k.c, v)
			k.ok(err)
			all[k.rank][0], all[0][1] = 7, 8
			same(k, "what was sent", v, []int{1, 2})
			if k.rank != 0 {
				v[0] = 9
				same(k, "what was received", got, []int{1, 2})
			}
		}},
	)
}

// conformSlice makes a slice; one without items is nil, as it arrives.
func conformSlice[T any](n int, f func() T) []T {
	if n == 0 {
		return nil
	}
	s := make([]T, n)
	for i := range s {
		s[i] = f()
	}
	return s
}

// conformValue is all calls that take values, with those of one type.
func conformValue[T any](name string, random func(*rand.Rand) T) conformCase {
	return conformCase{name: "values, " + name, ranks: 1, run: func(k *conform) {
		root := k.root()
		all := conformSlice(k.n, func() T { return random(k.rng) })
		mine := all[k.rank]
		next, before := (k.rank+1)%k.n, (k.rank+k.n-1)%k.n
		fits := func(what string, got, want any) {
			if !reflect.DeepEqual(got, want) {
				k.wrong("%s is %.200s, want %.200s", what, fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want))
			}
		}

		got, s, err := SendrecvValue[T, T](k.c, mine, next, 1, before, 1)
		k.ok(err)
		fits("SendrecvValue", got, all[before])
		equal(k, "its source", s.Source, before)
		equal(k, "its tag", s.Tag, 1)
		if k.n > 1 && k.rank == 0 {
			k.ok(SendValue(k.c, all[0], k.n-1, 2))
			k.ok(SsendValue(k.c, all[1], k.n-1, 3))
		}
		if k.n > 1 && k.rank == k.n-1 {
			got, _, err := RecvValue[T](k.c, 0, AnyTag)
			k.ok(err)
			fits("the value of SendValue", got, all[0])
			got, s, err := RecvValue[T](k.c, AnySource, 3)
			k.ok(err)
			fits("the value of SsendValue", got, all[1])
			equal(k, "its source", s.Source, 0)
		}
		got, err = BcastValue(k.c, mine, root)
		k.ok(err)
		fits("BcastValue", got, all[root])
		got, err = ScatterValues(k.c, all, root)
		k.ok(err)
		fits("ScatterValues", got, mine)
		values, err := GatherValues(k.c, mine, root)
		k.ok(err)
		if k.rank == root {
			fits("GatherValues", values, all)
		} else {
			equal(k, "whether others than the root get nothing", values == nil, true)
		}
		values, err = AllgatherValues(k.c, mine)
		k.ok(err)
		fits("AllgatherValues", values, all)

		// square[r][q] goes from rank r to rank q: one of the values, at random.
		square, column := make([]T, k.n), make([]T, k.n)
		for r := range k.n {
			for q := range k.n {
				v := all[k.root()]
				if r == k.rank {
					square[q] = v
				}
				if q == k.rank {
					column[r] = v
				}
			}
		}
		values, err = AlltoallValues(k.c, square)
		k.ok(err)
		fits("AlltoallValues", values, column)

		last := func(_, b T) T { return b }
		got, err = ReduceValue(k.c, mine, last, root)
		k.ok(err)
		if k.rank == root {
			fits("ReduceValue", got, all[k.n-1])
		} else {
			fits("ReduceValue on another rank", got, *new(T))
		}
		got, err = AllreduceValue(k.c, mine, last)
		k.ok(err)
		fits("AllreduceValue", got, all[k.n-1])
		got, err = ScanValue(k.c, mine, last)
		k.ok(err)
		fits("ScanValue", got, mine)
	}}
}

func conformValueOrder(k *conform) {
	root := k.root()
	join := func(a, b string) string { return a + "," + b }
	want := "0"
	upTo := []string{want}
	for r := 1; r < k.n; r++ {
		want = join(want, fmt.Sprint(r))
		upTo = append(upTo, want)
	}
	mine := fmt.Sprint(k.rank)
	got, err := ReduceValue(k.c, mine, join, root)
	k.ok(err)
	if k.rank == root {
		equal(k, "ReduceValue", got, want)
	} else {
		equal(k, "ReduceValue on another rank", got, "")
	}
	got, err = AllreduceValue(k.c, mine, join)
	k.ok(err)
	equal(k, "AllreduceValue", got, want)
	got, err = ScanValue(k.c, mine, join)
	k.ok(err)
	equal(k, "ScanValue", got, upTo[k.rank])
}
