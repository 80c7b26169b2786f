#!/usr/bin/env bash
# github.com/yuin/goldmark v1.8.7 (Go 1.26): a program that wants only its tables pays for all its extensions before main.
#
# goldmark.WithExtensions(extension.Table) looks as if it chose one extension. But all extensions are one package, and its variables
# are computed when the program starts: the regular expressions of Linkify and of the task lists are compiled, although neither is
# used. Every process pays, also one that never sees Markdown, such as a worker that is the same binary started again. The package
# goldmark/extension/ast, which has the nodes of a table, costs next to nothing, so a paragraph transformer of one's own (about
# 100 lines) gives tables without that price.
#
# Output seen (times vary, bytes and allocations do not):
#   init github.com/yuin/goldmark/extension/ast @0.48 ms, 0.002 ms clock, 1152 bytes, 1 allocs
#   init github.com/yuin/goldmark/extension @0.79 ms, 0.39 ms clock, 264240 bytes, 2049 allocs
#   tables alone: 2049 allocations before main; their nodes: 1
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > go.mod <<'MOD'
module start

go 1.26

require github.com/yuin/goldmark v1.8.7
MOD
cat > main.go <<'GO'
package main

import (
	"fmt"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
)

func main() {
	var html strings.Builder
	md := goldmark.New(goldmark.WithExtensions(extension.Table))
	if err := md.Convert([]byte("| a |\n| - |\n| 1 |\n"), &html); err != nil || !strings.Contains(html.String(), "<table>") {
		panic(fmt.Sprint(html.String(), err))
	}
}
GO
export GOFLAGS=-mod=mod
go mod tidy 2> tidy || { cat tidy >&2; exit 1; }
go build -o start .
GODEBUG=inittrace=1 ./start 2> trace
grep 'goldmark/extension' trace
allocs() { awk -v package="$1" '$2 == package { print $(NF-1) }' trace; }
all=$(allocs github.com/yuin/goldmark/extension) nodes=$(allocs github.com/yuin/goldmark/extension/ast)
echo "tables alone: $all allocations before main; their nodes: $nodes"
[ "$all" -gt 1000 ] && [ "$nodes" -lt 10 ] || { echo "this has changed"; exit 1; }
