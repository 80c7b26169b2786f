package catalog

import (
	"fmt"
	"strings"
)

// Place is what recipes run on. Its zero value is this machine and its processor, where all recipes run.
type Place struct {
	Engine string // as in [Recipe.Engine]; "": none
	Device string // as --device names it: auto, cpu, opencl, opencl:N, cuda, cuda:N; "": none was named
}

// Has reports whether a recipe runs there.
func (p Place) Has(r *Recipe) bool {
	return (p.Engine == "" || r.Engine == p.Engine) && (p.Device == "" || r.Device)
}

// DeviceNeed is what the device needs, OpenCL or CUDA; "" for those that are always there.
func (p Place) DeviceNeed() Need {
	kind, _, _ := strings.Cut(p.Device, ":")
	if n := Need(kind); n == OpenCL || n == CUDA {
		return n
	}
	return ""
}

// String is the place as flags name it: --engine mpi.
func (p Place) String() string {
	var flags []string
	if p.Engine != "" {
		flags = append(flags, "--engine "+p.Engine)
	}
	if p.Device != "" {
		flags = append(flags, "--device "+p.Device)
	}
	return strings.Join(flags, " ")
}

// search is what to search for to find the recipes that run there.
func (p Place) search() string {
	switch {
	case p.Device == "":
		return "engine " + p.Engine
	case p.Engine == "":
		return "device"
	}
	return "device engine " + p.Engine
}

// PlaceError is a place at which what was named does not run.
type PlaceError struct {
	Place  Place
	Recipe string   // the one that was named; "": the terms leave nothing
	Terms  []string // none: of all recipes
}

func (e *PlaceError) Error() string {
	switch {
	case e.Recipe != "":
		return fmt.Sprintf("%s does not run on %v; leave it out, or see what does: cookbook list %s", e.Recipe, e.Place, e.Place.search())
	case len(e.Terms) > 0:
		return fmt.Sprintf("no recipe of %s runs on %v; see what does: cookbook list %s", strings.Join(e.Terms, " "), e.Place, e.Place.search())
	}
	return fmt.Sprintf("no recipe runs on %v", e.Place)
}
