package worker

import (
	"fmt"

	"cookbook/internal/wire"
)

// A worker and its parent exchange frames. One is
//
//	a request  a byte of flags, the function's name as a field, the argument
//	an answer  a byte that says what it is, and that
//
// Requests and answers take turns, so neither bears a number.

// forEach is the one flag of a request: the argument is a slice, and the function is called for each of its items.
const forEach = 1

// What an answer is.
const (
	answerResult = 'r' // a value
	answerError  = 'e' // the text of the error that the function returned, or why it was not called
	answerPanic  = 'p' // the text of the panic as a field, and the stack
)

func appendRequest(frame []byte, flags byte, name string) []byte {
	return wire.AppendField(append(frame, flags), name)
}

func cutRequest(body []byte) (flags byte, name, argument []byte, err error) {
	if len(body) == 0 || body[0]&^forEach != 0 {
		return 0, nil, nil, wire.ErrNonsense
	}
	name, argument, err = wire.CutField[[]byte](body[1:])
	return body[0], name, argument, err
}

// A RemoteError says why a function in another process has come to no result. Of the function's own error only the text
// travels: errors.Is and errors.As find nothing in it.
type RemoteError struct {
	Func  string // the name of the function
	Msg   string // the text of its error, or of its panic
	Stack string // of the panic; "" if it returned an error
}

func (e *RemoteError) Error() string {
	if e.Stack != "" {
		return fmt.Sprintf("%s panicked in its process: %s", e.Func, e.Msg)
	}
	return fmt.Sprintf("%s: %s", e.Func, e.Msg)
}

// ReadAnswer reads the answer to a call of the function of that name: take gets the result. The error is a *[RemoteError] if
// there is none.
func ReadAnswer(name string, answer []byte, take func(from []byte) error) error {
	if len(answer) == 0 {
		return wire.ErrNonsense
	}
	what, rest := answer[0], answer[1:]
	switch what {
	case answerResult:
		if err := take(rest); err != nil {
			return fmt.Errorf("the result of %s cannot be read: %w", name, err)
		}
		return nil
	case answerError:
		return &RemoteError{Func: name, Msg: string(rest)}
	case answerPanic:
		msg, stack, err := wire.CutField[string](rest)
		if err != nil {
			return err
		}
		return &RemoteError{Func: name, Msg: msg, Stack: string(stack)}
	}
	return wire.ErrNonsense
}

// IsAnswer reports whether a frame begins as an answer does.
func IsAnswer(frame []byte) bool {
	return len(frame) > 0 && (frame[0] == answerResult || frame[0] == answerError || frame[0] == answerPanic)
}
