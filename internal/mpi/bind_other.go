//go:build !linux

package mpi

import "runtime"

func processors() int { return runtime.NumCPU() }

func bind(int) {}
