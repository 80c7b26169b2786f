package timeline

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"cookbook/internal/golden"
	"cookbook/internal/terminal"
)

const msec = time.Millisecond

// dining is a timeline with everything in it.
var dining = Timeline{
	End: 47 * msec,
	Lanes: []Lane{
		{Name: mainName, Spans: []Span{{0, msec, Running, ""}, {msec, 31 * msec, Waiting, "Thread-A"}, {31 * msec, 44 * msec, Waiting, "Thread-B"}, {44 * msec, 47 * msec, Running, ""}},
			Lines: []time.Duration{0, 45 * msec}},
		{Name: "Thread-A", Spans: []Span{{msec, 2 * msec, Running, ""}, {2 * msec, 12 * msec, Sleeping, ""}, {12 * msec, 20 * msec, Waiting, "lock 2"}, {20 * msec, 31 * msec, Running, ""}},
			Lines: []time.Duration{2 * msec}},
		{Name: "Thread-B", Spans: []Span{{msec, 4 * msec, Ready, ""}, {4 * msec, 8 * msec, Running, ""}, {8 * msec, 20 * msec, Sleeping, ""}, {20 * msec, 31 * msec, Waiting, "lock 1"}, {31 * msec, 44 * msec, Sleeping, ""}},
			Lines: []time.Duration{4 * msec, 43 * msec}},
		{Name: "a child", Process: true, Spans: []Span{{6 * msec, 25 * msec, Apart, ""}}, Lines: []time.Duration{15 * msec, 25 * msec}},
		{Name: "a collector of 並行", Spans: []Span{{5 * msec, 28 * msec, Waiting, "a notification on the 並行 box"}, {28 * msec, 40 * msec, Waiting, "slots"}}},
	},
	Others: Crowd{12, []Span{{2 * msec, 9 * msec, Waiting, ""}, {9 * msec, 21 * msec, Running, ""}}},
	Things: []Thing{
		{Name: "lock 1", Holds: []Hold{{2 * msec, 31 * msec, "Thread-A"}, {31 * msec, 44 * msec, "Thread-B"}}},
		{Name: "lock 2", Holds: []Hold{{5 * msec, 20 * msec, "Thread-B"}, {20 * msec, 30 * msec, "Thread-A"}}},
		{Name: "items", Signal: true, Given: []time.Duration{3 * msec, 9 * msec, 9 * msec, 31 * msec}, Taken: []time.Duration{9 * msec, 20 * msec}},
		{Name: "slots", Holds: []Hold{{2 * msec, 12 * msec, "Thread-A"}, {5 * msec, 8 * msec, "Thread-B"}, {14 * msec, 14*msec + 1, "main"}, {22 * msec, 44 * msec, "Thread-B"}, {22 * msec, 30 * msec, "a stranger"}}},
		{Name: "turns", Holds: []Hold{{3 * msec, 3*msec + 1, "Thread-A"}, {3*msec + 2, 3*msec + 3, "Thread-B"}, {20 * msec, 20*msec + 1, "Thread-B"}, {20*msec + 2, 20*msec + 3, "Thread-B"}}},
	},
}

func draw(tl Timeline, s terminal.Style) string {
	var b strings.Builder
	tl.Draw(&b, s)
	return b.String()
}

func TestATimelineLooksAsItShould(t *testing.T) {
	for _, width := range []int{60, 80, 140} {
		golden.Compare(t, fmt.Sprintf("%d.txt", width), draw(dining, terminal.Style{Width: width}))
	}
	golden.Compare(t, "80-color.txt", draw(dining, terminal.Style{Width: 80, Color: true}))
}

func TestMessagesAreMarkedInTheLanesOfBothEnds(t *testing.T) {
	tl := told()
	tl.Things, tl.Others = nil, Crowd{}
	golden.Compare(t, "messages.txt", draw(tl, terminal.Style{Width: 80}))
}

