package watch

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
)

// blocks passes on each block that the loop shows.
type blocks chan string

func (b blocks) Write(text []byte) (int, error) {
	b <- string(text)
	return len(text), nil
}

const header = `package main

import ("fmt"; "io"; "net"; "os"; "os/exec")

var _, _, _, _, _ = fmt.Print, io.EOF, net.Dial, os.Exit, exec.Command

`

// says is a program that prints one line and the end of a run.
func says(mark, text, end string) string {
	return header + "func main() { fmt.Println(`" +
		`{"actor":"main","kind":"line","mark":"` + mark + `","text":"` + text + `","expected":"= main  one","promise_line":1}` + "`)\nfmt.Println(`" +
		`{"kind":"end",` + end + "}`) }\n"
}

var (
	keeps  = says("=", "one", `"ok":true,"promises_kept":1,"elapsed_ms":1`)
	breaks = says("!", "ONE", `"ok":false,"promises_kept":0,"error":"main said ONE","broken":{"file":"tiny.txt","line":1,"expected":"= main  one","actor":"main","got":"ONE","reason":"x"}`) +
		`func init() { defer fmt.Fprintln(os.Stderr, "tiny: main said ONE") }`
)

// hangs is a program that starts itself again. Both hold a connection to this test, and never end.
func hangs(address string) string {
	return header + `func main() {
	c, err := net.Dial("tcp", "` + address + `")
	if err != nil {
		os.Exit(1)
	}
	if os.Getenv("TINY") == "" {
		os.Setenv("TINY", "child")
		exec.Command(os.Args[0]).Start()
	}
	io.Copy(io.Discard, c)
	select {}
}
`
}

// accepted waits for two connections; what the loop shows meanwhile is an error.
func accepted(t *testing.T, l net.Listener, shown blocks) (both [2]net.Conn) {
	t.Helper()
	for i := range both {
		came := make(chan net.Conn, 1)
		go func() {
			c, _ := l.Accept() // fails when the test closes the listener
			came <- c
		}()
		select {
		case both[i] = <-came:
		case text := <-shown:
			l.Close()
			<-came
			t.Fatalf("the program that hangs has ended:\n%s", text)
		}
	}
	return both
}

// gone waits until the processes at the other ends are gone.
func gone(both [2]net.Conn) {
	for _, c := range both {
		io.Copy(io.Discard, c) // an error is an end as well
		c.Close()
	}
}

func TestAModuleIsBuiltAndRunForEachSave(t *testing.T) {
	temp, dir := t.TempDir(), t.TempDir()
	t.Setenv("TMPDIR", temp)
	t.Setenv("TMP", temp)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	save(t, dir, "go.mod", "module tiny\n\ngo 1.26\n")
	save(t, dir, "main.go", keeps)
	shown := make(blocks, 10)
	ctx, cancel := context.WithCancelCause(t.Context())
	done := make(chan error, 1)
	go func() { done <- Loop(ctx, Options{Dir: dir, Out: shown}) }()
	want := func(what string, parts ...string) {
		t.Helper()
		got := ""
		select {
		case got = <-shown:
		case err := <-done:
			t.Fatalf("%s: Loop returned %v", what, err)
		}
		for _, part := range parts {
			if !strings.Contains(got, part) {
				t.Errorf("%s: there is no %q in\n%s", what, part, got)
			}
		}
		if strings.Contains(got, temp) || strings.Contains(got, "\x1b") {
			t.Errorf("%s: it has the temporary folder or control sequences:\n%s", what, got)
		}
	}
	want("at first", "kept  begun ", " · 1 promise kept in 1.0 ms\n")
	save(t, dir, "main.go", header+"func main() { undeclared() }\n")
	want("a compile error", "does not compile  main.go saved", "\n# tiny\n./main.go:7:15: undefined: undeclared\n")
	save(t, dir, "main.go", breaks)
	want("a broken promise", "BROKEN  main.go", "\n» = main  one  ! main  ONE\n\nmain said ONE\n\n")
	save(t, dir, "tiny.txt", "= main  one\n")
	want("the promise saved", "BROKEN  tiny.txt", "» = main  one")
	save(t, dir, "main.go", keeps)
	want("a mend", "kept  main.go", "mended: it did not compile\nmended: = main  one (line 1 of tiny.txt)\n")
	save(t, dir, "main.go", header+`func main() { fmt.Fprintln(os.Stderr, "tiny did not end\n  main waits"); os.Exit(124) }`)
	want("a time-out", "did not end  main.go", "\ntiny did not end\n  main waits\n")
	save(t, dir, "main.go", header+`func main() { panic("oh") }`)
	want("a panic", "FAILED  main.go", "\npanic: oh\n", "main.go:7")
	save(t, dir, "main.go", header+`func main() { fmt.Println("hello") }`)
	want("a program that knows no events", "FAILED  main.go", "--json")

	save(t, dir, "main.go", hangs(l.Addr().String()))
	first := accepted(t, l, shown)
	save(t, dir, "main.go", keeps)
	want("a save during a run", "kept  main.go")
	gone(first)

	save(t, dir, "main.go", hangs(l.Addr().String())+"// again\n")
	second := accepted(t, l, shown)
	interrupted := errors.New("interrupted")
	cancel(interrupted)
	if err := <-done; err != interrupted {
		t.Errorf("Loop returned %v", err)
	}
	gone(second)
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("left in the temporary folder: %v, %v", left, err)
	}
	select {
	case text := <-shown:
		t.Errorf("shown at the end: %s", text)
	default:
	}
}

// A program that writes for ever costs no more memory than that.
func TestTheOutputOfARunIsBounded(t *testing.T) {
	b := bounded{most: 100}
	n, err := io.Copy(&b, strings.NewReader(strings.Repeat("a", 1<<20)))
	if err != nil || n != 1<<20 || b.first.Len() != 100 {
		t.Errorf("took %d bytes, %v, kept %d", n, err, b.first.Len())
	}
}
