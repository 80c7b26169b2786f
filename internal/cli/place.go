package cli

import (
	"context"
	"strings"
	"sync"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/command"
	"cookbook/internal/gpu"
	"cookbook/internal/gpu/driver"
	"cookbook/internal/machine"
)

// placeFlags are the flags that choose what recipes run on: an engine, a device.
type placeFlags struct {
	engine engineFlags
	device string
}

// add declares all of them.
func (o *placeFlags) add(cmd *cobra.Command) {
	o.engine.add(cmd)
	addDevice(cmd, &o.device)
}

// addFor declares those that a recipe takes.
func (o *placeFlags) addFor(cmd *cobra.Command, e catalog.Entry) {
	if e.Engine != "" {
		o.engine.add(cmd, e.Engine)
	}
	if e.Device {
		addDevice(cmd, &o.device)
	}
}

// choose returns what the flags ask for. The device is looked for before recipes run.
func (o *placeFlags) choose(a *app, given *pflag.FlagSet) (*choice, error) {
	g, err := o.engine.choose(a, given)
	if err == nil && given.Changed(command.Device) {
		err = g.findDevice(a, o.device)
	}
	return g, err
}

// chooseFor returns what one recipe runs on. It opens the device itself.
func (o *placeFlags) chooseFor(a *app, e catalog.Entry, given *pflag.FlagSet) (*choice, error) {
	g, err := o.engine.chooseFor(a, e, given)
	if err == nil && e.Device && given.Changed(command.Device) {
		err = g.nameDevice(o.device)
	}
	return g, err
}

// deviceNames are what --device takes, without the numbers of devices.
func deviceNames() []string {
	return []string{"auto", "cpu", string(catalog.OpenCL), string(catalog.CUDA)}
}

func addDevice(cmd *cobra.Command, p *string) {
	command.DeviceFlag(cmd.Flags(), p, "; which there are: cookbook run ch6.devices")
}

// nameDevice adds a device to the choice.
func (g *choice) nameDevice(spec string) error {
	if _, _, err := driver.ParseSpec(spec); err != nil {
		return usagef("--%s %s: no device of that name; there are: %s, opencl:N, cuda:N; see: cookbook run ch6.devices",
			command.Device, command.Shown(spec), strings.Join(deviceNames(), ", "))
	}
	g.Device = spec
	g.device = &resource{
		check: func(context.Context) error { return nil },
		with:  func(ctx context.Context) context.Context { return gpu.WithDevice(ctx, spec) },
		name:  func() string { return spec },
	}
	return nil
}

// findDevice adds a device that is opened once to see whether it is there, in another process; auto then stands for what was found.
func (g *choice) findDevice(a *app, spec string) error {
	if err := g.nameDevice(spec); err != nil {
		return err
	}
	found := spec
	g.device.check = func(ctx context.Context) error {
		info, err := a.device(ctx, spec)
		if err == nil {
			found = info.Spec()
		}
		return err
	}
	g.device.with = func(ctx context.Context) context.Context { return gpu.WithDevice(ctx, found) }
	g.device.name = func() string { return found }
	return nil
}

// choice is what recipes run on; the zero value is this program, its processes and the processor.
type choice struct {
	catalog.Place
	engine, device *resource // nil: none was chosen
	world          *world    // not nil: the ranks are there already
}

// resource is an engine or a device.
type resource struct {
	check func(context.Context) error           // whether it is there
	with  func(context.Context) context.Context // a context in which recipes run on it, once it was found there
	name  func() string                         // of what was found, for people

	once   sync.Once
	lacked error
}

// answers looks once whether it is there.
func (r *resource) answers(ctx context.Context) error {
	r.once.Do(func() { r.lacked = r.check(ctx) })
	return r.lacked
}

// all are the resources that were chosen.
func (g *choice) all() (all []*resource) {
	for _, r := range []*resource{g.engine, g.device} {
		if r != nil {
			all = append(all, r)
		}
	}
	return all
}

// missing returns the first thing that a recipe needs and this machine lacks, and why; "" and nil if all is there. The engine and the
// device are looked for once.
func (g *choice) missing(ctx context.Context, e catalog.Entry) (catalog.Need, error) {
	for _, n := range e.NeedsAt(g.Place) {
		err := error(nil)
		switch n {
		case catalog.Need(g.Engine):
			err = g.engine.answers(ctx)
		case g.DeviceNeed():
			err = g.device.answers(ctx)
		default:
			err = machine.Check(ctx, n)
		}
		if err != nil {
			return n, err
		}
	}
	if g.device != nil { // cpu and auto need nothing, but have to be found
		return command.Device, g.device.answers(ctx)
	}
	return "", nil
}

// context is one in which recipes run on what was chosen, and which was found by missing.
func (g *choice) context(ctx context.Context) context.Context {
	for _, r := range g.all() {
		ctx = r.with(ctx)
	}
	return ctx
}

// names are what recipes run on, for people: ", on mpi"; "" if nothing was chosen.
func (g *choice) names() (text string) {
	for _, r := range g.all() {
		text += ", on " + r.name()
	}
	return text
}
