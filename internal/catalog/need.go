package catalog

// Need is the name of something that a recipe needs and a machine may lack. Package machine checks whether this machine has it.
type Need string

const (
	// Network is that the recipe can listen and connect on the loopback interface.
	Network Need = "network"

	// Processes is that the recipe can start this program again as another process.
	Processes Need = "processes"

	// Exec is that a process can go on as another program, which Windows does not offer.
	Exec Need = "exec"

	// SharedMemory is that processes can share memory and wait for each other in it.
	SharedMemory Need = "shared-memory"

	// MPI is that this program was built with an MPI library and can start ranks with it. It is what the engine of that name
	// needs; no recipe needs it on its own.
	MPI Need = "mpi"

	// NATS is that there is a server of that name for the recipe's messages, which --engine nats://HOST:PORT names. It is what the
	// engine of that name needs; without it a recipe starts a server of its own.
	NATS Need = "nats"

	// OpenCL and CUDA are that they have a device here. They are what --device opencl and --device cuda need; without that flag a
	// recipe computes on the processor.
	OpenCL Need = "opencl"
	CUDA   Need = "cuda"
)

// Needs lists what may be asked for by name.
func Needs() []Need { return []Need{Network, Processes, Exec, SharedMemory, MPI, NATS, OpenCL, CUDA} }
