//go:build !js

package ch1

import "syscall"

// exec lets this process go on as another program. It returns only if that fails.
var exec = syscall.Exec
