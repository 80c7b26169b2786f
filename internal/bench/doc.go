// Package bench measures Go beside Python on the reader's own machine.
//
// What is measured is a contest of two sides. The sides take turns, who goes first changes each time, and the first turn does not
// count. So what else the machine does disturbs both alike. What the rounds gave is a [Spread]: the median, the least and the most.
// [Judge] says what two spreads come to: a ratio, or why there is none.
//
//	contest.go   a recipe beside its Python twin: whole processes, from their start to their end
//	twin.go      how a twin is started, and what it says of itself
//	judge.go     the ratio, or why there is none
//	group.go     operations (package primitive): a process of each side in each round, which prints figures
//	choose.go    what is to be measured
//	bench.go     Bench: all of it, one after the other
//	report.go    Report: what was measured, and where
//	change.go    what has changed since another report
//	plot.go      a report as a picture; markdown.go: as a page
package bench
