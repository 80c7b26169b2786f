// Program tiny does what no recipe should, for worker.js.
package main

import (
	"os"
	"syscall/js"
)

func main() {
	says := js.Global().Get("cookbookSays")
	says.Invoke("begun")
	hears := func(_ js.Value, args []js.Value) any {
		says.Invoke("heard " + args[0].String())
		return nil
	}
	switch os.Args[1] {
	case "deadlock": // and it does not listen
		js.Global().Set("cookbookHears", js.FuncOf(hears))
		select {}
	case "deaf":
		select {}
	case "loop":
		for {
		}
	case "panic":
		panic("no more")
	case "exit":
		os.Exit(7)
	}
}
