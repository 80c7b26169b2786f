package timeline

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"cookbook/internal/golden"
	"cookbook/internal/terminal"
)

// told is dining with what was said, and messages.
func told() Timeline {
	t := dining
	t.Lanes = slices.Clone(t.Lanes)
	t.Tell(map[string][]string{mainName: {"two threads eat", "both have eaten"}, "Thread-A": {"takes lock 1"}, "Thread-B": {"takes lock 2", "done"}, "a child": {"hello & <goodbye>", "\x1b[31mred"}})
	t.Messages = []Message{
		{"Thread-A", "Thread-B", 4 * msec, 6 * msec, "tag 7, 8 bytes", 0, 0}, {"Thread-B", "main", 33 * msec, 44 * msec, "", 0, 0}, {"Thread-A", "Thread-A", 22 * msec, 25 * msec, "to itself", 0, 0},
		{"a stranger", "main", 1, 2, "from nobody", 0, 0},
	}
	t.Clocks = Clocks{Processes: 2, Skew: 12345 * time.Nanosecond, Checks: 3}
	return t
}

// wellFormed returns all the text of a picture, which must be XML.
func wellFormed(t testing.TB, picture []byte) string {
	t.Helper()
	var text strings.Builder
	for d := xml.NewDecoder(bytes.NewReader(picture)); ; {
		token, err := d.Token()
		if err == io.EOF {
			return text.String()
		} else if err != nil {
			t.Fatalf("the picture is not well-formed: %v", err)
		}
		if chars, ok := token.(xml.CharData); ok {
			text.Write(chars)
		}
	}
}

func TestThePictureOfATimelineIsAsApproved(t *testing.T) {
	picture, err := told().SVG(Look{Title: "Two threads eat"})
	if err != nil {
		t.Fatal(err)
	}
	wellFormed(t, picture)
	golden.Compare(t, "dining.svg", string(picture))
}

func TestAnyTimelineGivesAPictureWithinTheLimit(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 100 {
		tl := anyTimeline(r)
		for _, look := range []Look{{}, {Title: "<any>", Embed: true}} {
			picture, err := tl.SVG(look)
			if err != nil || len(picture) > MaxSVG {
				t.Fatalf("%d bytes, error %v, of %+v", len(picture), err, tl)
			}
			wellFormed(t, picture)
		}
	}
}

// busy is a timeline of many lanes in which much happens.
func busy(lanes, each int) Timeline {
	tl := Timeline{End: time.Duration(each) * msec}
	names := make([]string, lanes)
	h := Thing{Name: "a lock"}
	for i := range lanes {
		names[i] = fmt.Sprintf("worker %d of a long name", i)
		l := Lane{Name: names[i]}
		for k := range each {
			at := time.Duration(k) * msec
			l.Spans = append(l.Spans, Span{at, at + msec/2, State((i + k) % states), "a lock"}, Span{at + msec/2, at + msec, Running, ""})
			l.Lines = append(l.Lines, at+msec/3)
			l.Said = append(l.Said, strings.Repeat("a long line ", 20))
			h.Holds = append(h.Holds, Hold{at, at + msec/2, names[i]})
			tl.Messages = append(tl.Messages, Message{names[i], names[0], at, at + msec, strings.Repeat("a long message ", 20), 0, 0})
		}
		tl.Lanes = append(tl.Lanes, l)
	}
	for i := range lanes {
		thing := h
		thing.Name = fmt.Sprint("lock ", i)
		tl.Things = append(tl.Things, thing)
	}
	return tl
}

func TestAPictureOfVeryMuchSaysWhatIsLeftOut(t *testing.T) {
	picture, err := busy(80, 100).SVG(Look{})
	if err != nil || len(picture) > MaxSVG {
		t.Fatalf("%d bytes, error %v", len(picture), err)
	}
	text := wellFormed(t, picture)
	for _, want := range []string{"not drawn: ", " more lanes", " more locks", " more messages"} {
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %q", want)
		}
	}
}