// A line that is said as something is sent takes the place of its mark, which takes that of the letter.
func TestALineDoesNotHideWhichWayAMessageGoes(t *testing.T) {
	tl := Timeline{
		End:      80 * msec,
		Lanes:    []Lane{{Name: mainName, Lines: []time.Duration{20 * msec}}, {Name: "B", Lines: []time.Duration{60 * msec}}},
		Messages: []Message{{From: mainName, To: "B", Sent: 20 * msec, Received: 60 * msec}},
	}
	got := draw(tl, terminal.Style{Width: 80})
	if !strings.Contains(got, "●»") || !strings.Contains(got, "●«") {
		t.Error(got)
	}
}

// Of several lanes of one name each has its own messages.
func TestMessagesOfLanesOfOneName(t *testing.T) {
	tl := Timeline{
		End:      10 * msec,
		Lanes:    []Lane{{Name: mainName, Number: 1}, {Name: "worker", Number: 2}, {Name: "worker", Number: 3}},
		Messages: []Message{{mainName, "worker", 2 * msec, 3 * msec, "", 1, 3}, {"worker", mainName, 6 * msec, 7 * msec, "", 2, 1}},
	}
	var rows []string
	for line := range strings.Lines(draw(tl, terminal.Style{Width: 80})) {
		if strings.HasPrefix(line, "  ") && strings.ContainsAny(line, "»«") {
			rows = append(rows, strings.Join(strings.Fields(line), " "))
		}
	}
	if want := []string{"A main »C «B", "B worker »A", "C worker «A"}; !slices.Equal(rows[:min(3, len(rows))], want) {
		t.Errorf("%q, want %q", rows, want)
	}
	var perfetto bytes.Buffer
	if err := tl.Perfetto(&perfetto, "a run"); err != nil {
		t.Fatal(err)
	}
	for _, flow := range []string{`"ph":"s","cat":"message",.*"tid":1,.*\n.*"ph":"f","cat":"message",.*"tid":3,`, `"ph":"s","cat":"message",.*"tid":2,.*\n.*"ph":"f","cat":"message",.*"tid":1,`} {
		if !regexp.MustCompile(flow).Match(perfetto.Bytes()) {
			t.Errorf("no flow %s in %s", flow, perfetto.Bytes())
		}
	}
	picture, err := tl.SVG(Look{})
	if kept, err := json.Marshal(tl); err != nil || json.Unmarshal(kept, &tl) != nil { // as a recording is
		t.Fatal(err)
	}
	if again, err := tl.SVG(Look{}); err != nil || !bytes.Equal(again, picture) {
		t.Errorf("kept as JSON it looks different; error %v", err)
	}
	tl.Messages[0].ToNumber = 2
	other, err2 := tl.SVG(Look{})
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(picture, other) {
		t.Error("an arrow to another lane of that name looks the same")
	}
}

// late is a timeline in which most happens at the end.
var late = Timeline{
	End: time.Second,
	Lanes: []Lane{
		{Name: mainName, Spans: []Span{{0, 999 * msec, Waiting, "a guest"}, {999 * msec, time.Second, Running, ""}}, Lines: []time.Duration{998 * msec}},
		{Name: "early", Spans: []Span{{0, 500 * msec, Sleeping, ""}}},
		{Name: "told of", Lines: []time.Duration{150 * msec, 300 * msec, 450 * msec, 600 * msec, 750 * msec, 990 * msec}},
		{Name: "a guest", Spans: []Span{{992 * msec, 993 * msec, Running, ""}, {993 * msec, 998 * msec, Waiting, "lock"}}, Lines: []time.Duration{992 * msec}},
		{Name: "late", Spans: []Span{{994 * msec, 997 * msec, Running, ""}}},
	},
	Things: []Thing{
		{Name: "lock", Holds: []Hold{{0, 995 * msec, mainName}, {995 * msec, 997 * msec, "late"}}},
		{Name: "desk", Holds: []Hold{{0, 500 * msec, "early"}}},
		{Name: "items", Signal: true, Given: []time.Duration{msec, 996 * msec}, Taken: []time.Duration{2 * msec}},
	},
}

