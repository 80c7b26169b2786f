package manager

import (
	"context"
	"slices"
	"strconv"

	"cookbook/internal/process/failure"
	"cookbook/internal/wire"
)

// A heldObject is something that a manager holds.
type heldObject struct {
	kind    string
	order   []string // the keys of a dict, the items of a list
	values  map[string]string
	holder  *session // of a lock
	died    bool     // its last holder ended without a release
	waiting []*session
}

// dict does something with a dict.
func (o *heldObject) dict(what byte, fields []string) (answer []string, refused, err error) {
	wants := len(fields) // the number of fields
	switch what {
	case doGet, doDelete, doHas:
		wants = 1
	case doDefault:
		wants = 2
	case doLen, doAll, doClear:
		wants = 0
	case doSet:
		wants -= wants % 2
	default:
		wants = -1
	}
	if len(fields) != wants {
		return nil, nil, wire.ErrNonsense
	}
	key, value, has := "", "", false
	if len(fields) > 0 {
		key = fields[0]
		value, has = o.values[key]
	}
	switch what {
	case doGet, doDelete:
		if !has {
			return nil, ErrNoKey, nil
		}
		if what == doDelete {
			delete(o.values, key)
			at := slices.Index(o.order, key)
			o.order = slices.Delete(o.order, at, at+1)
		}
		return []string{value}, nil, nil
	case doDefault:
		if !has {
			o.set(key, fields[1])
		}
		return []string{o.values[key]}, nil, nil
	case doSet:
		for pair := range slices.Chunk(fields, 2) {
			o.set(pair[0], pair[1])
		}
	case doHas:
		if has {
			return []string{"1"}, nil, nil
		}
		return []string{""}, nil, nil
	case doLen:
		return []string{strconv.Itoa(len(o.values))}, nil, nil
	case doAll:
		for _, key := range o.order {
			answer = append(answer, key, o.values[key])
		}
	case doClear:
		clear(o.values)
		o.order = nil
	}
	return answer, nil, nil
}

func (o *heldObject) set(key, value string) {
	if _, has := o.values[key]; !has {
		o.order = append(o.order, key)
	}
	if o.values == nil {
		o.values = map[string]string{}
	}
	o.values[key] = value
}

// list does something with a list.
func (o *heldObject) list(what byte, fields []string) (answer []string, refused, err error) {
	wants := len(fields) // the number of fields
	switch what {
	case doGet, doDelete:
		wants = 1
	case doSet, doInsert:
		wants = 2
	case doLen, doAll, doClear:
		wants = 0
	case doAppend:
	default:
		wants = -1
	}
	if len(fields) != wants {
		return nil, nil, wire.ErrNonsense
	}
	at := 0
	if wants > 0 && what != doAppend {
		if at, err = strconv.Atoi(fields[0]); err != nil {
			return nil, nil, wire.ErrNonsense
		}
		if at < 0 {
			at += len(o.order)
		}
		if what == doInsert {
			at = min(max(at, 0), len(o.order)) // as in Python
		} else if at < 0 || at >= len(o.order) {
			return nil, ErrNoIndex, nil
		}
	}
	switch what {
	case doGet:
		return []string{o.order[at]}, nil, nil
	case doDelete:
		was := o.order[at]
		o.order = slices.Delete(o.order, at, at+1)
		return []string{was}, nil, nil
	case doSet:
		o.order[at] = fields[1]
	case doInsert:
		o.order = slices.Insert(o.order, at, fields[1])
	case doAppend:
		if slices.Contains(fields, "") {
			return nil, nil, wire.ErrNonsense // a value takes a byte at least
		}
		o.order = append(o.order, fields...)
	case doLen:
		return []string{strconv.Itoa(len(o.order))}, nil, nil
	case doAll:
		return slices.Clone(o.order), nil, nil
	case doClear:
		o.order = nil
	}
	return nil, nil, nil
}

// lock does something with a lock; s.k.mu is held, and given away while it waits.
func (s *session) lock(o *heldObject, what byte) (refused, err error) {
	switch {
	case what == doRelease && o.holder == nil:
		return failure.ErrNotLocked, nil
	case what == doRelease && o.holder != s:
		return failure.ErrNotOwner, nil
	case what == doRelease:
		delete(s.holds, o)
		o.pass()
		return nil, nil
	case what != doTry && what != doAcquire || s.holds[o]: // a client holds a lock by a connection of its own
		return nil, wire.ErrNonsense
	case o.holder == nil:
		o.holder = s
		return s.taken(o), nil
	case what == doTry:
		return errGaveUp, nil
	}
	granted, grant := context.WithCancel(context.Background())
	defer grant()
	s.granted = grant
	o.waiting = append(o.waiting, s)
	s.k.mu.Unlock()
	err = s.wait(granted)
	s.k.mu.Lock()
	if o.holder == s { // perhaps at the last moment
		if err == nil {
			return s.taken(o), nil
		}
		o.pass() // the client is gone and has never known
		return nil, err
	}
	o.waiting = slices.DeleteFunc(o.waiting, func(w *session) bool { return w == s })
	return errGaveUp, err
}

// wait waits until a lock is granted, or the client gives up, or is gone.
func (s *session) wait(granted context.Context) error {
	body, err := s.way.Receive(granted, nil)
	if err == context.Canceled {
		return nil
	} else if err != nil {
		return err
	}
	if what, _, _, err := cutRequest(body); err != nil || what != doGiveUp {
		return wire.ErrNonsense
	}
	return nil
}

// taken notes that the session holds a lock, and returns what there is to say about it.
func (s *session) taken(o *heldObject) error {
	s.holds[o] = true
	if o.died {
		o.died = false
		return failure.ErrOwnerDied
	}
	return nil
}

// pass hands a lock to the session that has waited longest.
func (o *heldObject) pass() {
	if o.holder = nil; len(o.waiting) > 0 {
		o.holder, o.waiting = o.waiting[0], o.waiting[1:]
		o.holder.granted()
	}
}

// end is the end of a connection. What is locked then, a process has held that is gone.
func (s *session) end() {
	s.k.mu.Lock()
	defer s.k.mu.Unlock()
	for o := range s.holds {
		o.died = true
		o.pass()
	}
}
