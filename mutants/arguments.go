package main

// arguments are those with which a recipe is run, each set in turn; none if it is not named here. They reach what a default
// run leaves out, and keep measurements short.
var arguments = map[string][]string{
	"ch1.flynn":             {"--n 200000 --rounds 1"},
	"ch1.gil":               {"--below 2000"},
	"ch1.memory":            {"--count 5000 --mib 1"},
	"ch1.models":            {"--blocks 64"},
	"ch1.threads-processes": {"--rounds 1 --goroutines 100 --threads 5"},
	"ch2.event":             {"", "--book"},
	"ch2.performance":       {"--repeat 1 --delay 0"},
	"ch2.subclass":          {"", "--exit-after 3"},
	"ch2.with":              {"", "--guard defer", "--guard none"},
	"ch4.event-loop":        {"", "--with-fourth"},
	"ch4.executors":         {"--count 10000"},
	"ch4.primitives":        {"", "--tasks 5"},
}

// tooLong are recipes that are left out: they compute for so long that ten runs of each mutant take minutes.
var tooLong = []string{"ch1.speedup"}