func TestWhereNothingHappensThePictureIsShort(t *testing.T) {
	idle := late
	idle.Lanes = slices.DeleteFunc(slices.Clone(late.Lanes), func(l Lane) bool { return l.Name == "told of" })
	golden.Compare(t, "idle.txt", draw(idle, terminal.Style{Width: 80}))
}

func TestWhatCrowdsAtTheEndIsDrawnAgainLarger(t *testing.T) {
	golden.Compare(t, "late.txt", draw(late, terminal.Style{Width: 80}))
	for _, tt := range []struct {
		name  string
		lanes []Lane
	}{
		{"nobody comes late", []Lane{{Name: mainName, Spans: []Span{{0, time.Second, Running, ""}}}}},
		{"only lines are late", []Lane{{Name: "a", Lines: []time.Duration{999 * msec}}}},
		{"it spoke before", []Lane{{Name: "a", Spans: []Span{{999 * msec, time.Second, Running, ""}}, Lines: []time.Duration{0}}}},
		{"too short to look at", []Lane{{Name: "a", Spans: []Span{{time.Second - 10*time.Microsecond, time.Second, Running, ""}}}}},
	} {
		if got := draw(Timeline{End: time.Second, Lanes: tt.lanes}, terminal.Style{}); strings.Contains(got, "larger") {
			t.Errorf("%s, but drawn again:\n%s", tt.name, got)
		}
	}
}

func TestTheAxisHasRoundTicks(t *testing.T) {
	for end, want := range map[time.Duration]string{
		30 * time.Microsecond: "0 ms 0.005 0.010 0.015 0.020 0.025",
		5 * time.Millisecond:  "0 ms 1 2 3 4",
		700 * msec:            "0 ms 100 200 300 400 500 600",
		time.Second:           "0 s 0.2 0.4 0.6 0.8",
		60 * time.Second:      "0 s 10 20 30 40 50",
		time.Hour:             "0 s 500 1000 1500 2000 2500 3000",
	} {
		tl := Timeline{End: end, Lanes: []Lane{{Name: mainName, Spans: []Span{{0, end, Running, ""}}}}}
		got := strings.Join(strings.Fields(strings.Split(draw(tl, terminal.Style{Width: 80}), "\n")[1]), " ")
		if got != want {
			t.Errorf("%v: axis %q, want %q", end, got, want)
		}
	}
}

