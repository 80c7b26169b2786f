package local

import (
	"os"
	"runtime"
	"strconv"

	"golang.org/x/sys/unix"
)

// processors is how many processors this process may use.
func processors() int {
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &set); err != nil {
		return runtime.NumCPU()
	}
	return set.Count()
}

// bind keeps this process on one of the processors that it may use. If that is refused, it runs wherever the system likes.
func bind(rank int) {
	var set unix.CPUSet
	if unix.SchedGetaffinity(0, &set) != nil || set.Count() == 0 {
		return
	}
	nth := rank % set.Count()
	var one unix.CPUSet
	for cpu := 0; ; cpu++ {
		if set.IsSet(cpu) {
			if nth == 0 {
				one.Set(cpu)
				break
			}
			nth--
		}
	}
	threads, _ := os.ReadDir("/proc/self/task") // threads to come are like the one that makes them
	for _, t := range threads {
		if id, err := strconv.Atoi(t.Name()); err == nil {
			unix.SchedSetaffinity(id, &one)
		}
	}
}
