// Empty is the least that a command-line program with cobra can be: the limit for the start of cookbook.
package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"
)

func main() {
	root := &cobra.Command{Use: "empty"}
	root.AddCommand(&cobra.Command{Use: "version", Run: func(*cobra.Command, []string) { fmt.Println("empty") }})
	if root.Execute() != nil {
		os.Exit(1)
	}
}