func TestWhatThereIsNoRoomForIsCounted(t *testing.T) {
	all := []Span{{0, time.Second, Running, ""}}
	tl := Timeline{End: time.Second, Others: Crowd{7, []Span{{0, time.Second, Waiting, ""}}}}
	for i := range maxLanes + 8 {
		tl.Lanes = append(tl.Lanes, Lane{Name: fmt.Sprint("thread ", i), Spans: all})
	}
	for i := range maxThings + 1 {
		tl.Things = append(tl.Things, Thing{Name: fmt.Sprint("lock ", i), Holds: []Hold{{0, time.Second, "thread 39"}}})
	}
	got := draw(tl, terminal.Style{})
	for _, want := range []string{"\n    15 goroutines  ████", "  15 goroutines: all others, as one", "not drawn: 1 more lock"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if strings.Contains(got, "thread 32 ") {
		t.Errorf("more than %d lanes in\n%s", maxLanes, got)
	}
	for i := range tl.Lanes {
		tl.Lanes[i].Lines = []time.Duration{0}
	}
	got = draw(tl, terminal.Style{})
	if !strings.Contains(got, "thread 39 ") || !strings.Contains(got, "not drawn: 1 more lock and 7 goroutines more") {
		t.Errorf("want all those that speak, and no row of those that only wait:\n%s", got)
	}
}

func TestLanesComeInTheOrderOfTheTranscriptsActors(t *testing.T) {
	spoke := []time.Duration{0}
	tl := Timeline{End: time.Second, Actors: []string{"b", "a", "silent"}, Lanes: []Lane{
		{Name: "stranger", Lines: spoke}, {Name: "other"}, {Name: "a", Lines: spoke}, {Name: "silent"}, {Name: "b", Lines: spoke}, {Name: mainName},
	}}
	var got []string
	for _, l := range strings.Split(draw(tl, terminal.Style{}), "\n")[3:9] {
		got = append(got, strings.Fields(l)[0])
	}
	if want := []string{mainName, "b", "a", "stranger", "other", "silent"}; !slices.Equal(got, want) {
		t.Errorf("lanes %q, want %q", got, want)
	}
	if tl.Lanes[0].Name != "stranger" {
		t.Error("to draw it changes the timeline")
	}
}

func TestNothingIsDrawnOfNothing(t *testing.T) {
	if got := draw(Timeline{}, terminal.Style{}); got != "" {
		t.Errorf("drew %q", got)
	}
}

// anyTimeline is one in which anything may happen.
func anyTimeline(r *rand.Rand) Timeline {
	someName := func() string { return strings.Repeat("並x", r.IntN(9)) }
	tl := Timeline{End: time.Duration(1 + r.Int64N(1<<r.IntN(50)))}
	when := func() time.Duration { return time.Duration(r.Int64N(int64(tl.End) + 1)) }
	for range 1 + r.IntN(6) {
		l := Lane{Name: someName()}
		for from := when(); from < tl.End && len(l.Spans) < 50; from = l.Spans[len(l.Spans)-1].To {
			l.Spans = append(l.Spans, Span{from, from + 1 + when()/8, State(r.IntN(states)), someName()})
		}
		l.Lines = append(l.Lines, when(), tl.End)
		slices.Sort(l.Lines)
		tl.Lanes = append(tl.Lanes, l)
	}
	someLane := func() string { return tl.Lanes[r.IntN(len(tl.Lanes))].Name }
	for range r.IntN(4) {
		h := Thing{Name: someName(), Signal: r.IntN(3) == 0, Given: []time.Duration{when()}, Taken: []time.Duration{when()}}
		for range r.IntN(20) {
			from := when()
			h.Holds = append(h.Holds, Hold{from, max(from, when()), someLane()})
		}
		slices.SortFunc(h.Holds, func(x, y Hold) int { return cmp.Compare(x.From, y.From) })
		tl.Things = append(tl.Things, h)
	}
	for range r.IntN(9) {
		tl.Messages = append(tl.Messages, Message{someLane(), someLane(), when(), when(), someName(), 0, 0})
	}
	if from := when(); r.IntN(2) == 0 {
		tl.Others = Crowd{1 + r.IntN(1<<20), []Span{{from, max(from, when()), State(r.IntN(states)), ""}}}
	}
	return tl
}

func TestNoLineIsWiderThanTheTerminalWhateverHappened(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	codes := regexp.MustCompile("\x1b\\[[0-9;]*m")
	for range 300 {
		tl := anyTimeline(r)
		width := 40 + r.IntN(150)
		plain, coloured := draw(tl, terminal.Style{Width: width}), draw(tl, terminal.Style{Width: width, Color: true})
		for _, line := range strings.Split(plain, "\n") {
			if terminal.Width(line) > width {
				t.Fatalf("%d columns of %d: %q", terminal.Width(line), width, line)
			}
		}
		legend := strings.Index(plain, "\n  ●") // which says more in colour
		if bare := codes.ReplaceAllString(coloured, ""); strings.ReplaceAll(bare[:legend], " \n", "\n") != plain[:legend] {
			t.Fatalf("colour changes more than colours:\n%s\n%s", plain, bare)
		}
	}
}
