package explore

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"

	"cookbook/internal/transcript"
)

// State is where a search was when it ended. It can be kept as JSON. It is for the same program and build only.
type State struct {
	Program   string        `json:"program"`
	Seed      uint64        `json:"seed"`
	Phase     int           `json:"phase"`
	Level     int           `json:"level"`
	Path      []int32       `json:"path,omitempty"` // the choices that the next run of the tree begins with, by actor
	Cut       bool          `json:"cut,omitempty"`
	Short     bool          `json:"short,omitempty"`
	Bound     Bound         `json:"bound"`
	AtRandom  int           `json:"at_random,omitempty"` // schedules drawn
	Random    int           `json:"random,omitempty"`
	Longest   int           `json:"longest,omitempty"`
	Weights   float64       `json:"weights,omitempty"`
	Walks     int           `json:"walks,omitempty"`
	Schedules []byte        `json:"schedules,omitempty"` // hashes of 8 bytes
	Orders    []byte        `json:"orders,omitempty"`
	Elapsed   time.Duration `json:"elapsed_ns"`

	Shown json.RawMessage `json:"shown,omitempty"` // of transcript.Orders
}

// Over reports whether there is nothing to go on with.
func (s *State) Over() bool { return phase(s.Phase) == over }

func (s *search) state() *State {
	state := &State{
		Program: s.program.ID, Seed: s.program.Seed, Phase: int(s.phase), Level: s.level, Cut: s.tree.cut, Short: s.cutShort, Bound: s.result.Bound,
		AtRandom: s.random, Random: s.result.Random, Longest: s.longest, Weights: s.weights, Walks: s.walks,
		Schedules: pack(&s.seen), Orders: pack(&s.orders), Elapsed: s.result.Elapsed,
	}
	if s.shown != nil {
		state.Shown, _ = json.Marshal(s.shown) // numbers, which have a form in JSON
	}
	for i := range s.tree.nodes {
		n := &s.tree.nodes[i]
		state.Path = append(state.Path, n.options[n.taken].actor)
	}
	return state
}

// resume makes the search go on from a state.
func (s *search) resume(from *State) error {
	if from == nil {
		return nil
	}
	if from.Program != s.program.ID || from.Seed != s.program.Seed {
		return fmt.Errorf("the search to go on from is one of %s with seed %d", from.Program, from.Seed)
	}
	if from.Phase < 0 || from.Phase > int(over) || from.Level < 0 || from.Level > mostSteps || len(from.Path) > mostSteps {
		return fmt.Errorf("the search to go on from is not one")
	}
	s.phase, s.level, s.cutShort, s.before = phase(from.Phase), from.Level, from.Short, from.Elapsed
	s.result.Bound, s.random, s.result.Random = from.Bound, from.AtRandom, from.Random
	s.longest, s.weights, s.walks = from.Longest, from.Weights, from.Walks
	unpack(from.Schedules, &s.seen)
	unpack(from.Orders, &s.orders)
	if s.shown != nil && from.Shown != nil {
		var err error
		if s.shown, err = s.program.Promise.RestoreOrders(from.Shown); err != nil {
			return fmt.Errorf("the search to go on from: %w", err)
		}
	}
	if len(from.Path) == 0 {
		return nil
	}
	// A run along the path finds the alternatives to its choices.
	strays := false
	s.tree.begin()
	s.run(s.ctx, func(step int, c *chooser) int {
		s.tree.choose(step, c)
		if step >= len(from.Path) {
			usual, _ := c.usual()
			return usual
		}
		i := indexOf(c, int(from.Path[step]))
		if i < 0 {
			strays = true
			return -1
		}
		s.tree.take(step, c.held[i].id)
		return i
	}, transcript.Config{}, false)
	if strays || len(s.tree.nodes) < len(from.Path) {
		return fmt.Errorf("the search to go on from went another way: the recipe has changed since, or it is not deterministic")
	}
	s.tree.skip(len(from.Path))
	s.tree.cut = from.Cut
	return nil
}

func pack(s *set) []byte {
	data := make([]byte, 0, 8*s.len())
	s.each(func(h uint64) { data = binary.LittleEndian.AppendUint64(data, h) })
	return data
}

func unpack(data []byte, s *set) {
	for ; len(data) >= 8; data = data[8:] {
		s.add(binary.LittleEndian.Uint64(data))
	}
}
