package ch5

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/distributed"
	"cookbook/internal/distributed/engine"
	"cookbook/internal/distributed/tasks"
	"cookbook/internal/process"
	"cookbook/internal/transcript"
)

// A client sends calls of tasks and does not wait for them. Workers in other processes do them.

// # The tasks

type pair struct{ X, Y int }

// addPair is the book's task. Client and workers know it by its name.
var addPair = tasks.Register("ch5.add", func(_ context.Context, p pair) (int, error) { return p.X + p.Y, nil })

// twice is for the chain, and total for the group's last step.
var (
	twice = tasks.Register("ch5.twice", func(_ context.Context, x int) (int, error) { return 2 * x, nil })
	total = tasks.Register("ch5.total", func(_ context.Context, all []int) (sum int, err error) {
		for _, n := range all {
			sum += n
		}
		return sum, nil
	})
)

// flaky fails until it has been tried again a number of times.
var flaky = tasks.Register("ch5.flaky", func(ctx context.Context, failures int) (string, error) {
	if tried := tasks.Current(ctx).Retries; tried < failures {
		return "", fmt.Errorf("failure %d", tried+1)
	}
	return "well at last", nil
}, tasks.WithRetries(5, 20*time.Millisecond))

// lingering takes longer than it may.
var lingering = tasks.Register("ch5.lingering", func(ctx context.Context, _ struct{}) (struct{}, error) {
	<-ctx.Done() // a function that takes no notice of its context could not be stopped
	return struct{}{}, context.Cause(ctx)
}, tasks.WithSoftLimit(100*time.Millisecond))

// holding never ends in the worker of that name. In any other it says who has done it.
var holding = tasks.Register("ch5.holding", func(ctx context.Context, victim string) (string, error) {
	worker := tasks.Current(ctx).Worker
	if worker == victim {
		<-ctx.Done()
		return "", context.Cause(ctx)
	}
	return worker, nil
}, tasks.WithQueue("held"), tasks.WithTrackStarted())

// # A worker

type taskWorker struct {
	At          engine.Address
	Name, Queue string
}

// serveTasks is the main function of a worker process. It logs what happens as Celery's worker does.
var serveTasks = process.Register("ch5.task-worker", func(ctx context.Context, w taskWorker) (struct{}, error) {
	conn, err := engine.Connect(ctx, w.At)
	if err != nil {
		return struct{}{}, err
	}
	defer conn.Close()
	log := process.Log(ctx).Actor(w.Name)
	return struct{}{}, tasks.Serve(ctx, conn, tasks.WithWorkerName(w.Name), tasks.WithQueues(w.Queue),
		tasks.WithObserver(func(e tasks.Event) { log.Printf("%v", e) }))
})

func startWorker(run *distributed.Run, name, queue string) (*process.Process, error) {
	return distributed.Start(run, name, serveTasks, taskWorker{run.Address(), name, queue})
}

// # The client

func sendTasks(ctx context.Context, out *transcript.Log, x, y, failures int) error {
	run, err := distributed.Open(ctx, out)
	if err != nil {
		return err
	}
	defer run.Close() // ends the workers, too
	app, err := tasks.NewApp(ctx, run.Conn)
	if err != nil {
		return err
	}

	// Delay returns as soon as the engine has the call. There is not even a worker yet.
	call, err := addPair.Delay(ctx, app, pair{x, y})
	if err != nil {
		return err
	}
	out.Printf("sent add(%d, %d)", x, y)
	if _, err := startWorker(run, "worker 1", tasks.DefaultQueue); err != nil {
		return err
	}
	sum, err := call.Get(ctx)
	if err != nil {
		return err
	}
	out.Printf("the result is %d", sum)
	out.Note("The worker says that it has succeeded before the client can get the result. So these lines have this order.")
	again, err := addPair.Result(app, call.ID()).Get(ctx) // by the id alone, as another client would
	out.Check("a client that knows only the id gets the same", again == sum && err == nil, true)

	if err := goWrong(ctx, out, app, failures); err != nil {
		return err
	}
	if err := combine(ctx, out, app, x, y); err != nil {
		return err
	}
	return killWorker(ctx, out, app, run)
}

