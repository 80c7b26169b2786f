package transcript

import (
	"encoding/binary"
	"encoding/json"
	"errors"
)

// ordersState is the form in which orders are kept.
type ordersState struct {
	Added    int    `json:"added"`
	Elements int    `json:"elements,omitempty"`
	Times    []int  `json:"times,omitempty"`
	First    []int  `json:"first,omitempty"`
	Before   []byte `json:"before,omitempty"` // the rows, one after another
}

// MarshalJSON returns what was seen, in the form that RestoreOrders reads.
func (o *Orders) MarshalJSON() ([]byte, error) {
	state := ordersState{Added: o.added, Elements: o.elements, Times: o.times, First: o.first}
	for _, row := range o.before {
		for _, word := range row {
			state.Before = binary.LittleEndian.AppendUint64(state.Before, word)
		}
	}
	return json.Marshal(state)
}

// RestoreOrders returns what runs of the promise have shown, from what MarshalJSON wrote.
func (p *Promise) RestoreOrders(kept []byte) (*Orders, error) {
	var state ordersState
	if err := json.Unmarshal(kept, &state); err != nil {
		return nil, err
	}
	o := p.Orders()
	if o.added = state.Added; state.Elements == 0 {
		return o, nil
	}
	o.times, o.first, o.elements = state.Times, state.First, len(p.lines)
	fits := len(o.times) == len(p.stars) && len(o.first) == len(p.stars)
	for i := 0; fits && i < len(o.times); i++ {
		fits = o.times[i] <= mostTimes && o.first[i] >= len(p.lines) && o.first[i]+max(0, o.times[i]) <= state.Elements
	}
	if o.elements = state.Elements; fits && len(p.lines) <= o.elements && o.elements <= 4*mostJudged {
		o.rows()
		fits = len(state.Before) == 8*o.elements*len(o.later)
	} else {
		fits = false
	}
	if !fits {
		return nil, errors.New("the orders that were kept are not those of this promise")
	}
	for _, row := range o.before {
		for w := range row {
			row[w], state.Before = binary.LittleEndian.Uint64(state.Before), state.Before[8:]
		}
	}
	return o, nil
}
