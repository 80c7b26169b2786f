package opencl

import (
	"context"
	"encoding/binary"
	"fmt"
	"reflect"
	"time"

	"cookbook/internal/gpu/driver"
)

// verdict is what the self-test found.
type verdict struct {
	err    error    // why the device is refused
	times  bool     // events tell times
	limits []string // what it cannot do
}

// testSource is the kernel of the self-test: a sequence of pseudo-random numbers, of which no compiler knows the end beforehand.
const testSource = `__kernel void k_selftest(__global uint *out, long out_len, uint rounds, uint seed) {
	uint x = seed;
	for (uint i = 0; i < rounds; i++)
		x = x * 1664525u + 1013904223u;
	long at = (long)get_global_id(0);
	if (at < out_len)
		out[at] = x + (uint)at;
}
`

// The rounds of the loop in the self-test. Mesa's rusticl on llvmpipe ends loops after 65,535 rounds, without an error.
const (
	fewRounds  = 1000
	manyRounds = 70_000
)

// sequence returns the number after so many rounds, as Go computes it.
func sequence(seed uint32, rounds int) uint32 {
	for range rounds {
		seed = seed*1664525 + 1013904223
	}
	return seed
}

// test returns the verdict on the device, which it is asked for once in a process.
func (c *candidate) test() verdict {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.tested == nil {
		v := c.selftest()
		c.tested = &v
	}
	return *c.tested
}

func (c *candidate) selftest() (v verdict) {
	var d *device
	if d, v.err = c.open(c.info); v.err != nil {
		return v
	}
	defer d.Close()
	dq, err := d.NewQueue()
	if err != nil {
		return verdict{err: err}
	}
	defer dq.Close()
	q := dq.(*queue)
	const n = 8
	b, err := d.Alloc(4 * n)
	if err != nil {
		return verdict{err: err}
	}
	defer b.Free()

	// The time between this write and the last launch is told by both clocks; in between, the kernel is compiled.
	before := since()
	first, _, err := q.timed(q.Write(b, 0, make([]byte, 4*n)))
	if err != nil {
		return verdict{err: err}
	}
	between := since()

	elem := reflect.TypeFor[uint32]()
	m, err := d.Build(driver.Program{Name: "self-test", Source: testSource, Kernels: []driver.KernelInfo{{Name: "selftest", Dims: 1,
		Params: []driver.Param{{Name: "out", Slice: true, Elem: elem, Write: true}, {Name: "rounds", Elem: elem}, {Name: "seed", Elem: elem}}}}})
	if err != nil {
		return verdict{err: err}
	}
	defer m.Close()
	k, err := m.Kernel("selftest")
	if err != nil {
		return verdict{err: err}
	}
	run := func(rounds, seed uint32, blocks int) (out [n]uint32, times driver.Times, told bool, err error) {
		e, err := q.Launch(context.Background(), k, driver.Shape{Grid: driver.Dim{X: blocks, Y: 1, Z: 1}, Block: driver.Dim{X: 1, Y: 1, Z: 1}},
			[]driver.Arg{{Buffer: b, Len: n}, {Scalar: rounds}, {Scalar: seed}})
		if times, told, err = q.timed(e, err); err != nil {
			return out, times, told, err
		}
		var p [4 * n]byte
		if _, _, err = q.timed(q.Read(b, 0, p[:])); err == nil {
			_, err = binary.Decode(p[:], binary.NativeEndian, &out)
		}
		return out, times, told, err
	}
	out, _, _, err := run(fewRounds, 1, n)
	if err != nil {
		return verdict{err: err}
	}
	for i, got := range out {
		if want := sequence(1, fewRounds) + uint32(i); got != want {
			return verdict{err: fmt.Errorf("a kernel computed %d, not %d: %w", got, want, driver.ErrLost)}
		}
	}
	launched := since()
	out, last, told, err := run(manyRounds, 7, 1)
	if err != nil {
		return verdict{err: err}
	}
	v.times = told && credible(first, last, launched-between, since()-before)
	if !v.times {
		v.limits = append(v.limits, "Its events do not tell times; those of the host's clock stand for them.")
	}
	if got := out[0]; got != sequence(7, manyRounds) {
		rounds := 0
		for x := uint32(7); rounds < manyRounds && x != got; rounds++ {
			x = sequence(x, 1)
		}
		if rounds == manyRounds {
			return verdict{err: fmt.Errorf("a loop of %d rounds gives a wrong result: %w", manyRounds, driver.ErrLost)}
		}
		v.limits = append(v.limits, fmt.Sprintf("It ends the loops of a thread after %d rounds without saying so.", rounds))
	}
	return v
}

// timed waits for an event and frees it; told is false if the device does not tell its times.
func (q *queue) timed(de driver.Event, err error) (times driver.Times, told bool, _ error) {
	if err != nil {
		return times, false, err
	}
	defer de.Free()
	if err := de.Wait(); err != nil {
		return times, false, err
	}
	times, err = de.(*event).deviceTimes()
	return times, err == nil, nil
}

// credible reports whether the time from the end of one command to the end of another one, as the device tells it, lies between
// what the host's clock allows: it was longer than least, and shorter than most.
func credible(first, last driver.Times, least, most time.Duration) bool {
	ordered := last.Queued <= last.Start && last.Start <= last.End
	passed := last.End - first.End
	return ordered && passed >= least-least/4 && passed <= most+most/4+time.Millisecond
}
