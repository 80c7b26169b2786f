package ch3

import (
	"context"
	"errors"
	"time"

	"cookbook/internal/catalog"
	"cookbook/internal/process"
	"cookbook/internal/transcript"
)

var managerWrong = []catalog.Wrong{
	{Name: "lost-update", Title: "gets and sets without the lock", Run: addByProxy},
}

// addByProxy has two processes add 1 to one value. Get and Set are two requests, and nothing keeps them together.
func addByProxy(ctx context.Context, out *transcript.Log) error {
	mgr, err := process.NewManager(ctx)
	if err != nil {
		return err
	}
	defer mgr.Close()
	books, err := process.NewManagedValue(ctx, mgr, 0)
	if err != nil {
		return err
	}
	g, err := process.NewGroup(ctx, process.WithLog(out))
	if err != nil {
		return err
	}
	defer g.Close()
	p1 := process.New(g, addBook, books, process.WithName("p1"))
	p2 := process.New(g, addBook, books, process.WithName("p2"))
	pause := func() error { return out.Sleep(ctx, 2*time.Second) } // far more than one addition takes
	if err := errors.Join(p1.Start(), pause(), p2.Start(), g.Join(ctx)); err != nil {
		return err
	}
	number, err := books.Get(ctx)
	if err != nil {
		return err
	}
	out.Printf("books: %d", number)
	return nil
}

var addBook = process.Register("ch3.add_book", func(ctx context.Context, books *process.ManagedValue[int]) (struct{}, error) {
	number, err := books.Get(ctx)
	if err == nil {
		process.Log(ctx).Actor(process.Current(ctx).Name()).Printf("adding a book to %d", number)
		err = books.Set(ctx, number+1)
	}
	return struct{}{}, err
})