func TestTheTextsOfLinesAreThere(t *testing.T) {
	picture, err := told().SVG(Look{})
	if err != nil {
		t.Fatal(err)
	}
	text := wellFormed(t, picture)
	for _, want := range []string{
		"main: both have eaten, at 45.000 ms", "a child: hello & <goodbye>", "Thread-A → Thread-B: tag 7, 8 bytes, sent at 4.000 ms, received at 6.000 ms",
		"lock 1: held by Thread-A, 2.000 to 31.000 ms (29.000 ms)", "clocks of 2 processes agree to within 12 µs (checked at 3 lines and messages)", "not drawn: 1 more message",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %q", want)
		}
	}
}

func TestAPictureInAPageLeavesThePageAlone(t *testing.T) {
	picture, err := told().SVG(Look{Title: "Two threads eat", Embed: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, not := range []string{"<style", "style=", " id=", "<script", "<text class=\"heading\""} {
		if strings.Contains(string(picture), not) {
			t.Errorf("it has %s", not)
		}
	}
}

func TestATimelineOfNothingGivesAPictureThatSaysSo(t *testing.T) {
	picture, err := Timeline{}.SVG(Look{})
	if err != nil || !strings.Contains(wellFormed(t, picture), "nothing was recorded") {
		t.Errorf("%s, error %v", picture, err)
	}
}

func TestToDrawAPictureDoesNotChangeTheTimeline(t *testing.T) {
	tl := told()
	tl.Actors = []string{"Thread-B"}
	before := fmt.Sprintf("%+v", tl)
	if _, err := tl.SVG(Look{}); err != nil {
		t.Fatal(err)
	}
	if err := tl.Perfetto(io.Discard, ""); err != nil {
		t.Fatal(err)
	}
	if after := fmt.Sprintf("%+v", tl); after != before {
		t.Error("it does")
	}
}

func TestWhereNothingHappensTheScaleIsShort(t *testing.T) {
	tl := Timeline{End: 2 * time.Second, Lanes: []Lane{
		{Name: mainName, Spans: []Span{{0, 100 * msec, Running, ""}, {100 * msec, 1900 * msec, Waiting, "a job"}, {1900 * msec, 2000 * msec, Running, ""}}, Lines: []time.Duration{50 * msec, 1950 * msec}},
	}}
	quiet := tl.quiet()
	if len(quiet) != 1 {
		t.Fatalf("quiet are %v", quiet)
	}
	s := newScale(tl.End, 100, quiet)
	if before, after := s.position(100*msec), s.position(1900*msec); before < 25 || after > 75 {
		t.Errorf("the wait is from %v to %v of 100", before, after)
	}
	for column := range 100 { // there and back
		if got := s.column(s.starts(column) + 1); got != column {
			t.Errorf("column %d begins at %v, which is in column %d", column, s.starts(column), got)
		}
	}
	idle := Lane{Name: "looks now and then"}
	for at := time.Duration(0); at < tl.End; at += 100 * msec {
		idle.Spans = append(idle.Spans, Span{at, at + 99*msec, Waiting, "a job"}, Span{at + 99*msec, at + 100*msec, Running, ""})
	}
	tl.Lanes = append(tl.Lanes, idle)
	if quiet := tl.quiet(); len(quiet) != 1 {
		t.Errorf("quiet are %v, though one lane only looks now and then", quiet)
	}
	tl.Lanes[1] = Lane{Name: "busy"}
	for at := time.Duration(0); at < tl.End; at += 2 * msec {
		tl.Lanes[1].Spans = append(tl.Lanes[1].Spans, Span{at, at + msec, Running, ""})
	}
	if quiet := tl.quiet(); len(quiet) != 0 {
		t.Errorf("quiet are %v, though one lane is busy", quiet)
	}
}

func TestTextsGoToTheLinesOfTheirActor(t *testing.T) {
	tl := Timeline{Lanes: []Lane{
		{Name: "a", Lines: []time.Duration{1, 4}}, {Name: "b", Lines: []time.Duration{2}}, {Name: "a", Lines: []time.Duration{3}}, {Name: "c", Lines: []time.Duration{5}},
	}}
	tl.Tell(map[string][]string{"a": {"1", "3", "4", "lost"}, "b": {"2\n\x1b"}, "d": {"nobody's"}})
	for i, want := range [][]string{{"1", "4"}, {"2 ␛"}, {"3"}, {""}} {
		if got := tl.Lanes[i].Said; !slices.Equal(got, want) {
			t.Errorf("lane %d said %q, want %q", i, got, want)
		}
	}
}

func BenchmarkSVG(b *testing.B) {
	for _, tt := range []struct {
		name string
		tl   Timeline
	}{{"a few lanes", told()}, {"32 lanes of 1000", busy(32, 1000)}} {
		b.Run(tt.name, func(b *testing.B) {
			size := 0
			for b.Loop() {
				picture, err := tt.tl.SVG(Look{})
				if err != nil {
					b.Fatal(err)
				}
				size = len(picture)
			}
			b.ReportMetric(float64(size), "bytes")
		})
	}
}

func TestEveryFormNamesWhatIsNotRecordedToItsEnd(t *testing.T) {
	for _, tt := range []struct {
		cut  []string
		want string
	}{
		{[]string{"a", "b", "c"}, "not recorded to the end: a, b, c"},
		{[]string{"a", "b", "c", "d", "e"}, "not recorded to the end: a, b, c and 2 more"},
	} {
		tl := told()
		tl.Cut = tt.cut
		picture, err := tl.SVG(Look{})
		if err != nil {
			t.Fatal(err)
		}
		var drawn, trace strings.Builder
		tl.Draw(&drawn, terminal.Style{Width: 140})
		if err := tl.Perfetto(&trace, ""); err != nil {
			t.Fatal(err)
		}
		for form, text := range map[string]string{"SVG": wellFormed(t, picture), "terminal": drawn.String(), "trace": trace.String()} {
			if !strings.Contains(text, tt.want) {
				t.Errorf("%s: %q is not in it", form, tt.want)
			}
		}
	}
}

// Where there are more messages than arrows have room, arrows stand for several, and none is missing, above all not the last.
func TestArrowsStandForSeveralMessagesBeforeAnyIsLeftOut(t *testing.T) {
	const n = 5000
	tl := Timeline{End: n * msec, Lanes: []Lane{{Name: "a"}, {Name: "b"}}}
	for i := range time.Duration(n) {
		tl.Messages = append(tl.Messages, Message{From: "a", To: "b", Sent: i * msec, Received: i*msec + i%7*msec})
	}
	c := newCanvas(tl, Look{}, details[0])
	c.draw()
	all, lost := c.arrows()
	sum := 0
	for _, a := range all {
		sum += a.n
	}
	if lost > 0 || sum != n || len(all) > details[0].messages || len(all) < details[0].messages/8 {
		t.Errorf("%d arrows for %d messages of %d, %d are lost", len(all), sum, n, lost)
	}
	if last := all[len(all)-1]; last.sent < n*msec*9/10 {
		t.Errorf("the last arrow begins at %v of %v", last.sent, tl.End)
	}
}

func TestALineWithoutRoomShowsInWhatItDiffersFromItsNeighbours(t *testing.T) {
	var all []pin
	for _, text := range []string{"item 12 appended to the queue", "item 345 appended to the queue", "compute(2)", "compute(3)", "done"} {
		all = append(all, pin{texts: []string{text}})
	}
	for i, want := range []string{"item ", "item ", "compute", "compute", ""} {
		if got := commonWords(all, i); got != want {
			t.Errorf("line %d: %q, want %q", i, got, want)
		}
	}
	for i := range all {
		all[i].x = 100 + 80*float64(i)
	}
	got := captions(all, 90)
	if got[0].text != "…12 appe…" && !strings.HasPrefix(got[0].text, "…12 ") || got[2].text != "compute(2)" {
		t.Errorf("captions %+v", got)
	}
}
