// Package command is what the programs that run recipes have in common: cookbook itself, and a recipe that is a program of its own
// (package alone). It knows no engine and no cobra.
//
//	streams.go    Streams: what a command reads and prints on, colour, width
//	output.go     Output: the first write that failed, and a reader who has left
//	signal.go     OnInterrupt: Ctrl-C and what else ends a command
//	supervise.go  Supervise: a run that ends, whatever the recipe does
//	trial.go      Trial: a run that is only judged, perhaps under stress
//	view.go       View: the flags of every run, and how a run is shown
//	flag.go       the other flags that commands share, and what is wrong with a flag in one line
//	page.go       Page: --help
//	exit.go       the exit codes
package command
