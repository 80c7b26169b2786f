package ch1

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"

	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/process"
	"cookbook/internal/transcript"
)

// A process becomes another program: what comes after Exec is never reached.

// callingProcess is the book's calling_Process.py: a program of its own, inside this one. If it has an argument, it
// calls that program instead of calledProcess.
var callingProcess = process.RegisterRole("ch1.calling_Process", func() error {
	signal.Ignore(os.Interrupt) // Ctrl-C comes to this process as well, but the cookbook is the one that ends it
	fmt.Println("calling_Process: Process calling")
	fmt.Println("calling_Process: my process id is", os.Getpid())
	called, err := calledProcess.Command(context.Background())
	if err != nil {
		return err
	}
	program := called.Path
	if len(os.Args) > 1 {
		program = os.Args[1]
	}
	err = exec(program, called.Args, called.Env) // syscall.Exec
	// Reached only if exec has failed.
	fmt.Printf("calling_Process: exec %s: %v\n", program, err)
	fmt.Println("calling_Process: Good Bye!!")
	return nil
})

// calledProcess is the book's called_Process.py.
var calledProcess = process.RegisterRole("ch1.called_Process", func() error {
	fmt.Println("called_Process: Hello Python Parallel Cookbook!!")
	fmt.Println("called_Process: my process id is", os.Getpid())
	fmt.Println("called_Process: Press ENTER to exit")
	// The end of the input counts as ENTER.
	bufio.NewReader(os.Stdin).ReadString('\n')
	fmt.Println("called_Process: Closing calledProcess")
	return nil
})

func replaceProcess(ctx context.Context, out *transcript.Log, missing bool) error {
	// Exec replaces the whole process. The cookbook must stay, so it starts another process to be replaced.
	caller, err := callingProcess.Command(ctx)
	if err != nil {
		return err
	}
	if missing {
		caller.Args = append(caller.Args, "/no/such/program")
	}
	if terminal := catalog.Terminal(ctx); terminal != nil {
		caller.Stdin = terminal // somebody may press ENTER there; the default is the null device, whose input ends at once
	}
	caller.Stderr = os.Stderr
	said, err := caller.StdoutPipe()
	if err != nil {
		return err
	}
	if err := caller.Start(); err != nil {
		return err
	}
	out.Note("The cookbook has started one process. That process prints its id, and then asks to go on as another program.")

	ids, farewells := map[string]int{}, 0
	for lines := bufio.NewScanner(said); lines.Scan(); {
		actor, line, _ := strings.Cut(lines.Text(), ": ")
		out.Actor(actor).Printf("%s", line)
		var id int
		if _, err := fmt.Sscanf(line, "my process id is %d", &id); err == nil {
			ids[actor] = id
		}
		if line == "Good Bye!!" {
			farewells++
		}
	}
	if err := caller.Wait(); err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return fmt.Errorf("the process that was to be replaced: %w", err)
	}
	out.Printf("the process %d has ended", caller.Process.Pid)
	out.Check("calling_Process is the process that was started", ids["calling_Process"] == caller.Process.Pid, true)
	if missing {
		out.Note("There is no such program. Exec returned an error, and the process went on with its next line.")
		out.Check(`how often "Good Bye!!" was said`, farewells, 1)
		return nil
	}
	out.Note("The first program was replaced before it reached the line that prints \"Good Bye!!\".")
	out.Check("called_Process is that process, too", ids["called_Process"] == caller.Process.Pid, true)
	out.Check(`how often "Good Bye!!" was said`, farewells, 0)
	return nil
}

var processRecipe = catalog.Recipe{
	ID: "ch1.process", Section: "1.10", Title: "Replace a process by another program",
	Python: "os.execvp", Go: "syscall.Exec",
	Needs: []catalog.Need{catalog.Processes, catalog.Exec},
	New: func(f *pflag.FlagSet) catalog.Run {
		missing := f.Bool("missing", false, "call a program that is not there")
		return func(ctx context.Context, out *transcript.Log) error { return replaceProcess(ctx, out, *missing) }
	},
}
