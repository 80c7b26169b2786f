package shm

import (
	"bytes"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// gone reports whether the process that started then under that pid has ended. A signal would reach a zombie, which holds
// its pid until its parent has asked for it; so its state counts.
func gone(pid int, start uint64) bool {
	if pid <= 0 {
		return false
	}
	if unix.Kill(pid, 0) == unix.ESRCH {
		return true
	}
	state, began, ok := stat(pid)
	return ok && (state == 'Z' || state == 'X' || start != 0 && began != start)
}

// startTime returns when a process started, in ticks since the machine did; 0 if that cannot be known.
func startTime(pid int) uint64 {
	_, start, _ := stat(pid)
	return start
}

// stat reads what proc(5) says of a process.
func stat(pid int) (state byte, start uint64, ok bool) {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0, 0, false
	}
	// The second field is the program's name in parentheses, which may hold anything.
	fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
	if len(fields) < 20 {
		return 0, 0, false
	}
	start, err = strconv.ParseUint(string(fields[19]), 10, 64)
	return fields[0][0], start, err == nil
}
