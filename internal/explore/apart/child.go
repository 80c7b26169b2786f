// Package apart searches the orders of a program in a process of its own.
//
// A search has one processor and nothing else to do: a panic in a goroutine of the program ends its process, and a goroutine that never
// ends cannot be ended otherwise. So [Search], in the parent, starts an executable that calls [Serve] or [Answer] first of all. The
// executable may be the parent's own, or another one. What the child is to do it reads from its standard input, which stays open as long
// as it is to go on: if the parent closes it, or is killed, the child ends. It answers in JSON, a record a line.
//
// In the same way [Try] has a program run several times, as it comes and under stress, and judges each run by its promise.
package apart

import (
	"time"

	"cookbook/internal/explore"
	"cookbook/internal/transcript"
)

// Variable holds the secret that makes a process such a child. The question has to hold it, too, so that the variable alone, wherever it
// may come from, does nothing.
const Variable = "COOKBOOK_EXPLORE_CHILD"

const (
	patience = 10 * time.Second // how long a child may take beyond its budget, unless it is told otherwise
	grace    = 2 * time.Second  // how long one that was told to end may take to do so
)

// Question is what the child is asked.
type Question struct {
	Secret   string // Search sets it
	Recipe   string
	Args     []string
	Seed     uint64 // of the recipe and of random schedules
	Budget   time.Duration
	Most     int
	From     *explore.State
	Suggest  bool              // the tight promise
	Skip     []explore.Fault   // whose schedules end the process
	Ledger   string            // a file for the schedule that is run
	Schedule *explore.Schedule // run this one alone, and tell of each line
	Patience time.Duration     // after the budget, it is ended; 0: ten seconds

	// In place of a search, run the program this many times, first without pauses and then under stress, until one of the runs fails,
	// or the budget is spent. Each may take as long as Timeout says.
	Trials  int
	Timeout time.Duration
}

// Answer is a record that the child writes; one of its fields is set.
type Answer struct {
	Progress *explore.Progress `json:",omitempty"`
	Line     *transcript.Event `json:",omitempty"` // of the one schedule
	Result   *explore.Result   `json:",omitempty"`
	State    *explore.State    `json:",omitempty"` // of the result
	Promise  string            `json:",omitempty"` // that is tight
	Trial    *Trial            `json:",omitempty"` // what came of the trials
	Error    string            `json:",omitempty"`
	Misused  bool              `json:",omitempty"` // the error is one of the recipe's flags
}
