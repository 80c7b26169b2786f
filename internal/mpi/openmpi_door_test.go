package mpi

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cookbook/internal/mpi/engine"
	"cookbook/internal/transcript"
)

// testDoor opens a door for n ranks and says where it is.
func testDoor(t *testing.T, n int, log *transcript.Log, share bool) (*door, doorway) {
	t.Helper()
	d, where, err := openDoorFor(n, false, errand{"program", []byte("argument"), log != nil}, log, share)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.close)
	p, err := parseDoorway(where)
	if err != nil {
		t.Fatal(err)
	}
	return d, p
}

// join is a rank that has its errand.
func join(t *testing.T, p doorway, rank int) *part {
	t.Helper()
	m, err := p.join(rank)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.leave(); <-m.heard })
	return m
}

func TestRanksGetTheirErrandAndAllHearOfTheResults(t *testing.T) {
	d, p := testDoor(t, 3, nil, true)
	parts := make([]*part, 3)
	for r := range parts {
		parts[r] = join(t, p, r)
		if e := parts[r].job; e.name != "program" || string(e.arg) != "argument" || e.lines {
			t.Errorf("rank %d got %+v", r, e)
		}
	}
	for r, m := range parts {
		m.tell(fmt.Appendf(nil, "result %d", r), nil)
	}
	for r, m := range parts {
		if <-m.heard; m.failure != nil || len(m.results) != 3 || string(m.results[2]) != "result 2" {
			t.Errorf("rank %d heard %q, %v", r, m.results, m.failure)
		}
	}
	results, err := d.outcome()
	if err != nil || len(results) != 3 || string(results[1]) != "result 1" {
		t.Errorf("the door has %q, %v", results, err)
	}
}

func TestTheFirstErrorIsToldToAll(t *testing.T) {
	d, p := testDoor(t, 3, nil, false)
	first, second, third := join(t, p, 0), join(t, p, 1), join(t, p, 2)
	first.tell([]byte("fine"), nil)
	second.tell(nil, &engine.Error{Class: engine.ErrAborted, Rank: 1, Code: 7, Text: "rank 1 aborted with code 7"})
	<-second.heard
	third.tell(nil, asError(errors.New("too late"), 2))
	for _, m := range []*part{first, second, third} {
		if <-m.heard; m.failure == nil || m.failure.Class != engine.ErrAborted || m.failure.Code != 7 || m.failure.Rank != 1 {
			t.Errorf("rank %d heard %+v", m.rank, m.failure)
		}
	}
	if _, err := d.outcome(); !errors.Is(err, engine.ErrAborted) {
		t.Errorf("the door has %v", err)
	}
}

func TestARankThatGoesWithoutAnOutcomeIsMissed(t *testing.T) {
	d, p := testDoor(t, 2, nil, false)
	stays := join(t, p, 0)
	join(t, p, 1).leave()
	<-d.lack
	if d.missed() != 1 {
		t.Errorf("rank %d is missed, want 1", d.missed())
	}
	d.close()
	if <-stays.heard; stays.failure == nil {
		t.Error("the other one was not told")
	}
}

// heardLines keeps what a log is told.
type heardLines struct {
	mu    sync.Mutex
	lines []string
}

func (h *heardLines) Event(e transcript.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lines = append(h.lines, e.Actor+": "+e.Text)
}

func (h *heardLines) all() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.lines)
}

func TestALineIsRecordedWhenTheCallReturns(t *testing.T) {
	var h heardLines
	_, p := testDoor(t, 2, transcript.New(transcript.Config{Sink: &h}), false)
	a, b := join(t, p, 0), join(t, p, 1)
	a.log.Actor("a").Printf("one")
	b.log.Actor("b").Printf("two")
	a.log.Actor("a").Printf("three")
	if got := strings.Join(h.all(), ", "); got != "a: one, b: two, a: three" {
		t.Errorf("recorded: %s", got)
	}
}

