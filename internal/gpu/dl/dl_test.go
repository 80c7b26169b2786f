package dl_test

import (
	"errors"
	"testing"
	"unsafe"

	"cookbook/internal/gpu/dl"
)

func TestFunctionsOfTheProcessAreCalled(t *testing.T) {
	self, err := dl.Open(dl.Self)
	if errors.Is(err, dl.ErrNone) {
		t.Skip(err)
	} else if err != nil {
		t.Fatal(err)
	}
	libc, err := dl.Open("libc.so.6")
	if err != nil {
		t.Skip(err)
	}
	text := []byte("seven..\x00")
	if n := libc.Func("strlen").Call(uintptr(unsafe.Pointer(&text[0]))); n != 7 {
		t.Errorf("strlen returned %d, want 7", n)
	}
	var sqrt func(float64) float64
	if libm, err := dl.Open("libm.so.6"); err != nil {
		t.Log(err)
	} else if err := libm.Bind(&sqrt, "sqrt"); err != nil || sqrt(9) != 3 {
		t.Errorf("sqrt: %v", err)
	}
	if self.Func("clNoSuchFunction") != 0 {
		t.Error("the process has a function that nobody wrote")
	}
	if err := self.Bind(&sqrt, "clNoSuchFunction"); err == nil {
		t.Error("Bind found a function that nobody wrote")
	}
}

func TestMissingLibraryIsAnError(t *testing.T) {
	if _, err := dl.Open("libno-such-library.so.9"); err == nil {
		t.Error("no error")
	}
}
