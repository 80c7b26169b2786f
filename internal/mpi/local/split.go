package local

import (
	"cmp"
	"slices"
	"unsafe"

	"cookbook/internal/mpi/engine"
)

// A membership is what a rank brings to a split.
type membership struct{ color, key, rank int64 }

func (c *comm) Split(op engine.Call, color, key int) (engine.Transport, error) {
	if err := c.sign(op, 0, engine.Datatype{}, 0, 0); err != nil {
		return nil, err
	}
	mine := membership{int64(color), int64(key), int64(c.me)}
	if err := c.meet(op, engine.Raw(unsafe.Slice(&mine, 1))); err != nil {
		return nil, err
	}
	var members []membership
	var colors []int64
	for r := range c.group {
		m := engine.Unraw[membership](slices.Clone(c.brought(r)[:unsafe.Sizeof(mine)]))[0]
		if m.color != engine.Undefined {
			colors = append(colors, m.color)
		}
		if m.color == int64(color) {
			members = append(members, m)
		}
	}
	slices.Sort(colors)
	colors = slices.Compact(colors)
	var places []int32
	if c.me == 0 {
		for range colors {
			places = append(places, c.r.w.takeComm())
		}
	}
	if err := c.meet(op, engine.Raw(places)); err != nil {
		return nil, err
	}
	places = engine.Unraw[int32](slices.Clone(c.brought(0)[:4*len(colors)]))
	if slices.Contains(places, -1) {
		return nil, c.fail(op, engine.ErrComm, "there are %d communicators already; free one", maxComms)
	}
	if color == engine.Undefined {
		return nil, nil
	}
	slices.SortStableFunc(members, func(a, b membership) int { return cmp.Compare(a.key, b.key) })
	group := make([]int, len(members))
	for i, m := range members {
		group[i] = c.group[m.rank]
	}
	slot := int(places[slices.Index(colors, int64(color))])
	made := newComm(c.r, c.r.w.head.comms[slot].id.Load(), slot, group)
	if made.me == 0 {
		made.state.users.Store(int32(len(group)))
		for i, p := range group {
			made.state.group[i].Store(uint32(p))
		}
		made.state.size.Store(uint32(len(group)))
	}
	return made, made.meet(op, nil) // users is known to all from here on
}

// takeComm takes a place for a communicator; −1 if there is none.
func (w *world) takeComm() int32 {
	id := w.head.communicators.Add(1)
	for slot := range w.head.comms {
		if w.head.comms[slot].id.CompareAndSwap(0, id) {
			return int32(slot)
		}
	}
	return -1
}