func TestStrangersAreSentAway(t *testing.T) {
	var h heardLines
	d, p := testDoor(t, 1, transcript.New(transcript.Config{Sink: &h}), false)
	wrong := doorway{p.addresses, bytes.Repeat([]byte{1}, secretSize)}
	for _, purpose := range []byte{forOutcome, forLines} {
		if _, err := wrong.visit(purpose, 0); !errors.Is(err, errStranger) {
			t.Errorf("who does not know the secret finds no fault with the door: %v", err)
		}
	}
	hello := append([]byte{forOutcome, 0, 0, 0, 0}, make([]byte, helloSize-5)...)
	for name, says := range map[string][]byte{
		"nothing":      {},
		"half a hello": hello[:9],
		"a browser":    []byte("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
		"no proof":     append(hello[:helloSize:helloSize], make([]byte, 32)...),
		"no such rank": append([]byte{forOutcome, 1}, hello[2:]...),
		"no purpose":   append([]byte{'x'}, hello[1:]...),
		"other things": bytes.Repeat([]byte{0xff}, 1<<16),
	} {
		conn, err := net.Dial("tcp", p.addresses[0])
		if err != nil {
			t.Fatal(err)
		}
		conn.Write(says)
		conn.(*net.TCPConn).CloseWrite()
		got, _ := io.ReadAll(conn) // until the door hangs up
		if len(got) > nonceSize+32 {
			t.Errorf("%s got %d bytes", name, len(got))
		}
		conn.Close()
	}
	// Who knows the secret and speaks nonsense is gone, and a rank is not less welcome.
	conn, err := p.visit(forOutcome, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := readMessage(conn); err != nil {
		t.Fatal(err)
	}
	conn.Write(binary.LittleEndian.AppendUint64([]byte{msgResult}, 1<<40))
	if _, err := io.ReadAll(conn); err != nil && !errors.Is(err, io.EOF) && !strings.Contains(err.Error(), "reset") {
		t.Error(err)
	}
	conn.Close()
	m := join(t, p, 0)
	m.tell([]byte("fine"), nil)
	if <-m.heard; m.failure != nil {
		t.Errorf("the rank heard %v", m.failure)
	}
	if results, err := d.outcome(); err != nil || string(results[0]) != "fine" || len(h.all()) != 0 {
		t.Errorf("the door has %q, %v and heard %q", results, err, h.all())
	}
}

func TestTheDoorClosesOnWhoHasNotIntroducedHimself(t *testing.T) {
	d, p := testDoor(t, 1, nil, false)
	var silent []net.Conn
	for range 3 {
		conn, err := net.Dial("tcp", p.addresses[0])
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		silent = append(silent, conn)
	}
	d.close() // returns
	for _, conn := range silent {
		if n, err := conn.Read(make([]byte, 1)); n != 0 || err == nil {
			t.Errorf("read %d bytes, %v", n, err)
		}
	}
}

func TestAMessageThatLiesAboutItsLengthGetsNoMemory(t *testing.T) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	lie := append(binary.LittleEndian.AppendUint64([]byte{msgResult}, maxMessage), "short"...)
	if _, _, err := readMessage(bytes.NewReader(lie)); err != io.ErrUnexpectedEOF {
		t.Errorf("the error is %v", err)
	}
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
		t.Errorf("it took %d bytes", n)
	}
}

// overheard is a connection whose other side has said what it will.
type overheard struct {
	io.Reader
	io.Writer
}

func FuzzNobodyIsAdmittedWithoutTheSecret(f *testing.F) {
	f.Add([]byte{})
	f.Add(append([]byte{forLines, 2, 0, 0, 0}, make([]byte, 60)...))
	secret := bytes.Repeat([]byte{7}, secretSize)
	f.Fuzz(func(t *testing.T, says []byte) {
		var answer bytes.Buffer
		if v, err := admit(overheard{bytes.NewReader(says), &answer}, secret, 4); err == nil {
			t.Errorf("admitted as %+v", v)
		}
		if bytes.Contains(answer.Bytes(), secret) || answer.Len() > nonceSize+32 {
			t.Errorf("the door said %d bytes", answer.Len())
		}
		if err := introduce(overheard{bytes.NewReader(says), io.Discard}, secret, visitor{forLines, 1, 1}); err == nil {
			t.Error("a rank trusts a door that does not know the secret")
		}
	})
}

func FuzzMessages(f *testing.F) {
	var b bytes.Buffer
	writeMessage(&b, msgErrand, errand{"name", []byte("argument"), true}.encode())
	writeMessage(&b, msgFailed, encodeError(engine.Errorf(engine.ErrType, 3, "text")))
	writeMessage(&b, msgDone, appendFields(nil, []byte("one"), nil, []byte("three")))
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, stream []byte) {
		in := bytes.NewReader(stream)
		for {
			what, body, err := readMessage(in)
			if err != nil {
				return
			}
			var again bytes.Buffer
			writeMessage(&again, what, body)
			if w, b, err := readMessage(&again); err != nil || w != what || !bytes.Equal(b, body) {
				t.Errorf("message %q %q came back as %q %q, %v", what, body, w, b, err)
			}
			if e, err := decodeErrand(body); err == nil {
				if back, err := decodeErrand(e.encode()); err != nil || back.name != e.name || !bytes.Equal(back.arg, e.arg) || back.lines != e.lines {
					t.Errorf("errand %+v came back as %+v, %v", e, back, err)
				}
			}
			if e, err := decodeError(body); err == nil {
				if back, err := decodeError(encodeError(e)); err != nil || back.Class != e.Class || back.Rank != e.Rank || back.Code != e.Code {
					t.Errorf("error %+v came back as %+v, %v", e, back, err)
				}
			}
		}
	})
}

