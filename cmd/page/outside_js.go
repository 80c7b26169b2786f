package main

import (
	"io"
	"syscall/js"
)

// outside is the page: where the stream goes, and what it tells the run.
//
//	cookbookSays(text)   a line of the stream, called here
//	cookbookHears(word)  a word of the page, called by worker.js; see told.hear
func outside() (io.Writer, *told) {
	t := &told{}
	js.Global().Set("cookbookHears", js.FuncOf(func(_ js.Value, args []js.Value) any {
		t.hear(args[0].String())
		return nil
	}))
	return says(js.Global().Get("cookbookSays")), t
}

// says is a function of JavaScript as a writer.
type says js.Value

func (s says) Write(p []byte) (int, error) {
	js.Value(s).Invoke(string(p))
	return len(p), nil
}
