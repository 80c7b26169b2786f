//go:build !linux

package local

import "runtime"

func processors() int { return runtime.NumCPU() }

func bind(int) {}
