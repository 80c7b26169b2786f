package objects

import (
	"context"
	"errors"
	"fmt"

	"cookbook/internal/distributed/registry"
)

// What can go wrong. What is returned wraps one of these with what was tried on what.
var (
	ErrUnknown   = errors.New("no object is registered under this name")
	ErrTaken     = errors.New("another object has this name; choose another name, or end the server of that object")
	ErrName      = errors.New("a name has 1 to 200 bytes of UTF-8")
	ErrNoMethods = errors.New("it has no exported methods whose arguments and results can travel; give a pointer if the methods belong to it")
	ErrClosed    = errors.New("the server is closed")
	ErrBusy      = errors.New("methods still run that do not heed their contexts")
	ErrGone      = errors.New("the object's server is gone: it has ended, was killed, or has lost the engine; look the name up again")
	ErrNoMethod  = errors.New("the object has no such method, or does not expose it")
	ErrArguments = errors.New("these are not the arguments that the method takes")
	ErrResult    = errors.New("this result cannot travel, or is not what the caller wants")
	ErrPanicked  = errors.New("the method panicked")
)

// named are the errors that keep their identity on the way.
var named = func() *registry.Registry[error] {
	r := registry.New[error]("error")
	r.Add("context.DeadlineExceeded", context.DeadlineExceeded)
	r.Add("context.Canceled", context.Canceled)
	return r
}()

// NewError makes an error that keeps its identity: if a method returns it, or an error that wraps it, errors.Is finds it in the
// error of the caller. Both programs have to make it under the same name, at package level. It panics if the name is taken.
func NewError(name, text string) error {
	err := errors.New(text)
	named.Add(name, err)
	return err
}

// A RemoteError is what a caller gets if a method has returned an error, has panicked, or was not called because the server
// refused. It wraps [ErrPanicked], [ErrNoMethod], [ErrArguments] or [ErrResult], and the errors of [NewError] that the method's
// error was.
type RemoteError struct {
	Object, Method string
	Message        string // the text of the method's error, or why the call was refused
	is             []error
}

func (e *RemoteError) Error() string {
	return fmt.Sprintf("call %s.%s: %s", e.Object, e.Method, e.Message)
}

// Unwrap returns what the error is beside a text.
func (e *RemoteError) Unwrap() []error { return e.is }

// The codes by which a server says why there is no result. They stand in the header of an answer.
const (
	codeFailed    = "error" // the method has returned an error
	codePanicked  = "panic"
	codeNoMethod  = "no-method"
	codeArguments = "arguments"
	codeResult    = "result"
	codeStopped   = "stopped" // the call was not begun
)

// sentinel is the error of this package for a code, nil if there is none.
func sentinel(code string) error {
	switch code {
	case codePanicked:
		return ErrPanicked
	case codeNoMethod:
		return ErrNoMethod
	case codeArguments:
		return ErrArguments
	case codeResult:
		return ErrResult
	}
	return nil
}

// A failure is an answer without a result, as it travels.
type failure struct {
	Code    string   `json:"-"`
	Message string   `json:"message"`
	Is      []string `json:"is,omitempty"` // names of NewError
}

// failed makes the answer for an error of a method.
func failed(err error) *failure {
	f := &failure{Code: codeFailed, Message: err.Error()}
	for _, name := range named.Names() {
		if known, _ := named.Find(name); errors.Is(err, known) {
			f.Is = append(f.Is, name)
		}
	}
	return f
}

// remote makes the caller's error of an answer.
func (f *failure) remote(object, method string) *RemoteError {
	e := &RemoteError{Object: object, Method: method, Message: f.Message}
	if err := sentinel(f.Code); err != nil {
		e.is = append(e.is, err)
	}
	for _, name := range f.Is {
		if err, unknown := named.Find(name); unknown == nil {
			e.is = append(e.is, err)
		}
	}
	return e
}
