package ch3

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/mpi"
	"cookbook/internal/transcript"
)

// Each rank has some words of a text. Scan tells each rank how many words the ranks before it have. Values of any type,
// such as maps and strings, are combined by a function of the recipe.

const quickBrownFox = "the quick brown fox jumps over the lazy dog and the fox runs"

// wordsOf is the part of the text that rank r of n has.
func wordsOf(r, n int) []string {
	words := strings.Fields(quickBrownFox)
	return words[len(words)*r/n : len(words)*(r+1)/n]
}

// scanned is what a rank has in the end.
type scanned struct {
	First   int            // place of its first word in the text
	UpTo    string         // the text up to its last word
	Counts  map[string]int // of all words; only the root has them
	Longest string
}

var scanWords = mpi.Register("ch3.scan", func(ctx context.Context, comm *mpi.Comm, root int) (s scanned, err error) {
	rank := comm.Rank()
	me := mpi.Log(ctx).Actor(fmt.Sprintf("rank %d", rank))
	words := wordsOf(rank, comm.Size())

	// Scan gives rank r the sum of ranks 0 to r. Less its own words, this is the place where they begin.
	upTo := make([]int, 1)
	if err := mpi.Scan(comm, []int{len(words)}, upTo, mpi.Sum); err != nil {
		return s, err
	}
	s.First = upTo[0] - len(words)
	me.Printf("process %d has %q, from word %d on", rank, strings.Join(words, " "), s.First)

	// ScanValue does the same with values, in the order of the ranks: the value of a lower rank comes first.
	if s.UpTo, err = mpi.ScanValue(comm, strings.Join(words, " "), joinTexts); err != nil {
		return s, err
	}
	me.Printf("process %d has read %d letters", rank, len(strings.ReplaceAll(s.UpTo, " ", "")))

	// ReduceValue gives the combined value of all ranks to the root.
	own := map[string]int{}
	for _, word := range words {
		own[word]++
	}
	if s.Counts, err = mpi.ReduceValue(comm, own, addCounts, root); err != nil {
		return s, err
	}
	if rank == root {
		mpi.Log(ctx).Note("Only the root has the counts of all words. The maps were combined two by two.")
		me.Printf("%v", s.Counts)
	}

	// AllreduceValue gives the combined value to all ranks.
	longest := ""
	for _, word := range words {
		longest = longer(longest, word)
	}
	if s.Longest, err = mpi.AllreduceValue(comm, longest, longer); err != nil {
		return s, err
	}
	me.Printf("process %d knows the longest word: %s", rank, s.Longest)
	return s, nil
})

// # What two values come to

func joinTexts(a, b string) string { return strings.TrimSpace(a + " " + b) }

func addCounts(a, b map[string]int) map[string]int {
	sum := map[string]int{}
	for _, counts := range []map[string]int{a, b} {
		for word, n := range counts {
			sum[word] += n
		}
	}
	return sum
}

// longer is the longer word, or the first of two equally long ones. So it needs the order of the ranks.
func longer(a, b string) string {
	if len(b) > len(a) {
		return b
	}
	return a
}

// # The run

func scanText(ctx context.Context, out *transcript.Log, ranks, root int) error {
	out.Note("Each rank has a part of the text, and does not know what the others have.")
	results, err := mpi.Run(ctx, scanWords, ranks, root, mpi.WithLog(out))
	if err != nil {
		return err
	}
	counts := map[string]int{}
	for _, word := range strings.Fields(quickBrownFox) {
		counts[word]++
	}
	places, prefixes, know, holders := 0, 0, 0, 0
	read := 0
	for r, got := range results {
		if got.First == read {
			places++
		}
		read += len(wordsOf(r, ranks))
		if got.UpTo == strings.Join(strings.Fields(quickBrownFox)[:read], " ") {
			prefixes++
		}
		if got.Longest == slices.MaxFunc(strings.Fields(quickBrownFox), func(a, b string) int { return len(a) - len(b) }) {
			know++
		}
		if got.Counts != nil {
			holders++
		}
	}
	out.Check("ranks that know where their words begin", places, ranks)
	out.Check("ranks that have the text up to their own words", prefixes, ranks)
	out.Check("the root has counted every word", maps.Equal(results[root].Counts, counts), true)
	out.Check("ranks that have the counts", holders, 1)
	out.Check("ranks that know the longest word", know, ranks)
	return nil
}

var scan = catalog.Recipe{
	ID: "ch3.scan", Section: "3.18", Title: "Find out what the ranks before this one have",
	Python: "comm.Scan, comm.reduce", Go: "mpi.Scan, mpi.ScanValue, mpi.ReduceValue",
	Needs: []catalog.Need{catalog.Processes, catalog.SharedMemory}, Engine: "mpi",
	New: func(f *pflag.FlagSet) catalog.Run {
		ranks := catalog.IntP(f, "ranks", "n", 4, 1, mpi.MaxRanks, "ranks to start")
		root := catalog.Int(f, "root", 0, 0, mpi.MaxRanks-1, "rank that counts the words")
		return func(ctx context.Context, out *transcript.Log) error {
			if *root >= *ranks {
				return catalog.Usagef("--root %d: want 0 to %d, one of the %d ranks", *root, *ranks-1, *ranks)
			}
			return scanText(ctx, out, *ranks, *root)
		}
	},
}
