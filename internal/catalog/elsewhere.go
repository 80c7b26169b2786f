package catalog

import "fmt"

// Elsewhere says below an explanation what else the recipe runs on, in Markdown; "" if nothing else.
func (e Entry) Elsewhere() string { return e.onEngine() + e.onDevice() }

func (e Entry) onEngine() string {
	where, engine := "where `cookbook doctor` finds MPI", e.Engine
	switch Need(e.Engine) {
	case "":
		return ""
	case NATS:
		where, engine = "on a NATS server, of this machine or another, such as `cookbook engine` starts", "nats://HOST:PORT"
	}
	return fmt.Sprintf("\n## On a real engine\n\nThe same recipe, and the same promise, %s:\n\n"+
		"    cookbook run %[2]s --engine %[3]s\n    cookbook verify %[2]s --engine %[3]s\n", where, e.ID, engine)
}

func (e Entry) onDevice() string {
	if !e.Device {
		return ""
	}
	return fmt.Sprintf("\n## On a device\n\nThe same recipe, and the same promise, on a device of OpenCL or CUDA, which `cookbook run ch6.devices` lists:\n\n"+
		"    cookbook run %[1]s --device opencl\n    cookbook verify %[1]s --device cuda:0\n", e.ID)
}
