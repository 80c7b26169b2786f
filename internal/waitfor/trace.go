package waitfor

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// The words for waits in an execution trace (runtime/trace). Writers and readers of a trace take them from here. While a thread
// waits it is in a region whose type is WaitRegion and the name of what it waits for, or a PollRegion if it looks again and again
// meanwhile; while a task of an event loop is in a pause, in a SleepRegion. When one has acquired or released something, it logs the
// name of that under LogAcquire or LogRelease. A task that need not wait any longer, but has not got its turn, is logged as LogReady by
// the one that woke it. An actor that says a line is logged as LogLine.
//
// What has a name and does not only wait — a call of a task — is done in a region whose type is DoRegion and that name. What others
// than goroutines have done, such as the queue of a device, is logged under their task once it has ended: under LogDid, as Did says it.
const (
	WaitRegion  = "wait "
	PollRegion  = "poll "
	SleepRegion = "sleep"
	DoRegion    = "do "
	LogAcquire  = "acquire"
	LogRelease  = "release"
	LogReady    = "ready"
	LogLine     = "line"
	LogDid      = "did"
)

// The words for messages. Who sends one logs a key under LogSend before, a word that no other message of the run has, and behind a
// blank what the message is. Who has received it logs the key under LogReceive.
const (
	LogSend    = "send"
	LogReceive = "receive"
)

// Brief says in a few words what a value is that is sent. Of one that refers to others, which somebody may be about to change, it is
// only the type.
func Brief(v any) string {
	if t := reflect.TypeOf(v); t != nil && refers(t) {
		return Short(t.String())
	}
	return Short(fmt.Sprint(v))
}

// refers reports whether values of a type can be changed by others than who has them.
func refers(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Array:
		return refers(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			if refers(t.Field(i).Type) {
				return true
			}
		}
		return false
	case reflect.Chan, reflect.Func, reflect.Interface, reflect.Map, reflect.Pointer, reflect.Slice, reflect.UnsafePointer:
		return true
	}
	return false
}

// Short cuts a text to the few words that a message is described by.
func Short(text string) string {
	const most = 40
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return text
}

// The words for processes. One lives, for the parent that attends to it, in a region whose type is ProcessRegion and the name of the
// process. If it is to record itself, the key of its trace is logged as LogSpawn before it is started, and as LogChild in that region.
//
// In a child, each goroutine that does what the process is for has a task ProcessTask. A line that the parent has to record is logged
// as LogSay before, and as LogHeard when the parent has. Before the trace ends LogEnd is logged: where it lacks, the child was killed.
//
// What a process holds, whichever of its goroutines has acquired it, is logged as LogTake after, and as LogGive before it is given back.
const (
	ProcessRegion = "process "
	ProcessTask   = "process"
	LogSpawn      = "spawn"
	LogChild      = "child"
	LogSay        = "say"
	LogHeard      = "heard"
	LogEnd        = "end"
	LogTake       = "take"
	LogGive       = "give"
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
