package waitfor

import (
	"strconv"
	"strings"
	"time"
)

// The words for waits in an execution trace (runtime/trace). Writers and readers of a trace take them from here. While a thread
// waits it is in a region whose type is WaitRegion and the name of what it waits for; while a task of an event loop is in a
// pause, in a SleepRegion. When one has acquired or released something, it logs the name of that under LogAcquire or
// LogRelease. A task that need not wait any longer, but has not got its turn, is logged as LogReady by the one that woke it.
//
// What has a name and does not only wait — a call of a task — is done in a region whose type is DoRegion and that name. What others
// than goroutines have done, such as the queue of a device, is logged under their task once it has ended: under LogDid, as Did says it.
//
// A process lives, for the parent that attends to it, in a region whose type is ProcessRegion and the name of the process.
const (
	WaitRegion    = "wait "
	SleepRegion   = "sleep"
	ProcessRegion = "process "
	DoRegion      = "do "
	LogAcquire    = "acquire"
	LogRelease    = "release"
	LogReady      = "ready"
	LogDid        = "did"
)

// Did is the message of LogDid: how long ago something began and ended, and what it was.
func Did(began, ended time.Duration, what string) string {
	return strconv.FormatInt(int64(began), 10) + " " + strconv.FormatInt(int64(ended), 10) + " " + what
}

// ReadDid reads the message of LogDid; ok is false if it is none.
func ReadDid(message string) (began, ended time.Duration, what string, ok bool) {
	first, rest, _ := strings.Cut(message, " ")
	second, what, ok := strings.Cut(rest, " ")
	from, err := strconv.ParseInt(first, 10, 64)
	to, err2 := strconv.ParseInt(second, 10, 64)
	return time.Duration(from), time.Duration(to), what, ok && err == nil && err2 == nil && 0 <= to && to <= from
}
