// Cookbook runs, explains and verifies recipes of parallel programming. See the README.
package main

import (
	"os"

	_ "cookbook/cmd/cookbook/early"
	"cookbook/internal/cli"
	"cookbook/internal/process"
	"cookbook/recipes"
)

func main() {
	process.Main()
	os.Exit(cli.Main(recipes.Catalog(), os.Args[1:], cli.System()))
}
