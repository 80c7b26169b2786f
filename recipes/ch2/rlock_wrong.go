package ch2

import (
	"context"

	"cookbook/internal/catalog"
	"cookbook/internal/threading"
	"cookbook/internal/transcript"
)

var rlockWrong = []catalog.Wrong{
	{Name: "plain-lock", Title: "holds a plain lock when it calls a method that takes it", Run: fillUnderPlainLock},
}

// fillUnderPlainLock puts an item into a box that guards itself with a Lock, which does not know that its holder asks again.
func fillUnderPlainLock(ctx context.Context, out *transcript.Log) error {
	main := threading.Main(ctx)
	b := box{lock: threading.NewLock("box lock")}
	adder := threading.NewThread(main, func(t *threading.Thread) error {
		out.Actor("adder").Printf("adding 1 item in the box")
		return b.add(t)
	}, threading.WithName("adder"))
	if err := threading.Run(main, adder); err != nil {
		return err
	}
	out.Printf("items in the box: %d", b.items)
	return nil
}
