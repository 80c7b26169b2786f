package engine

import (
	"errors"
	"fmt"
	"testing"

	"go.uber.org/goleak"

	"cookbook/internal/waitfor"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestEveryCallHasItsName(t *testing.T) {
	names := map[string]bool{}
	for call := CallSend; call < CallEnd; call++ {
		names[call.String()] = true
	}
	if len(names) != int(CallEnd)-1 || names[""] || CallSplit.String() != "Split" || CallFinalize.String() != "the end" {
		t.Errorf("%d calls have the names %v", CallEnd-1, names)
	}
	for _, none := range []Call{0, CallEnd, 999} {
		if none.String() != "an unknown call" || none.Collective() || none.HasData() || none.HasRoot() || none.HasOperator() {
			t.Errorf("there is a call %d: %s", uint32(none), none)
		}
	}
}

func TestWhatACallTakesFitsTogether(t *testing.T) {
	for call := CallSend; call < CallEnd; call++ {
		if call.Collective() != (call >= CallBarrier && call != CallFinalize) {
			t.Errorf("%s: collective is %v", call, call.Collective())
		}
		if call.HasData() && !call.Collective() || (call.HasRoot() || call.HasOperator()) && !call.HasData() {
			t.Errorf("%s: collective %v, data %v, root %v, operator %v", call, call.Collective(), call.HasData(), call.HasRoot(), call.HasOperator())
		}
	}
}

func TestEveryOperatorHasAName(t *testing.T) {
	names := map[string]bool{}
	for o := OpOwn; o < OpEnd; o++ {
		names[o.String()] = true
	}
	if len(names) != int(OpEnd) || names[""] || OpEnd.String() != "an unknown operator" || OpCode(-1).String() != "an unknown operator" {
		t.Errorf("%d operators have the names %v", OpEnd, names)
	}
}

func TestEveryClassHasItsText(t *testing.T) {
	texts := map[string]bool{}
	for class := ErrCount; class <= lastClass; class++ {
		texts[class.Error()] = true
	}
	if len(texts) != int(lastClass) || texts[""] || ErrorClass(99).Error() != "MPI error class 99" {
		t.Errorf("%d classes have the texts %v", lastClass, texts)
	}
}

func TestTypesHaveWords(t *testing.T) {
	type loc struct {
		Value float64
		Index int
	}
	words := map[uint32]string{}
	for _, d := range []Datatype{
		TypeOf[int8](), TypeOf[int16](), TypeOf[int32](), TypeOf[int64](), TypeOf[uint8](), TypeOf[uint16](), TypeOf[uint32](),
		TypeOf[uint64](), TypeOf[float32](), TypeOf[float64](), TypeOf[complex64](), TypeOf[complex128](), TypeOf[loc](), Encoded,
	} {
		if other, taken := words[d.Word()]; taken {
			t.Errorf("%s and %s have the same word", d, other)
		}
		words[d.Word()] = d.String()
	}
	for want, d := range map[string]Datatype{"float32": TypeOf[float32](), "value": Encoded, "Loc of 16 bytes": TypeOf[loc]()} {
		if got := DescribeType(d.Word()); got != want {
			t.Errorf("the word of %s says %q, want %q", d, got, want)
		}
	}
}

func TestADeadlockOfRanksIsADeadlock(t *testing.T) {
	for class := ErrorClass(1); class <= lastClass; class++ {
		err := fmt.Errorf("run: %w", Errorf(class, 0, "deadlock"))
		if got := errors.Is(err, waitfor.ErrDeadlock); got != (class == ErrDeadlock) || !errors.Is(err, class) {
			t.Errorf("%v is a deadlock: %v", class, got)
		}
	}
}