func TestARankKnowsWhereTheDoorIs(t *testing.T) {
	word := hex.EncodeToString(make([]byte, secretSize))
	for _, s := range []string{"", "127.0.0.1:1", "127.0.0.1:1 abc", " " + word, "127.0.0.1:1 " + word[2:]} {
		if p, err := parseDoorway(s); err == nil {
			t.Errorf("%q is %v", s, p.addresses)
		}
	}
	p, err := parseDoorway("10.0.0.1:5,[::1]:6 " + word)
	if err != nil || !slices.Equal(p.addresses, []string{"10.0.0.1:5", "[::1]:6"}) {
		t.Errorf("got %v, %v", p.addresses, err)
	}
}

func TestARankTriesAllAddresses(t *testing.T) {
	_, p := testDoor(t, 1, nil, false)
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := closed.Addr().String()
	closed.Close()
	m := join(t, doorway{append([]string{nobody}, p.addresses...), p.secret}, 0)
	m.tell(nil, asError(errors.New("enough"), 0))
	<-m.heard
	if _, err := (doorway{[]string{nobody}, p.secret}).join(0); err == nil || !strings.Contains(err.Error(), nobody) {
		t.Errorf("who finds nobody says %v", err)
	}
}

func TestWhatMpirunSaysIsUnderstood(t *testing.T) {
	const rule = "--------------------------------------------------------------------------\n"
	for name, c := range map[string]struct {
		says       string
		code, lost int
		want       engine.Error
	}{
		"an exit code": {
			"oh dear\n" + rule + "Primary job  terminated normally, but 1 process returned\n" + rule + rule + "mpirun detected that one or more processes exited with non-zero status\n\n  Process name: [[1557,1],12]\n  Exit code:    7\n" + rule,
			7, 3, engine.Error{Rank: 12, Text: "the process of rank 12 ended by itself, with exit code 7:\noh dear"},
		},
		"a signal": {
			rule + "mpirun noticed that process rank 1 with PID 0 on node vm exited on signal 9 (Killed).\n" + rule,
			137, -1, engine.Error{Rank: 1, Text: "rank 1 was killed by signal 9 (Killed)"},
		},
		"an exit without a word": {
			rule + "mpirun has exited due to process rank 1 with PID 0 on\nnode vm exiting improperly. There are three reasons this could occur:\n" + rule,
			1, 1, engine.Error{Rank: 1, Text: "the process of rank 1 ended by itself, with exit code 0"},
		},
		"nothing, and a rank is missed": {"", 2, 5, engine.Error{Rank: 5, Text: "the process of rank 5 ended by itself, with exit code 2"}},
		"its own trouble": {
			rule + "There are not enough slots available in the system\n" + rule, 1, -1,
			engine.Error{Rank: -1, Text: "mpirun ended by itself, with exit code 1:\nThere are not enough slots available in the system"},
		},
		"a number that is none": {"process rank x\nProcess name: [[", 3, -1, engine.Error{Rank: -1, Text: "mpirun ended by itself, with exit code 3:\nprocess rank x\nProcess name: [["}},
	} {
		w := new(lastWords)
		io.WriteString(w, c.says)
		if e := w.explain(c.code, c.lost); e.Class != engine.ErrDied || e.Rank != c.want.Rank || e.Text != c.want.Text {
			t.Errorf("%s: rank %d: %s", name, e.Rank, e.Text)
		}
	}
	w := new(lastWords)
	for range 10 {
		w.Write(bytes.Repeat([]byte("x"), maxWords/3))
	}
	io.WriteString(w, "\nthe end\n")
	if len(w.b) > maxWords || !strings.HasSuffix(w.explain(1, -1).Text, "the end") {
		t.Errorf("it keeps %d bytes, %q at the end", len(w.b), w.b[len(w.b)-9:])
	}
}

