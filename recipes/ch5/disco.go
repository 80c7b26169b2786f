package ch5

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"unicode"

	"github.com/spf13/pflag"
	"golang.org/x/sync/errgroup"

	"cookbook/internal/catalog"
	"cookbook/internal/distributed"
	"cookbook/internal/distributed/engine"
	"cookbook/internal/distributed/mapreduce"
	"cookbook/internal/process"
	"cookbook/internal/transcript"
)

// Mappers count the words of pieces of a text, and reducers add up the counts of each word.

// # The jobs

var (
	keptWords   = mapreduce.Register("ch5.kept-words", wordJob(func(text []byte) []byte { return text }))
	foldedWords = mapreduce.Register("ch5.folded-words", wordJob(func(text []byte) []byte {
		return bytes.ReplaceAll(bytes.ToLower(text), []byte("don't"), []byte("do not"))
	}))
)

// wordJob counts words: runs of letters, with apostrophes inside.
func wordJob(prepare func(text []byte) []byte) mapreduce.Job[int] {
	return mapreduce.Job[int]{
		Map: func(_ context.Context, s mapreduce.Split, emit func(word []byte, n int)) error {
			for word := range bytes.FieldsFuncSeq(prepare(s.Data), betweenWords) {
				if word = bytes.Trim(word, "'"); len(word) > 0 {
					emit(word, 1)
				}
			}
			return nil
		},
		Combine: func(a, b int) int { return a + b }, // in the mapper, and again in the reducer
		Sort:    mapreduce.ByValue[int],
	}
}

func betweenWords(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) && r != '\'' }

// # A worker

// A wordWorker is a mapper or a reducer. A mapper that holds keeps the second split that it gets, until it is killed.
type wordWorker struct {
	At   engine.Address
	Role mapreduce.Role
	Hold bool
}

const heldSplit = 1 // counted from 0

var serveWords = process.Register("ch5.word-worker", func(ctx context.Context, w wordWorker) (struct{}, error) {
	conn, err := engine.Connect(ctx, w.At)
	if err != nil {
		return struct{}{}, err
	}
	defer conn.Close()
	log := process.Log(ctx).Actor(process.Current(ctx).Name())
	return struct{}{}, mapreduce.Serve(ctx, conn, w.Role, mapreduce.WithHook(func(ctx context.Context, stage mapreduce.Stage, s mapreduce.Split) {
		switch {
		case s.Number != heldSplit || stage != mapreduce.Mapped:
		case w.Hold:
			log.Printf("split %d is mapped, and nothing of it is sent yet", s.Number)
			conn.NC.Publish(conn.Subject("held"), nil)
			<-ctx.Done()
		default:
			log.Printf("split %d has come again", s.Number)
		}
	}))
})

// # The client

func countWords(ctx context.Context, out *transcript.Log, workers, partitions int, corpus mapreduce.Input, split, top int) error {
	run, err := distributed.Open(ctx, out, distributed.WithWorkers(workers))
	if err != nil {
		return err
	}
	defer run.Close() // ends the workers, too
	start := func(name string, n int, role mapreduce.Role, hold bool) (*process.Process, error) {
		return distributed.Start(run, fmt.Sprintf("%s %d", name, n), serveWords, wordWorker{run.Address(), role, hold})
	}
	for i := range min(partitions, partitions*workers) { // without workers of its own it has no reducers, either
		if _, err := start("reducer", i+1, mapreduce.Reducer, false); err != nil {
			return err
		}
	}
	var victim *process.Process
	if workers > 0 {
		if victim, err = start("mapper", 1, mapreduce.Mapper, true); err != nil {
			return err
		}
	}
	if err := countQuotation(ctx, out, run.Conn); err != nil {
		return err
	}

	held, err := run.Conn.NC.SubscribeSync(run.Conn.Subject("held"))
	if err != nil {
		return err
	}
	jobs, jobCtx := errgroup.WithContext(ctx)
	holding, ended := context.WithCancel(jobCtx)
	jobs.Go(func() error { // kills the mapper that holds a split, and starts others
		if _, err := held.NextMsgWithContext(holding); err != nil {
			return nil // the job has ended without it
		}
		if err := victim.Kill(); err != nil {
			return err
		}
		out.Printf("mapper 1 is killed")
		for i := range workers {
			if _, err := start("mapper", i+2, mapreduce.Mapper, false); err != nil {
				return err
			}
		}
		return nil
	})
	var pairs []mapreduce.Pair[int]
	var last mapreduce.Progress
	jobs.Go(func() (err error) {
		defer ended()
		pairs, err = mapreduce.Run(jobCtx, run.Conn, foldedWords, corpus, mapreduce.WithPartitions(partitions), mapreduce.WithSplitSize(split),
			mapreduce.WithProgress(func(p mapreduce.Progress) {
				last = p
				out.Progress("splits", p.Done, p.Splits)
			}))
		return err
	})
	if err := jobs.Wait(); err != nil {
		return err
	}
	out.Printf("%d bytes in %d splits: %d words, %d of them different", last.Bytes, last.Splits, wordsOf(pairs), len(pairs))
	for i, p := range pairs[:min(top, len(pairs))] {
		out.Printf("%3d. %-12s %d", i+1, p.Key, p.Value)
	}
	alone, err := mapreduce.RunHere(ctx, foldedWords, corpus)
	out.Check("the counts are those of one process that does all", err == nil && slices.Equal(pairs, alone), true)
	return err
}

