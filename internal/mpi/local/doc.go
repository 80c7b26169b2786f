// Package local is the engine of package mpi that needs nothing: ranks are processes of this program that share memory. It
// needs Linux, for ranks wait for each other by futexes in that memory.
//
// In reading order: run.go starts the processes and looks after them. world.go says what lies in the memory: a ring of bytes
// for each ordered pair of ranks, a board of cells for each communicator, and of each rank what others may know of it.
// rank.go is a rank that moves messages between rings and requests, packet.go is what lies in a ring, drain.go takes it out; send.go and receive.go are its two directions, wait.go
// how it waits. comm.go is the transport; collective.go its collective calls; sign.go compares these between ranks; split.go
// makes communicators. deadlock.go looks from outside at ranks that sleep, and says who waits for whom.
package local
