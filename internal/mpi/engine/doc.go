// Package engine is what the engines of package mpi have in common: what they are asked to do, in which words, and how they
// answer.
//
// An [Engine] runs ranks. It is given a [Job], starts the ranks, and in each of them finds the [Program] by its name and
// calls it with a [Transport]: the communicator of all ranks as that rank sees it. Package mpi makes the calls with types, a
// [Datatype] and a [Layout] out of what its users write, checks what one rank alone can check, and hands bytes to the
// transport.
//
// An engine is a package of its own beside this one. It imports this package, and neither mpi nor another engine. Package
// mpi names it in engines.go, and from there the conformance suite takes it: whatever one engine does, all have to do.
//
// A new [Call] or operator is a constant and a row of the table under it. What it is called in errors and reports, and what
// the ranks have to agree on, follows from that.
package engine
