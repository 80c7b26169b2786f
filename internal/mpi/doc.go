// Package mpi is message passing between processes: the calls of MPI 4.0, with their names and their meaning, for Go.
//
// A program is one function that runs in n processes at once. Each is a rank of the communicator it is given, knows its
// number in it, and does its share:
//
//	var pi = mpi.Register("pi", func(ctx context.Context, comm *mpi.Comm, steps int) (float64, error) {
//		part, sum := []float64{0}, []float64{0}
//		for i := comm.Rank(); i < steps; i += comm.Size() {
//			x := (float64(i) + 0.5) / float64(steps)
//			part[0] += 4 / (1 + x*x) / float64(steps)
//		}
//		err := mpi.Allreduce(comm, part, sum, mpi.Sum)
//		return sum[0], err
//	})
//
//	func main() {
//		process.Main() // in a rank: serves, and does not return
//		…
//		all, err := mpi.Run(ctx, pi, 4, 1_000_000)
//	}
//
// Nothing is shared but what is sent. Ranks are processes even on one machine, so that the same program runs on many.
//
// # Buffers and values
//
// There are two of most calls, as in mpi4py. [Send], [Recv], [Bcast] and their like move slices of numbers as they lie in
// memory, into slices that are there already. [SendValue], [RecvValue], [BcastValue] and theirs move values of any type. A
// buffer that is sent may be used again when the call returns; with [Isend] and [Irecv], when the request is done.
//
// # Engines
//
// [Local], the default, needs nothing: ranks are processes of this program that share memory, on Linux. [OpenMPI] runs the
// same program under mpirun, on one machine or on a cluster, in a program that was built with -tags mpi. [WithEngine]
// chooses.
//
// This package is the face: the calls, with their types. An engine is a package below it, local or openmpi, that knows
// nothing of the face or of another engine; what they have in common is package engine. A new one is added in engines.go, and
// the conformance suite (conform_test.go) takes it from there: one case, every engine.
//
// # What can go wrong
//
// MPI leaves open what happens when a program is wrong; usually it hangs. Here it is an error, on every rank and of [Run].
// The local engine notices a deadlock, and says which rank waits for which; a message larger than its receiver's buffer, or of
// another type; collective calls that do not match; a rank that dies. Of these an MPI library notices some, and
// [WithTimeout] ends the rest.
//
// A call that waits can be ended from outside only, with all ranks: by the context of Run, by WithTimeout, by [Comm.Abort].
//
// # What it costs
//
// Measured on two busy cores, with the same work in C under Open MPI 4.1 beside it; go test -bench . shows what it is
// elsewhere. A message of 8 bytes, one way: 0.12 µs (C 0.11), of 1 MiB 38 µs (61). Allreduce of one number by 4 ranks 3.1 µs
// (5.0), by 9 ranks 12 µs (18); of 1 MiB of float64 by 4 ranks 0.3 to 0.9 ms (0.5 to 1.7: both change together
// from minute to minute). Medians of five: Bcast of 1 MiB to 4 ranks 0.09 ms (0.21), Alltoall of 4 × 64 KiB 37 µs (45), Scatter of
// 4 × 256 KiB 73 µs (56). A whole run of four ranks that say hello: 5.3 ms, where the start of one process takes 1.8.
//
// # From Python
//
//	mpiexec -n 4 python3 x.py    Run(ctx, f, 4, arg)
//	MPI.COMM_WORLD               the *Comm that the function is given
//	Get_rank, Get_size           Comm.Rank, Comm.Size
//	Send, Ssend, Recv            Send, Ssend, Recv
//	send, ssend, recv            SendValue, SsendValue, RecvValue
//	Isend, Irecv, Wait, Test     Isend, Irecv, Request.Wait, Request.Test
//	isend, irecv                 IsendValue, IrecvValue
//	Sendrecv, sendrecv           Sendrecv, SendrecvValue
//	Probe, Iprobe                Comm.Probe, Comm.Iprobe
//	ANY_SOURCE, ANY_TAG          AnySource, AnyTag
//	Barrier                      Comm.Barrier
//	Bcast, bcast                 Bcast, BcastValue
//	Scatter, Scatterv, scatter   Scatter, Scatterv, ScatterValues
//	Gather, Gatherv, gather      Gather, Gatherv, GatherValues
//	Allgather, allgather         Allgather, Allgatherv, AllgatherValues
//	Alltoall, alltoall           Alltoall, Alltoallv, AlltoallValues
//	Reduce, reduce               Reduce, ReduceValue
//	Allreduce, Scan              Allreduce, Scan, AllreduceValue, ScanValue
//	MPI.SUM, Op.Create           Sum, OpOf
//	Split, Dup, Free             Comm.Split, Comm.Dup, Comm.Free
//	Create_cart                  CartCreate
//	Get_coords, Get_cart_rank    Cart.Coords, Cart.CartRank
//	Shift                        Cart.Shift
//	Compute_dims                 DimsCreate
//	Abort                        Comm.Abort
package mpi
