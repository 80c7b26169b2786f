package waitfor

// The words for waits in an execution trace (runtime/trace). Writers and readers of a trace take them from here. While a thread
// waits it is in a region whose type is WaitRegion and the name of what it waits for; while a task of an event loop is in a
// pause, in a SleepRegion. When one has acquired or released something, it logs the name of that under LogAcquire or
// LogRelease. A task that need not wait any longer, but has not got its turn, is logged as LogReady by the one that woke it.
//
// A process lives, for the parent that attends to it, in a region whose type is ProcessRegion and the name of the process.
const (
	WaitRegion    = "wait "
	SleepRegion   = "sleep"
	ProcessRegion = "process "
	LogAcquire    = "acquire"
	LogRelease    = "release"
	LogReady      = "ready"
)
