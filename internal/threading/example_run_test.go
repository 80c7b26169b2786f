package threading_test

import (
	"context"
	"fmt"

	"cookbook/internal/threading"
)

func ExampleRun() {
	main := threading.Main(context.Background())
	sum := 0
	lock := threading.NewLock("sum")
	add := func(t *threading.Thread) error {
		return threading.With(t, lock, func() error { sum++; return nil })
	}
	err := threading.Run(main, threading.NewThread(main, add), threading.NewThread(main, add))
	fmt.Println(sum, err)
	// Output: 2 <nil>
}
