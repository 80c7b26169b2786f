package worker

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"sync"

	"cookbook/internal/wire"
)

// ErrNotRegistered is a function that another process cannot find.
var ErrNotRegistered = errors.New("not registered")

// registry is the functions and roles of this program. It is filled before main and the same in parent and child.
var registry struct {
	sync.RWMutex
	functions map[string]function
	names     map[uintptr]string // of functions, by where their code begins
	roles     map[string]func() error

	// In a child that [Early] has made, nil otherwise:
	missing  chan struct{} // closed when the child needs what is not registered yet
	miss     sync.Once     // closes it
	complete chan struct{} // closed when all is registered
}

// A function runs a registered one in a child: it reads the argument from body, as the request's flags say, and appends the
// answer to answer.
type function func(ctx context.Context, flags byte, body, answer []byte) []byte

// Register makes f known under a name and returns it. It is called at package level, so that the function is known in the
// child as well:
//
//	var square = process.Register("example.square", func(ctx context.Context, x int) (int, error) { … })
//
// It costs what two entries in maps cost. It panics if the name is empty or taken, or if this function has a name: what it
// is known by is where its code begins, which is the same for all closures made in one place and for one method of
// several receivers. What a closure holds does not travel, so a registered function should hold nothing.
func Register[A, R any](name string, f func(context.Context, A) (R, error)) func(context.Context, A) (R, error) {
	var spare sync.Pool // of what calls for each item of a slice need
	register(name, reflect.ValueOf(f).Pointer(), func(ctx context.Context, flags byte, body, answer []byte) []byte {
		if flags&forEach != 0 {
			return callForEach(ctx, f, &spare, body, answer)
		}
		var arg A
		if err := wire.Read(body, &arg); err != nil {
			return append(append(answer, answerError), "its argument cannot be read: "+err.Error()...)
		}
		result, err := f(ctx, arg)
		if err != nil {
			return append(append(answer, answerError), err.Error()...)
		}
		filled, err := wire.Append(append(answer, answerResult), &result)
		if err != nil {
			return append(append(answer, answerError), "its result cannot be sent: "+err.Error()...)
		}
		return filled
	})
	return f
}

func register(name string, code uintptr, f function) {
	registry.Lock()
	defer registry.Unlock()
	switch {
	case name == "":
		panic("process.Register: a function needs a name")
	case code == 0:
		panic(fmt.Sprintf("process.Register: the function %q is nil", name))
	case registry.functions[name] != nil:
		panic(fmt.Sprintf("process.Register: there are two functions of the name %q", name))
	case registry.names[code] != "":
		panic(fmt.Sprintf("process.Register: the function %q is registered already, as %q", name, registry.names[code]))
	}
	if registry.functions == nil {
		registry.functions, registry.names = make(map[string]function, 64), make(map[uintptr]string, 64)
	}
	registry.functions[name], registry.names[code] = f, name
}

// Name returns the name under which f is registered, or an error that wraps [ErrNotRegistered].
func Name[A, R any](f func(context.Context, A) (R, error)) (string, error) {
	return nameOf(reflect.ValueOf(f).Pointer())
}

func nameOf(code uintptr) (string, error) {
	registry.RLock()
	defer registry.RUnlock()
	if name := registry.names[code]; name != "" {
		return name, nil
	}
	where := "a nil function"
	if f := runtime.FuncForPC(code); f != nil {
		where = f.Name()
	}
	return "", fmt.Errorf("another process cannot find %s: %w; write at package level: var f = process.Register(NAME, func…)", where, ErrNotRegistered)
}

// find returns the function of that name, nil if there is none.
func find(name string) function { return lookUp(&registry.functions, name) }

// lookUp returns what is registered in a map of the registry under a name, the zero value if there is nothing. Where [Early]
// has begun before all is registered, lookUp waits for that.
func lookUp[F any](in *map[string]F, name string) F {
	registry.RLock()
	f, known := (*in)[name]
	registry.RUnlock()
	if known || registry.complete == nil {
		return f
	}
	registry.miss.Do(func() { close(registry.missing) })
	<-registry.complete
	registry.RLock()
	defer registry.RUnlock()
	return (*in)[name]
}
