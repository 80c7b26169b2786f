package ch6

import (
	"cmp"
	"context"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/gpu"
	"cookbook/internal/gpu/probe"
	"cookbook/internal/transcript"
)

// What can this machine compute on? Every back end is asked for its devices, and says why if it has none.

// capability is what a device says that it can do. Only CUDA has a number for it.
func capability(d gpu.Info) string {
	if d.Capability != "" {
		return d.Capability
	}
	return "none (" + cmp.Or(d.Version, "of no version") + ")"
}

var devices = catalog.Recipe{
	ID: "ch6.devices", Section: "6.2", Title: "Ask this machine for its devices",
	Python: "pycuda.driver.Device", Go: "gpu.Devices",
	New: func(*pflag.FlagSet) catalog.Run {
		return func(ctx context.Context, out *transcript.Log) error {
			found, missing, err := probe.Devices(ctx) // gpu.Devices, in a process for each back end
			if err != nil {
				return err
			}
			out.Printf("%d device(s) found.", len(found))
			asked := map[string]bool{}
			for i, d := range found {
				out.Printf("Device #%d: %s (%s)", i, cmp.Or(d.Name, "no name"), d.Spec())
				out.Printf("Compute Capability: %s", capability(d))
				out.Printf("Total Memory: %d KB", d.Memory/1024)
				asked[d.Backend] = true
			}
			out.Note("The name in brackets is what --device takes. The cpu, which is always there, is the processor of this machine.")
			for _, m := range missing {
				out.Printf("no device of %s: %s", m.Backend, m.Reason)
				if m.Advice != "" {
					out.Note("%s", m.Advice)
				}
				asked[m.Backend] = true
			}
			out.Check("each back end has a device or says why it has none", len(asked), 3)
			return nil
		}
	},
}