func TestMpirunIsToldWhereAndHow(t *testing.T) {
	t.Setenv("COOKBOOK_OTHER", "1")
	j := &engine.Job{Ranks: 3}
	cmd, err := OpenMPI{Hosts: []string{"a", "b"}, Hostfile: "/etc/hosts"}.command(t.Context(), "/usr/bin/mpirun", j, "127.0.0.1:1 secret")
	if err != nil {
		t.Fatal(err)
	}
	args := strings.Join(cmd.Args, " ")
	self, _ := os.Executable()
	for _, want := range []string{"/usr/bin/mpirun -n 3 ", " --host a,b", " --hostfile /etc/hosts", " --bind-to none", " -x COOKBOOK_MPI", " -x COOKBOOK_OTHER", " -x COOKBOOK_PROCESS"} {
		if !strings.Contains(args, want) {
			t.Errorf("%s: want %q in it", args, want)
		}
	}
	if !strings.HasSuffix(args, " "+self) || strings.Contains(args, "secret") || !slices.Contains(cmd.Env, doorVariable+"=127.0.0.1:1 secret") {
		t.Errorf("it is %s", args)
	}
	alone, err := OpenMPI{}.command(t.Context(), "mpirun", &engine.Job{Ranks: 1}, "")
	if err != nil || !strings.Contains(strings.Join(alone.Args, " "), "--bind-to core") {
		t.Errorf("one rank is not bound: %v, %v", alone.Args, err)
	}
	crowded, err := OpenMPI{}.command(t.Context(), "mpirun", &engine.Job{Ranks: runtime.NumCPU() + 1}, "")
	if err != nil || !strings.Contains(strings.Join(crowded.Args, " "), "--bind-to none --mca") || !slices.Contains(crowded.Args, "mpi_yield_when_idle") {
		t.Errorf("more ranks than processors: %v, %v", crowded.Args, err)
	}
}

func TestOtherMachinesAreGivenAllAddresses(t *testing.T) {
	here, err := doorAddresses(false, 5)
	if err != nil || here != "127.0.0.1:5" {
		t.Errorf("here: %q, %v", here, err)
	}
	all, err := doorAddresses(true, 5)
	if err != nil || !strings.HasSuffix(all, ":5") {
		t.Errorf("elsewhere: %q, %v", all, err)
	}
}

func TestMpirunTellsARankByTheEnvironment(t *testing.T) {
	for _, name := range []string{"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "PMI_RANK", "PMI_SIZE"} {
		t.Setenv(name, "")
	}
	if _, _, ok := Joined(); ok {
		t.Error("joined without mpirun")
	}
	t.Setenv("PMI_RANK", "3")
	if _, _, ok := Joined(); ok {
		t.Error("joined a world of no size")
	}
	t.Setenv("PMI_SIZE", "3")
	if _, _, ok := Joined(); ok {
		t.Error("joined as rank 3 of 3")
	}
	t.Setenv("PMI_SIZE", "4")
	if rank, size, ok := Joined(); !ok || rank != 3 || size != 4 {
		t.Errorf("joined as %d of %d: %v", rank, size, ok)
	}
	t.Setenv("OMPI_COMM_WORLD_RANK", "1")
	t.Setenv("OMPI_COMM_WORLD_SIZE", "2")
	if rank, size, ok := Joined(); !ok || rank != 1 || size != 2 {
		t.Errorf("joined as %d of %d: %v", rank, size, ok)
	}
	if err := (OpenMPI{}).Check(t.Context()); !errors.Is(err, engine.ErrEngine) {
		t.Errorf("a world in a world: %v", err)
	}
}

func TestWithoutMPITheEngineSaysWhatToDo(t *testing.T) {
	if Built() {
		t.Setenv("PATH", t.TempDir())
		if err := (OpenMPI{}).Check(t.Context()); !errors.Is(err, engine.ErrEngine) || !strings.Contains(err.Error(), "openmpi-bin") {
			t.Errorf("without mpirun: %v", err)
		}
		if err := (OpenMPI{Hostfile: "/nowhere/hosts"}).Check(t.Context()); !errors.Is(err, engine.ErrEngine) || !strings.Contains(err.Error(), "/nowhere/hosts") {
			t.Errorf("without the hostfile: %v", err)
		}
		return
	}
	for _, e := range []engine.Engine{OpenMPI{}, ByHand{}} {
		err := e.Check(t.Context())
		if !errors.Is(err, engine.ErrEngine) || !strings.Contains(err.Error(), "go build -tags mpi") {
			t.Errorf("%T: %v", e, err)
		}
		if _, ran := e.Run(t.Context(), &engine.Job{Ranks: 2}); !errors.Is(ran, engine.ErrEngine) {
			t.Errorf("%T runs: %v", e, ran)
		}
	}
}

func TestTheEndOfTheDoorIsHeard(t *testing.T) {
	d, p := testDoor(t, 2, nil, false)
	m := join(t, p, 0)
	d.shut()
	if d.wait(10 * time.Millisecond) {
		t.Error("nobody is waited for, and one is there")
	}
	m.leave()
	if !d.wait(time.Minute) {
		t.Error("somebody is waited for, and nobody is there")
	}
}
