package catalog

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Hit is a recipe that a search found.
type Hit struct {
	Entry
	Where string // the words of the explanation around a term, if only the explanation holds it; else ""
	place
}

// place is where a recipe holds a term.
type place struct {
	rank  int // 0 is the best, -1 is nowhere
	times int // in the explanation
}

// Search returns the recipes that hold every term, the best first, equally good ones in the order of the book: a term is looked for
// in the id, then in the names on both sides, the title, the section, "engine" with the engine's name and "device", and last in the
// text of the explanation, where more often is better. It has to begin a word there, or a part of an identifier (see [Holds]). A chapter
// (ch2, 2, chapter 2) stands for all its recipes. A word of the field in Chinese is looked for in English.
func (c *Catalog) Search(terms []string) []Hit {
	if ch := c.Chapter(strings.Join(terms, " ")); ch != nil {
		var all []Hit
		for _, r := range ch.Recipes {
			all = append(all, Hit{Entry: Entry{r, ch}})
		}
		return all
	}
	var found []Hit
	for _, e := range c.Entries() {
		if len(terms) == 1 && terms[0] == e.ID {
			return []Hit{{Entry: e}} // and not those that speak of it
		}
		hit := Hit{Entry: e}
		for _, term := range terms {
			at, where := e.find(term)
			if at.rank < 0 || at.rank > hit.rank {
				hit.place, hit.Where = at, where // the place of the term that was found in the least place counts
			}
			if at.rank < 0 {
				break
			}
		}
		if hit.rank >= 0 {
			found = append(found, hit)
		}
	}
	slices.SortStableFunc(found, func(a, b Hit) int { return cmp.Or(a.rank-b.rank, b.times-a.times) })
	return found
}

// find returns where a recipe holds a term, and the words around it if that is in the explanation.
func (e Entry) find(term string) (at place, where string) {
	words := translations(term)
	runsOn := ""
	if e.Engine != "" {
		runsOn = "engine " + e.Engine
	}
	if e.Device {
		runsOn += " device opencl cuda"
	}
	for rank, text := range []string{e.ID, e.Python + "\n" + e.Go, e.Title, "§" + e.Section + "\n" + runsOn} {
		if slices.ContainsFunc(words, func(word string) bool { return Holds(text, word) }) {
			return place{rank: rank}, ""
		}
	}
	if strings.Trim(term, "§.0123456789") == "" {
		return place{rank: -1}, "" // a section: other numbers of that look are none
	}
	file, err := e.File(Explanation)
	if err != nil {
		return place{rank: -1}, ""
	}
	text := strings.Join(strings.Fields(string(file)), " ") // a term of two words may stand at the end of a line
	times, first := 0, -1
	for _, word := range words {
		for from := 0; ; {
			i := index(text[from:], word)
			if i < 0 {
				break
			}
			if times++; text[from+i:from+i+len(word)] == word {
				times += 2 // Timer is nearer to Timer than timer is
			}
			if first < 0 || from+i < first {
				first = from + i
			}
			from += i + max(1, len(word))
			if from >= len(text) {
				break
			}
		}
	}
	if times == 0 {
		return place{rank: -1}, ""
	}
	return place{4, times}, around(text, first)
}

// around returns some words before text[at], and those behind.
func around(text string, at int) string {
	const before, behind = 24, 120
	from, to := max(0, at-before), min(len(text), at+behind)
	if i := strings.IndexByte(text[from:at], ' '); from > 0 && i >= 0 {
		from += i + 1
	}
	if i := strings.LastIndexByte(text[at:to], ' '); to < len(text) && i > 0 {
		to = at + i
	}
	words, _, _ := strings.Cut(text[from:to], " ## ")
	return strings.ToValidUTF8(words, "")
}

// Holds reports whether term stands in text at the beginning of a word or of a part of an identifier, in whatever case: event in
// on_event, threading.Event and AddEvent, queue in LIFOQueue; but not lock in blocks. What begins with a sign may stand anywhere.
func Holds(text, term string) bool { return index(text, term) >= 0 }

// index is the place at which Holds finds the term, -1 if it does not.
func index(text, term string) int {
	first, _ := utf8.DecodeRuneInString(term)
	before := ' '
	for i, r := range text {
		rest := text[i:]
		_, size := utf8.DecodeRuneInString(rest)
		next, _ := utf8.DecodeRuneInString(rest[size:])
		begins := !isWord(first) || !isWord(before) ||
			unicode.IsUpper(r) && (!unicode.IsUpper(before) || unicode.IsLower(next))
		if begins && len(rest) >= len(term) && strings.EqualFold(rest[:len(term)], term) {
			return i
		}
		before = r
	}
	return -1
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// translations returns what to look for: the term, and what stands for it in the explanations.
func translations(term string) []string {
	for _, row := range Synonyms() {
		if strings.EqualFold(term, row[0]) {
			return row
		}
	}
	return []string{term}
}

// Synonyms are what a search looks for as well: each row is a word, and what stands for it in the explanations. Many readers know the book
// in its Chinese form.
func Synonyms() [][]string {
	return [][]string{
		{"timeout", "time-out"}, {"mutex", "Lock"}, {"deadlocks", "deadlock"},
		{"线程池", "thread pool", "ThreadPool", "executor"}, {"进程池", "process pool", "Pool"},
		{"线程", "thread"}, {"进程", "process"}, {"协程", "coroutine"}, {"任务", "task"}, {"事件循环", "event loop"}, {"异步", "async"},
		{"互斥锁", "lock", "mutex"}, {"互斥量", "lock", "mutex"}, {"可重入锁", "RLock"}, {"递归锁", "RLock"}, {"锁", "lock"},
		{"信号量", "semaphore"}, {"条件变量", "condition"}, {"条件", "condition"}, {"事件", "event"}, {"屏障", "barrier"},
		{"队列", "queue"}, {"管道", "pipe"}, {"死锁", "deadlock"}, {"竞争条件", "race"}, {"竞态", "race"}, {"共享内存", "shared memory"},
		{"管理器", "manager"}, {"守护", "daemon"}, {"僵尸", "zombie"}, {"序列化", "pickle"}, {"超时", "timeout", "time-out"},
		{"消息传递", "message"}, {"广播", "broadcast"}, {"散发", "scatter"}, {"收集", "gather"}, {"归约", "reduce"}, {"规约", "reduce"},
		{"拓扑", "topology"}, {"点对点", "point-to-point"}, {"并行", "parallel"}, {"并发", "concurrent"}, {"分布式", "distributed"},
		{"全局解释器锁", "GIL"}, {"生产者", "producer"}, {"消费者", "consumer"}, {"计时器", "Timer"}, {"定时器", "Timer"}, {"回调", "callback"},
	}
}
