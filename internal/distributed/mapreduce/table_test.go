package mapreduce

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestATableIsAMap(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	table := newTable(func(a, b int) int { return a + b })
	for round := range 3 {
		want := map[string]int{}
		for range 20_000 {
			key := strings.Repeat("k", random.IntN(20)) + fmt.Sprint(random.IntN(3000))
			n := random.IntN(10)
			want[key] += n
			table.add([]byte(key), n)
		}
		got := map[string]int{}
		for i := range table.len() {
			got[string(table.key(i))] = table.values[i]
		}
		if table.len() != len(want) || !maps.Equal(got, want) {
			t.Fatalf("round %d: %d keys, want %d", round, table.len(), len(want))
		}
		table.clear()
	}
}

func TestKeysOfAllLengthsDiffer(t *testing.T) {
	table := newTable(func(a, b int) int { return a + b })
	seen := map[uint64]string{}
	for n := range 40 {
		for at := range max(n, 1) {
			key := []byte(strings.Repeat("a", n))
			if n > 0 {
				key[at] = 'b'
			}
			h := hash(key)
			if other, taken := seen[h]; taken {
				t.Errorf("%q and %q have one hash", other, key)
			}
			seen[h] = string(key)
			table.add(key, 1)
		}
	}
	if table.len() != len(seen) {
		t.Errorf("%d keys of %d", table.len(), len(seen))
	}
}

// Workers of two versions of the program, or of two machines, must agree.
func TestTheHashStaysAsItIs(t *testing.T) {
	for key, want := range map[string]uint64{
		"": 0xc9d874ca57d9e055, "know": 0x9d259d0f3d48e6af, "a longer key than eight": 0x29121a2d3a5d3a8c,
	} {
		if got := hash([]byte(key)); got != want {
			t.Errorf("%q: %#x, want %#x", key, got, want)
		}
	}
}

func TestASplitSetIsASet(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	var s splitSet
	for _, n := range append(random.Perm(300), random.Perm(300)...) {
		s.add(n)
		if !s.has(n) {
			t.Fatalf("%d is not in the set", n)
		}
	}
	if s.len() != 300 || s.Next != 300 || len(s.After) != 0 || s.has(300) {
		t.Errorf("%d splits, first missing %d, %d behind it", s.len(), s.Next, len(s.After))
	}
}
