package remote

import (
	"fmt"
	"maps"
	"slices"

	"go.starlark.net/starlark"
)

// A module is what [Conn.Module] returns a reference to.
type module struct {
	name    string
	members starlark.StringDict
	sys     *system // of the module sys, which has a member that can be set; otherwise nil
}

var _ starlark.HasSetField = (*module)(nil)

func (m *module) String() string        { return "<module " + m.name + ">" }
func (m *module) Type() string          { return "module" }
func (m *module) Freeze()               {}
func (m *module) Truth() starlark.Bool  { return true }
func (m *module) Hash() (uint32, error) { return 0, fmt.Errorf("unhashable: module") }

func (m *module) Attr(name string) (starlark.Value, error) {
	if m.sys != nil && name == "stdout" {
		return m.sys.stdout, nil
	}
	return m.members[name], nil
}

func (m *module) AttrNames() []string {
	if m.sys != nil {
		return []string{"stdout"}
	}
	return slices.Sorted(maps.Keys(m.members))
}

func (m *module) SetField(name string, v starlark.Value) error {
	if m.sys == nil || name != "stdout" {
		return starlark.NoSuchAttrError(fmt.Sprintf("%s has no member %s that can be set", m, name))
	}
	to, ok := v.(starlark.HasAttrs)
	if ok {
		write, err := to.Attr("write")
		ok = write != nil && err == nil
	}
	if !ok {
		return fmt.Errorf("sys.stdout: want something with a method write, got %s", v.Type())
	}
	m.sys.stdout = v
	return nil
}

// all is what a load can bind: the members, and the module under its own name.
func (m *module) all() starlark.StringDict {
	all := starlark.StringDict{m.name: m}
	maps.Copy(all, m.members)
	return all
}

// system is the module sys of a session.
type system struct{ stdout starlark.Value }
