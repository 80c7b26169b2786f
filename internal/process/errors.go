package process

import "errors"

// What can go wrong. What is returned wraps one of these with what was tried on what; compare with errors.Is.
var (
	ErrTimeout   = errors.New("timed out")
	ErrNotLocked = errors.New("not locked")
	ErrNegative  = errors.New("the value must not be negative")
	ErrBroken    = errors.New("broken")
)
