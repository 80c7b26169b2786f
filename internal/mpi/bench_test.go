package mpi

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"cookbook/internal/process"
)

// Each benchmark has sides: the local engine, the engine mpi where it is built in, the same work in C under Open MPI where
// mpicc is installed (the limit), and in Python where mpi4py is. All figures are ns for one round, of a ping-pong each way,
// taken by rank 0 inside the ranks.

// benchOrder is what the ranks of a benchmark are to do.
type benchOrder struct {
	What          string
	Bytes, Rounds int
}

// benchInFlight is how many messages go each way at a time in "inflight".
const benchInFlight = 64

var benchRank = Register("bench", func(ctx context.Context, c *Comm, o benchOrder) (float64, error) {
	send, recv := make([]byte, o.Bytes*c.Size()), make([]byte, o.Bytes*c.Size())
	ones, sums := make([]float64, max(1, o.Bytes/8)), make([]float64, max(1, o.Bytes/8))
	requests := make([]*Request, 2*benchInFlight)
	work := map[string]func() error{
		"pingpong": func() error {
			return benchTurn(c, func() error { return Send(c, send[:o.Bytes], 1-c.Rank(), 0) }, func() error {
				_, err := Recv(c, recv[:o.Bytes], 1-c.Rank(), 0)
				return err
			})
		},
		"object-pingpong": func() error {
			return benchTurn(c, func() error { return SendValue(c, o.Rounds, 1-c.Rank(), 0) }, func() error {
				_, _, err := RecvValue[int](c, 1-c.Rank(), 0)
				return err
			})
		},
		"inflight": func() error {
			for i := range benchInFlight {
				var err error
				if requests[i], err = Irecv(c, recv[:o.Bytes], 1-c.Rank(), 0); err != nil {
					return err
				}
			}
			for i := range benchInFlight {
				var err error
				if requests[benchInFlight+i], err = Isend(c, send[:o.Bytes], 1-c.Rank(), 0); err != nil {
					return err
				}
			}
			return Waitall(requests...)
		},
		"allreduce": func() error { return Allreduce(c, ones, sums, Sum) },
		"barrier":   c.Barrier,
		"reduce":    func() error { return Reduce(c, ones, sums, Sum, 0) },
		"scan":      func() error { return Scan(c, ones, sums, Sum) },
		"bcast":     func() error { return Bcast(c, send[:o.Bytes], 0) },
		"scatter":   func() error { return Scatter(c, send, recv[:o.Bytes], 0) },
		"gather":    func() error { return Gather(c, send[:o.Bytes], recv, 0) },
		"allgather": func() error { return Allgather(c, send[:o.Bytes], recv) },
		"alltoall":  func() error { return Alltoall(c, send, recv) },
	}[o.What]
	for range o.Rounds/10 + 1 {
		if err := work(); err != nil {
			return 0, err
		}
	}
	if err := c.Barrier(); err != nil {
		return 0, err
	}
	began := time.Now()
	for range o.Rounds {
		if err := work(); err != nil {
			return 0, err
		}
	}
	took := float64(time.Since(began).Nanoseconds()) / float64(o.Rounds)
	if strings.HasSuffix(o.What, "pingpong") {
		took /= 2
	}
	return took, nil
})

// benchTurn is a round of a ping-pong: rank 0 serves.
func benchTurn(c *Comm, send, recv func() error) error {
	first, second := send, recv
	if c.Rank() != 0 {
		first, second = recv, send
	}
	if err := first(); err != nil {
		return err
	}
	return second()
}

