package gpu

import (
	"context"
	"fmt"
	"reflect"

	"cookbook/internal/gpu/driver"
)

// Name returns the name of the kernel's function.
func (k *Kernel) Name() string { return k.info.Name }

// Launch queues the kernel in the device's own queue; see [Kernel.LaunchOn].
func (k *Kernel) Launch(ctx context.Context, s Shape, args ...any) (*Event, error) {
	return k.LaunchOn(ctx, k.device.queue, s, args...)
}

// LaunchOn queues the kernel, and returns. Wait for the event, or for the queue with Sync, to learn whether it went well. Args are
// those of the function behind the block: a number or bool of the same type, or a *Buffer (or *Array) for a slice.
//
// What is 0 in the shape is chosen. In Block, it is the size for which the kernel was written; if that leaves it open and Block is all
// 0, X suits the device; else 1. A Grid that is all 0 has one dimension: a thread for each element of the first slice, and fewer blocks
// on the cpu device if the kernel shares its elements among any number of blocks (Range, Part). Else 0 in Grid is 1.
//
// What does not fit is refused before the device hears of it: [ErrShape] for the shape, [ErrArgument] for arguments.
func (k *Kernel) LaunchOn(ctx context.Context, q *Queue, s Shape, args ...any) (*Event, error) {
	return k.launch(ctx, q, s, args, 0)
}

// launch queues the kernel. The last outputs arguments need not be as long as the others where lengths are to be equal.
func (k *Kernel) launch(ctx context.Context, q *Queue, s Shape, args []any, outputs int) (*Event, error) {
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	switch {
	case q == nil:
		return nil, fmt.Errorf("kernel %s: nil is no queue: %w", k.info.Name, ErrArgument)
	case q.device != k.device:
		return nil, fmt.Errorf("kernel %s of %s in a queue of %s: %w", k.info.Name, k.device.info.Name, q.device.info.Name, ErrArgument)
	}
	queueDone, err := q.life.use()
	if err != nil {
		return nil, err
	}
	defer queueDone()
	values, done, err := k.arguments(q, args)
	defer done()
	if err != nil {
		return nil, err
	}
	n, found := 1, false
	for i, p := range k.info.Params[:len(args)-outputs] {
		switch {
		case !p.Slice:
		case !found:
			n, found = values[i].Len, true
		case k.equal && values[i].Len != n:
			return nil, fmt.Errorf("kernel %s, argument %s: %w: it has %d elements, the first one has %d", k.info.Name, p.Name, ErrArgument, values[i].Len, n)
		}
	}
	if s, err = shapeFor(k.device.info, k.info, s, n); err != nil {
		return nil, err
	}
	e, err := k.start(ctx, q, s, values)
	if err != nil {
		return nil, err
	}
	var reads, writes []*writers
	for i, p := range k.info.Params {
		if o, ok := args[i].(operand); ok && p.Write {
			writes = append(writes, o.written())
		} else if ok {
			reads = append(reads, o.written())
		}
	}
	return q.command(k.info.Name, e, reads, writes), nil
}

// operand is what stands for a slice in a launch: a buffer, or an array.
type operand interface {
	argument(q *Queue) (driver.Arg, reflect.Type, func(), error)
	written() *writers
}

// arguments checks the arguments and returns them as the driver takes them. They are used until done is called.
func (k *Kernel) arguments(q *Queue, args []any) (values []driver.Arg, done func(), err error) {
	var used []func()
	done = func() {
		for _, f := range used {
			f()
		}
	}
	if len(args) != len(k.info.Params) {
		return nil, done, fmt.Errorf("kernel %s: %w: it takes %d arguments, %d were given", k.info.Name, ErrArgument, len(k.info.Params), len(args))
	}
	values = make([]driver.Arg, len(args))
	for i, p := range k.info.Params {
		wrong := func(got string) error {
			want := p.Elem.String()
			if p.Slice {
				want = "a buffer of " + want
			}
			return fmt.Errorf("kernel %s, argument %s: %w: the kernel takes %s, not %s", k.info.Name, p.Name, ErrArgument, want, got)
		}
		o, slice := args[i].(operand)
		switch {
		case slice && !p.Slice:
			return nil, done, wrong("a buffer")
		case slice:
			arg, elem, release, err := o.argument(q)
			if err != nil {
				return nil, done, fmt.Errorf("kernel %s, argument %s: %w", k.info.Name, p.Name, err)
			}
			used = append(used, release)
			if elem != p.Elem {
				return nil, done, wrong("a buffer of " + elem.String())
			}
			values[i] = arg
		case p.Slice && args[i] != nil && reflect.TypeOf(args[i]).Kind() == reflect.Slice:
			return nil, done, wrong(fmt.Sprintf("%T: gpu.Upload makes one of a slice", args[i]))
		case p.Slice || reflect.TypeOf(args[i]) != p.Elem:
			return nil, done, wrong(fmt.Sprintf("%T", args[i]))
		default:
			values[i] = driver.Arg{Scalar: args[i]}
		}
	}
	return values, done, nil
}

// elements returns how many elements the first slice of a launch has.
func (k *Kernel) elements(args []any) (int, error) {
	for _, a := range args {
		if o, ok := a.(operand); ok {
			arg, _, done, err := o.argument(k.device.queue)
			if err != nil {
				return 0, err
			}
			done()
			return arg.Len, nil
		}
	}
	return 0, fmt.Errorf("kernel %s: %w: no argument is a buffer", k.info.Name, ErrArgument)
}