// # What goes wrong

func goWrong(ctx context.Context, out *transcript.Log, app *tasks.App, failures int) error {
	call, err := flaky.Delay(ctx, app, failures)
	if err != nil {
		return err
	}
	text, err := call.Get(ctx)
	if err != nil {
		return err
	}
	out.Printf("tried again %d times: %s", failures, text)
	out.Note("Each pause is twice as long as the one before. Meanwhile the worker can do other calls.")

	late, err := lingering.Delay(ctx, app, struct{}{})
	if err != nil {
		return err
	}
	_, err = late.Get(ctx)
	out.Printf("%v", errors.Unwrap(err))
	out.Check("a call over its time has failed", errors.Is(err, tasks.ErrSoftLimit), true)
	dead, err := app.DeadLetters(ctx, 10)
	out.Check("it is kept as a dead letter", err == nil && len(dead) == 1 && dead[0].Request.ID == late.ID(), true)
	return nil
}

// # Calls that belong together

func combine(ctx context.Context, out *transcript.Log, app *tasks.App, x, y int) error {
	chain, err := tasks.Then(addPair.S(pair{x, y}), twice).Apply(ctx, app)
	if err != nil {
		return err
	}
	doubled, err := chain.Get(ctx)
	if err != nil {
		return err
	}
	out.Printf("chain: (%d + %d) * 2 = %d", x, y, doubled)

	squares := []tasks.Signature[int]{addPair.S(pair{1, 0}), addPair.S(pair{2, 2}), addPair.S(pair{3, 6})}
	chord, err := tasks.Chord(ctx, app, squares, total)
	if err != nil {
		return err
	}
	all, err := chord.Get(ctx)
	if err != nil {
		return err
	}
	out.Printf("group with a last step: 1 + 4 + 9 = %d", all)
	return nil
}

// # A worker that is killed

func killWorker(ctx context.Context, out *transcript.Log, app *tasks.App, run *distributed.Run) error {
	victim, err := startWorker(run, "worker 2", "held")
	if err != nil {
		return err
	}
	call, err := holding.Delay(ctx, app, "worker 2")
	if err != nil {
		return err
	}
	for state := tasks.Pending; state != tasks.Started; time.Sleep(time.Millisecond) {
		if state, err = call.State(ctx); err != nil {
			return err
		}
		if !victim.IsAlive() {
			return errors.Join(errors.New("worker 2 has ended before it was killed"), victim.Err())
		}
	}
	if err := victim.Kill(); err != nil {
		return err
	}
	out.Printf("worker 2 has begun its call, and is killed")
	if _, err := startWorker(run, "worker 3", "held"); err != nil {
		return err
	}
	worker, err := call.Get(ctx)
	if err != nil {
		return err
	}
	out.Printf("its call was done by %s", worker)
	return nil
}

var celeryTask = catalog.Recipe{
	ID: "ch5.celery-task", Section: "5.3", Title: "Send calls of tasks to workers",
	Python: "celery.Celery, task.delay, chain, chord", Go: "tasks.Register, Delay, Then, Chord",
	Needs:  []catalog.Need{catalog.Processes, catalog.Network},
	Engine: string(catalog.NATS),
	New: func(f *pflag.FlagSet) catalog.Run {
		x := catalog.IntP(f, "first", "x", 5, -1_000_000, 1_000_000, "first number to add")
		y := catalog.IntP(f, "second", "y", 5, -1_000_000, 1_000_000, "second number to add")
		failures := catalog.Int(f, "failures", 2, 0, 5, "number of times that a call fails before it succeeds")
		return func(ctx context.Context, out *transcript.Log) error { return sendTasks(ctx, out, *x, *y, *failures) }
	},
}
