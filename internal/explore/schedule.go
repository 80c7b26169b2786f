package explore

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
)

// Schedule says which call goes on at each step, as departures from the usual order (see the package comment).
type Schedule struct {
	Switches []Switch `json:"switches"`

	// A random schedule may be long. It is what chance draws for this seed, number and length; Switches are then nil.
	Seed   uint64 `json:"seed,omitempty"`
	Number int    `json:"number,omitempty"` // from 1; 0: not random
	Length int    `json:"length,omitempty"` // steps among which it draws
}

// Switch is one departure: at the step, counted from 0, the actor goes on.
type Switch struct {
	Step  int `json:"step"`
	Actor int `json:"actor"` // index of a goroutine in the order of first calls
}

// MaxToken is the length of the longest token.
const MaxToken = 80

const (
	tokenStart  = "s1."
	tokenRandom = "r1."
)

// Token is the schedule as one word of at most MaxToken letters, digits, -, _ and dots, for the program and no other. A schedule
// that does not fit has none, and ok is false.
func (s Schedule) Token(p Program) (token string, ok bool) {
	data := binary.BigEndian.AppendUint16(nil, p.check())
	start := tokenStart
	if s.Number > 0 {
		start = tokenRandom
		data = binary.AppendUvarint(binary.AppendUvarint(binary.AppendUvarint(data, s.Seed), uint64(s.Number)), uint64(s.Length))
	}
	last := 0
	for _, sw := range s.Switches {
		data = binary.AppendUvarint(binary.AppendUvarint(data, uint64(sw.Step-last)), uint64(sw.Actor))
		last = sw.Step
	}
	token = start + base64.RawURLEncoding.EncodeToString(data)
	return token, len(token) <= MaxToken
}

// check tells programs apart.
func (p Program) check() uint16 {
	h := fnv.New32a()
	fmt.Fprintf(h, "%s\x00%d", p.ID, max(p.Seed, 1))
	sum := h.Sum32()
	return uint16(sum>>16) ^ uint16(sum)
}

// TokenError is a token that cannot be replayed.
type TokenError struct{ Token, Msg string }

func (e *TokenError) Error() string { return fmt.Sprintf("schedule %q: %s", e.Token, e.Msg) }

// ParseToken reads what Token wrote. Errors are of type *[TokenError].
func ParseToken(token string, p Program) (Schedule, error) {
	bad := func(format string, args ...any) (Schedule, error) {
		return Schedule{}, &TokenError{token[:min(len(token), MaxToken)], fmt.Sprintf(format, args...)}
	}
	if len(token) > MaxToken {
		return bad("not a token of cookbook explore: it is longer than %d characters", MaxToken)
	}
	text, random := strings.CutPrefix(token, tokenRandom)
	text, plain := strings.CutPrefix(text, tokenStart)
	if random == plain {
		return bad("not a token of cookbook explore; it begins with %s or %s", tokenStart, tokenRandom)
	}
	data, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(data) < 2 {
		return bad("not a whole token of cookbook explore")
	}
	if binary.BigEndian.Uint16(data) != p.check() {
		return bad("it was made for another recipe, or for other flags or another --seed than %s", p.ID)
	}
	var numbers []int
	for data = data[2:]; len(data) > 0; {
		n, size := binary.Uvarint(data)
		if size <= 0 || n > 1<<62 {
			return bad("not a whole token of cookbook explore")
		}
		numbers, data = append(numbers, int(n)), data[size:]
	}
	if random && len(numbers) == 3 && numbers[1] > 0 && numbers[2] <= mostSteps {
		return Schedule{Seed: uint64(numbers[0]), Number: numbers[1], Length: numbers[2]}, nil
	}
	if random || len(numbers)%2 != 0 {
		return bad("not a whole token of cookbook explore")
	}
	s, last := Schedule{}, 0
	for pair := range slices.Chunk(numbers, 2) {
		last += pair[0]
		if pair[0] > mostSteps || last > mostSteps || pair[1] > mostSteps {
			return bad("not a whole token of cookbook explore")
		}
		s.Switches = append(s.Switches, Switch{last, pair[1]})
	}
	return s, nil
}

// hashOf tells schedules of one program apart.
func hashOf(switches []Switch) uint64 {
	h := uint64(fnvOffset)
	for _, s := range switches {
		h = (h ^ uint64(s.Step)) * fnvPrime
		h = (h ^ uint64(s.Actor)) * fnvPrime
	}
	return h
}

// hash is hashOf the schedule of the nodes.
func (t *tree) hash() uint64 {
	h := uint64(fnvOffset)
	for i := range t.nodes {
		if n := &t.nodes[i]; n.taken > 0 {
			h = (h ^ uint64(i)) * fnvPrime
			h = (h ^ uint64(n.options[n.taken].actor)) * fnvPrime
		}
	}
	return h
}

// pick is the pick that follows the schedule.
func (s Schedule) pick() (choose pick, strayed func() bool) {
	if s.Number > 0 {
		return newRandom(s).choose, func() bool { return false }
	}
	f := &follower{switches: s.Switches, strict: true}
	return f.choose, func() bool { return f.strayed || len(f.switches) > 0 }
}
