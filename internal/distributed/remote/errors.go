package remote

import (
	"errors"
	"fmt"
)

// What can go wrong. What is returned wraps one of these and says what was tried on what, so compare with errors.Is.
var (
	// ErrGone is that the other side has ended, has been killed, or has hung up.
	ErrGone = errors.New("the other side is gone")

	// ErrClosed is that the connection was closed on this side.
	ErrClosed = errors.New("the connection is closed")

	// ErrRefused is that client and server do not know the same secret.
	ErrRefused = errors.New("refused: the secret is not the server's")

	// ErrNoSecret is to listen without a secret: anybody could run anything.
	ErrNoSecret = errors.New("a server needs a secret; make one with NewSecret")

	// ErrNonsense is a message that no peer of this program sends.
	ErrNonsense = errors.New("that is not what a peer has to say")

	// ErrTooLarge is a message of more than [MaxMessage] bytes.
	ErrTooLarge = fmt.Errorf("more than %d MiB in one message: leave it where it is and send a part of it", MaxMessage>>20)

	// ErrTooDeep is a value with more than [MaxDepth] tuples, lists or dicts inside each other; one that contains itself, too.
	ErrTooDeep = fmt.Errorf("more than %d tuples, lists or dicts inside each other", MaxDepth)

	// ErrNoTravel is a value that goes neither by value nor by reference.
	ErrNoTravel = errors.New("does not travel; these do: nil, bool, numbers, string, []byte, Tuple, *Ref, Func, Methods, io.Writer; " +
		"of a slice or map make a copy there with Deliver")

	// ErrReleased is a reference to an object that is not held any more, or that belongs to another connection.
	ErrReleased = errors.New("there is no such object on this connection; it was released, or belongs to another connection")

	// ErrTooMany is more references, or more requests at once, than a connection may have.
	ErrTooMany = errors.New("too many on one connection")

	// ErrSteps, ErrTime, ErrMemory and ErrRecursion are that server code was ended by one of its [Limits].
	ErrSteps     = errors.New("too many steps")
	ErrTime      = errors.New("took too long")
	ErrMemory    = errors.New("the server's process has taken too much memory")
	ErrRecursion = errors.New("too many calls inside each other")

	// ErrCancelled is server code that was ended because the client does not wait for it any more.
	ErrCancelled = errors.New("cancelled by the other side")

	// ErrNoModule is a module that the server does not offer. The text says what there is.
	ErrNoModule = errors.New("no such module")

	// ErrType is a value of another type than was asked for. See [As].
	ErrType = errors.New("is of another type")
)

// codes are the errors that keep their identity on the way: each travels as its place here. The order is part of the protocol.
var codes = []error{
	nil, ErrNonsense, ErrTooLarge, ErrTooDeep, ErrNoTravel, ErrReleased, ErrTooMany, ErrSteps, ErrTime, ErrMemory, ErrRecursion,
	ErrCancelled, ErrNoModule,
}

// codeOf returns the code of an error, 0 if it has none.
func codeOf(err error) byte {
	for i := len(codes) - 1; i > 0; i-- {
		if errors.Is(err, codes[i]) {
			return byte(i)
		}
	}
	return 0
}

// An Error is what went wrong on the other side: in the code that ran there, or before it could run.
type Error struct {
	Message   string
	Position  string // file:line:column, of the text that failed; "" if none did
	Backtrace string // of the calls there, the outermost first, a line each; of very many the middle is left out

	code byte
}

// Error returns the message, with the position before it.
func (e *Error) Error() string {
	if e.Position != "" {
		return e.Position + ": " + e.Message
	}
	return e.Message
}

// Unwrap returns the error of this package that it stands for, nil if it is an error of the code that ran.
func (e *Error) Unwrap() error {
	if int(e.code) < len(codes) {
		return codes[e.code]
	}
	return nil
}
