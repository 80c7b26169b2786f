// Build makes the stand-ins for CUDA's libraries in a folder, so that any program can run with them:
//
//	go run ./internal/gpu/cuda/cudatest/build /tmp/cuda
//	LD_LIBRARY_PATH=/tmp/cuda cookbook run ch6.double --device cuda
package main

import (
	"fmt"
	"os"

	"cookbook/internal/gpu/cuda/cudatest"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: build FOLDER")
		os.Exit(2)
	}
	if err := cudatest.Build(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