func wordsOf(pairs []mapreduce.Pair[int]) (words int) {
	for _, p := range pairs {
		words += p.Value
	}
	return words
}

// quotation is what the book counts: Donald Rumsfeld in 2002, about what one knows.
const quotation = `There are known knowns.
These are things we know
that we know.
There are known unknowns.
That is to say,
there are things that we know we do not know.
But there are also unknown unknowns.
There are things we do not know
we don't know.
`

func countQuotation(ctx context.Context, out *transcript.Log, conn *engine.Conn) error {
	for _, job := range []struct {
		how string
		*mapreduce.Handle[int]
	}{{"as written", keptWords}, {"in lower case", foldedWords}} {
		pairs, err := mapreduce.Run(ctx, conn, job.Handle, mapreduce.Reader("the quotation", strings.NewReader(quotation)))
		if err != nil {
			return err
		}
		out.Printf("%d words %s, in numerical order:", wordsOf(pairs), job.how)
		for rest := pairs; len(rest) > 0; {
			line := fmt.Sprintf("%d:", rest[0].Value)
			for n := rest[0].Value; len(rest) > 0 && rest[0].Value == n; rest = rest[1:] {
				line += " " + rest[0].Key
			}
			out.Printf("  %s", line)
		}
		out.Printf("in alphabetical order:")
		slices.SortFunc(pairs, mapreduce.ByKey)
		for row := range slices.Chunk(pairs, 7) {
			out.Printf("  %s", strings.NewReplacer("{", "", "}", "").Replace(strings.Trim(fmt.Sprint(row), "[]")))
		}
	}
	out.Note("The first time, capital letters come before small ones, as their bytes do. The second time, don't is do not.")
	return nil
}

var disco = catalog.Recipe{
	ID: "ch5.disco", Section: "5.10", Title: "Count words with mappers and reducers",
	Python: "disco.core.Job: map, reduce", Go: "mapreduce.Register, Serve, Run",
	Needs:  []catalog.Need{catalog.Processes, catalog.Network},
	Engine: string(catalog.NATS),
	New: func(f *pflag.FlagSet) catalog.Run {
		workers := catalog.Int(f, "workers", 2, 0, 64, "mapper processes; 0 uses those that have joined by cookbook worker")
		reducers := catalog.Int(f, "reducers", 2, 1, 16, "reducer processes, and partitions of the keys")
		input := catalog.File(f, "input", "book.txt", "`path` of the text to count: a file, or a folder with all below it; without it a text is made up")
		size := catalog.Int(f, "size", 2, 1, 100_000, "MiB of the text that is made up")
		split := catalog.Int(f, "split", 256, 16, 1000, "KiB of text that a mapper gets at once")
		top := catalog.Int(f, "top", 10, 1, 100, "number of words to show, the most frequent first")
		return func(ctx context.Context, out *transcript.Log) error {
			corpus := mapreduce.Generate(out.Rand().Uint64(), int64(*size)<<20)
			if *input != "" {
				if _, err := os.Stat(*input); err != nil {
					return catalog.Usagef("--input: %v", err)
				}
				corpus = mapreduce.Files(*input)
			}
			return countWords(ctx, out, *workers, *reducers, corpus, *split<<10, *top)
		}
	},
}
