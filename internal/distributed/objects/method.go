package objects

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// A method can be called from elsewhere.
type method struct {
	name      string
	call      reflect.Value
	takes     []reflect.Type // without the context
	variadic  bool
	context   bool // it takes one, first
	result    bool
	err       bool // it returns one, last
	signature string
}

// methodsOf returns the methods of a value that can be called from elsewhere, by name. Only are the names of those that are to be
// exposed; none stands for all that can be.
func methodsOf(value any, only []string) (map[string]*method, error) {
	v := reflect.ValueOf(value)
	if !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		return nil, fmt.Errorf("the object is nil: %w", ErrNoMethods)
	}
	all, unfit := map[string]*method{}, map[string]string{}
	for i := range v.NumMethod() {
		name := v.Type().Method(i).Name
		m, why := newMethod(name, v.Method(i))
		if why != "" {
			unfit[name] = why
			continue
		}
		all[name] = m
	}
	if len(only) > 0 {
		for _, name := range only {
			switch {
			case unfit[name] != "":
				return nil, fmt.Errorf("expose %s of a %s: %s: %w", name, v.Type(), unfit[name], ErrNoMethod)
			case all[name] == nil:
				return nil, fmt.Errorf("expose %s of a %s: %w; it has: %s", name, v.Type(), ErrNoMethod, list(slices.Sorted(maps.Keys(all))))
			}
		}
		maps.DeleteFunc(all, func(name string, _ *method) bool { return !slices.Contains(only, name) })
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("a %s: %w", v.Type(), ErrNoMethods)
	}
	return all, nil
}

// newMethod looks at a bound method. Why says why it cannot be called from elsewhere.
func newMethod(name string, call reflect.Value) (m *method, why string) {
	t := call.Type()
	m = &method{name: name, call: call, variadic: t.IsVariadic()}
	var names []string
	for i := range t.NumIn() {
		in := t.In(i)
		if i == 0 && in == reflect.TypeFor[context.Context]() {
			m.context = true
			continue
		}
		written := in.String()
		if m.variadic && i == t.NumIn()-1 {
			written = "..." + in.Elem().String()
		}
		if why := travels(in, true, map[reflect.Type]bool{}); why != "" {
			return nil, fmt.Sprintf("argument %d: %s", len(m.takes)+1, why)
		}
		m.takes, names = append(m.takes, in), append(names, written)
	}
	out := t.NumOut()
	if out > 0 && t.Out(out-1) == reflect.TypeFor[error]() {
		m.err = true
		out--
	}
	m.signature = name + "(" + strings.Join(names, ", ") + ")"
	switch out {
	case 0:
		return m, ""
	case 1:
		m.result = true
		m.signature += " " + t.Out(0).String()
		return m, travels(t.Out(0), false, map[reflect.Type]bool{})
	}
	return nil, "it has more than one result beside an error; return a struct"
}

// arguments makes the values to call the method with.
func (m *method) arguments(ctx context.Context, came []json.RawMessage) ([]reflect.Value, error) {
	takes := m.takes
	if m.variadic {
		last := takes[len(takes)-1]
		takes = slices.Clone(takes[:len(takes)-1])
		for len(takes) < len(came) {
			takes = append(takes, last.Elem())
		}
	}
	if len(came) != len(takes) {
		return nil, fmt.Errorf("it is %s, called with %d: %s", m.signature, len(came), kindsOf(came))
	}
	var values []reflect.Value
	if m.context {
		values = append(values, reflect.ValueOf(ctx))
	}
	for i, t := range takes {
		v := reflect.New(t).Elem()
		if err := decode(came[i], v); err != nil {
			return nil, fmt.Errorf("it is %s, called with %s: argument %d: %w", m.signature, kindsOf(came), i+1, err)
		}
		values = append(values, v)
	}
	return values, nil
}

// invoke calls the method. It may panic as the method does.
func (m *method) invoke(values []reflect.Value) ([]byte, *failure) {
	out := m.call.Call(values)
	if m.err {
		if err, _ := out[len(out)-1].Interface().(error); err != nil {
			return nil, failed(err)
		}
	}
	if !m.result {
		return []byte("null"), nil
	}
	data, err := encode(out[0].Interface())
	if err != nil {
		return nil, &failure{Code: codeResult, Message: "its result, " + article(out[0].Type()) + ", cannot travel: " + strings.TrimPrefix(err.Error(), "json: ")}
	}
	return data, nil
}

// request is a call as it travels.
type request struct {
	Within int64             `json:"within_us,omitempty"` // microseconds that the caller waits at most; 0: for ever
	OneWay bool              `json:"one_way,omitempty"`
	Key    string            `json:"key,omitempty"` // of the call in an execution trace, if the caller takes one
	Args   []json.RawMessage `json:"args"`
}

// parse reads a request.
func parse(data []byte) (r request, err error) {
	if err := json.Unmarshal(data, &r); err != nil {
		return r, fmt.Errorf(`this is not a request, which looks like {"args": [1, "two"]}: %w`, err)
	}
	if r.Within < 0 {
		return r, errors.New("the caller waits no longer")
	}
	return r, nil
}

func list(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}