func BenchmarkMessages(b *testing.B) {
	for _, o := range []struct {
		name          string
		ranks         int
		what          string
		bytes, rounds int
	}{
		{"ping-pong of 8 B", 2, "pingpong", 8, 200_000},
		{"ping-pong of 1 KiB", 2, "pingpong", 1 << 10, 100_000},
		{"ping-pong of 1 MiB", 2, "pingpong", 1 << 20, 1000},
		{"ping-pong of a value", 2, "object-pingpong", 0, 100_000},
		{"64 in flight", 2, "inflight", 8, 20_000},
		{"allreduce of one number, 2 ranks", 2, "allreduce", 0, 200_000},
		{"allreduce, 4 ranks", 4, "allreduce", 0, 10_000},
		{"allreduce, 9 ranks", 9, "allreduce", 0, 5000},
		{"allreduce of 8 KiB, 4 ranks", 4, "allreduce", 8 << 10, 2000},
		{"allreduce of 8 KiB, 9 ranks", 9, "allreduce", 8 << 10, 1000},
		{"allreduce of 64 KiB, 2 ranks", 2, "allreduce", 64 << 10, 5000},
		{"allreduce of 64 KiB, 4 ranks", 4, "allreduce", 64 << 10, 2000},
		{"allreduce of 1 MiB, 4 ranks", 4, "allreduce", 1 << 20, 500},
		{"allreduce of 1 MiB, 9 ranks", 9, "allreduce", 1 << 20, 100},
		{"allreduce of 8 MiB, 2 ranks", 2, "allreduce", 8 << 20, 50},
		{"reduce of 1 MiB, 4 ranks", 4, "reduce", 1 << 20, 200},
		{"scan of 1 MiB, 4 ranks", 4, "scan", 1 << 20, 200},
		{"bcast of 1 MiB, 4 ranks", 4, "bcast", 1 << 20, 200},
		{"scatter of 4 × 256 KiB", 4, "scatter", 256 << 10, 200},
		{"gather of 4 × 256 KiB", 4, "gather", 256 << 10, 200},
		{"allgather of 4 × 256 KiB", 4, "allgather", 256 << 10, 200},
		{"alltoall of 4 × 64 KiB", 4, "alltoall", 64 << 10, 2000},
		{"alltoall of 4 × 256 KiB", 4, "alltoall", 256 << 10, 200},
	} {
		order := benchOrder{o.what, o.bytes, o.rounds}
		b.Run(o.name+"/local", func(b *testing.B) {
			took, err := Run(b.Context(), benchRank, o.ranks, order)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(took[0], "ns/op")
		})
		b.Run(o.name+"/mpi", func(b *testing.B) { // the same program over Open MPI, if it is built in
			ctx := WithEngine(b.Context(), OpenMPI{})
			if err := (OpenMPI{}).Check(ctx); err != nil {
				b.Skip(err)
			}
			took, err := Run(ctx, benchRank, o.ranks, order)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(took[0], "ns/op")
		})
		if o.what != "object-pingpong" {
			b.Run(o.name+"/C", func(b *testing.B) {
				b.ReportMetric(benchUnderMPI(b, o.ranks, order, benchInC(b)), "ns/op")
			})
		}
		b.Run(o.name+"/mpi4py", func(b *testing.B) {
			b.ReportMetric(benchUnderMPI(b, o.ranks, order, benchInPython(b), "testdata/bench.py"), "ns/op")
		})
	}
}

// benchUnderMPI has mpirun run a program and returns what it measured.
func benchUnderMPI(b *testing.B, ranks int, o benchOrder, program ...string) float64 {
	argv, env, err := Mpirun(b.Context(), ranks, append(program, o.What, strconv.Itoa(o.Bytes), strconv.Itoa(o.Rounds))...)
	if err != nil {
		b.Skip(err)
	}
	cmd := exec.CommandContext(b.Context(), argv[0], argv[1:]...)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		b.Fatalf("%v: %v\n%s", cmd.Args, err, out)
	}
	took, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
	if err != nil {
		b.Fatalf("%v: %v", cmd.Args, err)
	}
	return took
}

// benchInC builds the program in C.
func benchInC(b *testing.B) string {
	mpicc, err := exec.LookPath("mpicc")
	if err != nil {
		b.Skip("there is no mpicc: apt install libopenmpi-dev openmpi-bin")
	}
	program := filepath.Join(b.TempDir(), "bench")
	if out, err := exec.CommandContext(b.Context(), mpicc, "-O2", "-o", program, "testdata/bench.c").CombinedOutput(); err != nil {
		b.Fatalf("%s: %v\n%s", mpicc, err, out)
	}
	return program
}

// benchInPython finds a Python that has mpi4py.
func benchInPython(b *testing.B) string {
	for _, python := range []string{"python3", "/usr/bin/python3"} {
		if exec.CommandContext(b.Context(), python, "-c", "import mpi4py, numpy").Run() == nil {
			return python
		}
	}
	b.Skip("there is no Python with mpi4py and numpy: apt install python3-mpi4py")
	return ""
}

var benchHello = Register("bench.hello", func(ctx context.Context, c *Comm, _ struct{}) (string, error) {
	return fmt.Sprintf("hello from rank %d of %d", c.Rank(), c.Size()), nil
})

var benchNothing = process.Register("mpi.bench.nothing", func(context.Context, struct{}) (struct{}, error) { return struct{}{}, nil })

// BenchmarkHello is a whole run of four ranks that say hello, beside the start of one process.
func BenchmarkHello(b *testing.B) {
	b.Run("4 ranks", func(b *testing.B) {
		for b.Loop() {
			if _, err := Run(b.Context(), benchHello, 4, struct{}{}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("4 ranks/openmpi", func(b *testing.B) {
		ctx := WithEngine(b.Context(), OpenMPI{})
		if err := (OpenMPI{}).Check(ctx); err != nil {
			b.Skip(err)
		}
		for b.Loop() {
			if _, err := Run(ctx, benchHello, 4, struct{}{}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("one process", func(b *testing.B) {
		for b.Loop() {
			g, err := process.NewGroup(b.Context())
			if err != nil {
				b.Fatal(err)
			}
			p := process.New(g, benchNothing, struct{}{})
			if err := p.Start(); err != nil {
				b.Fatal(err)
			}
			if err := p.Join(b.Context()); err != nil {
				b.Fatal(err)
			}
			g.Close()
		}
	})
}
