package bench

import (
	"fmt"
	"strings"

	"cookbook/internal/catalog"
)

// startTwin is a Python program that runs another one. Its arguments are the name of that program, its text and its own
// arguments. Python looks for modules in the current folder first if a program comes by -c: a file queue.py there would be taken for
// the module queue. So it is told not to. A twin that is told to end takes the processes that it has forked along: it is told so even if
// this process was killed, and they are not. What the loader needs stays in a function, so that the twin has all names to itself.
const startTwin = `def load():
    import os, sys
    if sys.path[:1] == [""]:
        del sys.path[0]
    if hasattr(os, "register_at_fork"):
        from _signal import SIG_BLOCK, SIG_DFL, SIG_UNBLOCK, SIGKILL, SIGTERM, pthread_sigmask, signal
        def forked():
            signal(SIGTERM, SIG_DFL)
            pthread_sigmask(SIG_UNBLOCK, [SIGTERM])
        signal(SIGTERM, lambda *_: os.kill(0, SIGKILL))
        os.register_at_fork(
            before=lambda: pthread_sigmask(SIG_BLOCK, [SIGTERM]), after_in_child=forked,
            after_in_parent=lambda: pthread_sigmask(SIG_UNBLOCK, [SIGTERM]))
    del sys.argv[0]
    return compile(sys.argv.pop(1), sys.argv[0], "exec")
exec(load())`

// twinProgram is the command that starts the twin. The text of the twin is an argument, so there is no file to remove: not even if
// this process is killed.
func twinProgram(python string, e catalog.Entry, twin []byte) []string {
	return []string{python, "-c", startTwin, fmt.Sprintf("ch%d_%s", e.Chapter.Number, e.FileName(catalog.Twin)), string(twin)}
}

// emptyProgram is a Python program that only loads the modules which a twin requires, and as one types it. To load them is part of the
// start-up: mpi4py makes the ranks known to each other meanwhile.
func emptyProgram(modules []string) (program, typed string) {
	if len(modules) == 0 {
		return "pass", "pass"
	}
	var loads []string
	for _, m := range modules {
		if m == "mpi4py" {
			loads = append(loads, "from mpi4py import MPI")
		} else {
			loads = append(loads, "import "+m)
		}
	}
	program = strings.Join(loads, "; ")
	return program, "'" + program + "'"
}

// What a twin may say to compare in a comment among its first lines, as in "# compare: no ratio: Go has no such thing".
const (
	noRatio  = "no ratio"  // why the two sides do not do the same work
	moreWork = "more work" // arguments with which the work takes longer than the start-up
)

// twinSays reads what a twin says to compare.
func twinSays(twin []byte, key string) string {
	const firstLines = 30
	for i, line := range strings.SplitN(string(twin), "\n", firstLines+1) {
		if text, ok := strings.CutPrefix(line, "# compare: "+key+":"); ok && i < firstLines {
			return strings.TrimSpace(text)
		}
	}
	return ""
}

// moreToDo says what to type so that both sides have more to do, "" if the twin does not tell.
func moreToDo(e catalog.Entry, twin []byte, args []string) string {
	more := twinSays(twin, moreWork)
	if more == "" || len(args) > 0 {
		return more
	}
	return fmt.Sprintf("cookbook compare %s -- %s", e.ID, more)
}
