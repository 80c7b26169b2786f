"""Count words with mappers and reducers: the Python twin of ch5.disco.

Disco is for Python 2. Here multiprocessing.Pool does the same steps, on this machine only.
"""
# compare: no ratio: the recipe kills a mapper and waits until its piece is given to another one; a Pool cannot
import argparse
import io
import multiprocessing
import os
import random
import re
import sys
import zlib
from collections import Counter
from functools import partial
from itertools import islice

QUOTATION = """There are known knowns.
These are things we know
that we know.
There are known unknowns.
That is to say,
there are things that we know we do not know.
But there are also unknown unknowns.
There are things we do not know
we don't know.
"""
LETTERS = re.compile(r"(?:[^\W\d_]|')+")


def words(text, fold):
    if fold:
        text = text.lower().replace("don't", "do not")
    return (word for word in (run.strip("'") for run in LETTERS.findall(text)) if word)


def mapper(split, fold, partitions):
    """The words of a split, counted at once, by partition."""
    made = [Counter() for _ in range(partitions)]
    for word, n in Counter(words(split, fold)).items():
        made[zlib.crc32(word.encode()) % partitions][word] = n  # the same in every process, as hash() is not
    return made


def reducer(counters):
    total = Counter()
    for counter in counters:
        total.update(counter)
    return total


def count(pool, splits, fold, partitions):
    shuffle = zip(*pool.imap_unordered(partial(mapper, fold=fold, partitions=partitions), splits))
    return sorted((pair for part in pool.imap(reducer, shuffle) for pair in part.items()), key=lambda pair: (-pair[1], pair[0].encode()))


def cut(source, size):
    """Splits of at most size characters, at line ends, unless one line is longer."""
    lines, length = [], 0
    for line in source:
        if lines and length + len(line) > size:
            yield "".join(lines)
            lines, length = [], 0
        lines.append(line)
        length += len(line)
    if lines:
        yield "".join(lines)


def generate(size, seed):
    """Lines of made-up words, about as frequent as those of a language."""
    own, consonants, vowels = random.Random(seed), "bdfgklmnprstvz", "aeiou"

    def word(rank):
        syllable = consonants[rank % 70 // 5] + vowels[rank % 5]
        return syllable if rank < 70 else syllable + word(rank // 70 - 1)

    vocabulary = [word(rank) for rank in range(50_001)]
    weights, total = [], 0.0
    for rank in range(len(vocabulary)):
        total += (rank + 2) ** -1.1
        weights.append(total)
    while size > 0:
        line = (" ".join(own.choices(vocabulary, cum_weights=weights, k=12)).capitalize() + ".\n")[:size]
        size -= len(line)
        yield line


def lines_of(path):
    if not os.path.exists(path):
        sys.exit(f"--input: there is no {path}")
    files = [os.path.join(folder, name) for folder, _, names in os.walk(path) for name in sorted(names)] or [path]
    for name in files:
        with open(name, encoding="utf-8", errors="replace") as file:
            yield from file


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=2, help="processes")
    parser.add_argument("--reducers", type=int, default=2, help="partitions of the words")
    parser.add_argument("--input", default="", help="path of the text to count; empty: a text is made up")
    parser.add_argument("--size", type=int, default=2, help="MiB of the text that is made up")
    parser.add_argument("--split", type=int, default=256, help="KiB of text that a process gets at once")
    parser.add_argument("--top", type=int, default=10, help="number of words to show")
    parser.add_argument("--seed", type=int, default=1, help="of the text that is made up")
    parser.add_argument("--speed", default="20", help="no pauses here; all twins have this flag")
    args = parser.parse_args()
    if not 1 <= args.workers <= 64 or not 1 <= args.reducers <= 16 or args.size < 1 or args.split < 16 or args.top < 1:
        parser.error("want 1 to 64 workers, 1 to 16 reducers, a size of at least 1, a split of at least 16 and a top of at least 1")

    with multiprocessing.get_context("fork").Pool(args.workers) as pool:
        for how, fold in ("as written", False), ("in lower case", True):
            pairs = count(pool, cut(io.StringIO(QUOTATION), 1 << 20), fold, 2)
            print(f"{sum(n for _, n in pairs)} words {how}, in numerical order:")
            for n in sorted({n for _, n in pairs}, reverse=True):
                print(f"  {n}:", *(word for word, m in pairs if m == n))
            print("in alphabetical order:")
            pairs.sort()
            for at in range(0, len(pairs), 7):
                print(" ", *(f"{word} {n}" for word, n in pairs[at:at + 7]))

        corpus = lines_of(args.input) if args.input else generate(args.size << 20, args.seed)
        splits = list(cut(corpus, args.split << 10))
        pairs = count(pool, splits, True, args.reducers)
        print(f"{sum(len(split.encode()) for split in splits)} bytes in {len(splits)} splits: "
              f"{sum(n for _, n in pairs)} words, {len(pairs)} of them different")
        for i, (word, n) in enumerate(islice(pairs, args.top), 1):
            print(f"{i:3}. {word:<12} {n}")
        assert dict(pairs) == Counter(word for split in splits for word in words(split, True))


if __name__ == "__main__":
    main()
