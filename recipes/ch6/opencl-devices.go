package ch6

import (
	"cmp"
	"context"
	"slices"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/gpu"
	"cookbook/internal/gpu/probe"
	"cookbook/internal/transcript"
)

// Which implementations of OpenCL are here, which devices do they offer, and what do these say of themselves?

// told is what a driver says, or that it says nothing.
func told(text string) string { return cmp.Or(text, "not told") }

// showPlatform says what a platform is.
func showPlatform(out *transcript.Log, p gpu.Platform) {
	out.Printf("Platform - Name: %s", told(p.Name))
	out.Printf("Platform - Vendor: %s", told(p.Vendor))
	out.Printf("Platform - Version: %s", told(p.Version))
	out.Printf("Platform - Profile: %s", told(p.Profile))
}

// showDevice says what a device is and has.
func showDevice(out *transcript.Log, d gpu.Info) {
	out.Printf("    Device - Name: %s (%s)", told(d.Name), d.Spec())
	out.Printf("    Device - Type: %s", d.Kind)
	out.Printf("    Device - Max Clock Speed: %d MHz", d.ClockMHz)
	out.Printf("    Device - Compute Units: %d", d.Units)
	out.Printf("    Device - Local Memory: %d KB", d.SharedMemory>>10)
	out.Printf("    Device - Constant Memory: %d KB", d.ConstantMemory>>10)
	out.Printf("    Device - Global Memory: %d MB", d.Memory>>20)
	out.Printf("    Device - Max Buffer Size: %d MB", d.MaxAlloc>>20)
	out.Printf("    Device - Max Work Group Size: %d", d.MaxThreads)
}

var openCLDevices = catalog.Recipe{
	ID: "ch6.opencl-devices", Section: "6.10", Title: "Show the platforms and devices of OpenCL",
	Python: "pyopencl.get_platforms, Platform.get_devices", Go: "gpu.DevicesOf, gpu.Info",
	New: func(*pflag.FlagSet) catalog.Run {
		return func(ctx context.Context, out *transcript.Log) error {
			found, missing, err := probe.DevicesOf(ctx, "opencl") // gpu.DevicesOf, in a process of its own
			if err != nil {
				return err
			}
			var platforms []gpu.Platform
			for _, d := range found {
				if !slices.Contains(platforms, d.Platform) {
					platforms = append(platforms, d.Platform)
				}
			}
			out.Printf("%d platform(s) of OpenCL with %d device(s)", len(platforms), len(found))
			shown := 0
			for _, p := range platforms {
				showPlatform(out, p)
				for _, d := range found {
					if d.Platform == p {
						showDevice(out, d)
						shown++
					}
				}
			}
			if missing != nil {
				out.Printf("no device of OpenCL: %s", missing.Reason)
				if missing.Advice != "" {
					out.Note("%s", missing.Advice)
				}
				out.Note("In its place the device that is always there. A number that it does not tell is 0.")
				cpu, _ := gpu.DevicesOf("cpu")
				showDevice(out, cpu[0])
			}
			out.Check("devices shown, each below its platform", shown, len(found))
			out.Check("there is a device or a reason why not", len(found) > 0, missing == nil)
			return nil
		}
	},
}
