package mapreduce

import (
	"io"
	"math/rand/v2"
)

// Generate is an input of one text, of size bytes, that is the same for the same seed. Its words are made up, and about as
// frequent as those of a language are: the word of rank n comes some n times less often than the first. It is made while
// it is read, so it takes no memory.
func Generate(seed uint64, size int64) Input {
	return func(yield func(Source, error) bool) {
		yield(Source{"the generated text", func() (io.ReadCloser, error) {
			random := rand.New(rand.NewPCG(seed, 0))
			return io.NopCloser(io.LimitReader(&generator{random: random, ranks: rand.NewZipf(random, 1.1, 2, vocabulary)}, size)), nil
		}}, nil)
	}
}

const (
	vocabulary = 50_000 // number of words, less one
	lineWords  = 12
)

// A generator is an endless text.
type generator struct {
	random *rand.Rand
	ranks  *rand.Zipf
	line   []byte // what of the current line has not been read
	buf    []byte
}

func (g *generator) Read(to []byte) (n int, err error) {
	for n < len(to) {
		if len(g.line) == 0 {
			g.next()
		}
		read := copy(to[n:], g.line)
		n, g.line = n+read, g.line[read:]
	}
	return n, nil
}

// next makes a line: a sentence of words, whose first letter is a capital.
func (g *generator) next() {
	const consonants, vowels = "bdfgklmnprstvz", "aeiou"
	b := g.buf[:0]
	for i := range lineWords {
		if i > 0 {
			b = append(b, ' ')
		}
		for rank := g.ranks.Uint64(); ; rank = rank/70 - 1 {
			b = append(b, consonants[rank%70/5], vowels[rank%5])
			if rank < 70 {
				break
			}
		}
	}
	b[0] -= 'a' - 'A'
	g.buf = append(b, ".\n"...)
	g.line = g.buf
}
