package waitfor

// The words for waits in an execution trace (runtime/trace). Writers and readers of a trace take them from here. While a thread
// waits it is in a region whose type is WaitRegion and the name of what it waits for. When it has acquired or released
// something, it logs the name of that under LogAcquire or LogRelease.
const (
	WaitRegion = "wait "
	LogAcquire = "acquire"
	LogRelease = "release"
)
