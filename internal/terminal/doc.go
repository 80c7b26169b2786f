// Package terminal is the one place for what a terminal shows: how many columns a text takes, how it is divided into lines,
// tables, colour, and how a text that anybody may have written is made safe.
//
// A text becomes safe where it comes in: what a recipe says in the log, what another program writes by [SafeLines], a cell by
// [Text], an error where it is printed. The other functions take texts that are safe.
//
//	safe.go    Safe: no text can steer the terminal
//	width.go   Width, Pad: columns
//	look.go    Look, Style: colour and weight; Line: a row of spans that look different
//	wrap.go    Wrap, Fold: lines of a width
//	table.go   Table: columns of cells, as a page and as the commands draw them
//	printer.go Printer: a table on a terminal, tabs in a pipe
//	bar.go     Bar: progress in place
//
// It is written by hand on purpose: go-runewidth costs every process 1.2 ms of start-up and chroma 12 ms, where an empty Go
// program takes 1 ms.
package terminal
