package memory_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
)

// TestLimiterKeepsItsRate: never more than the burst and what has come back since, and
// always after the wait that was answered.
func TestLimiterKeepsItsRate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		clock := &clock{}
		d := memory.New(memory.WithClock(clock.Now))
		one := rapid.Int64Range(1, 50).Draw(t, "milliseconds for one")
		burst := rapid.Int64Range(1, 10).Draw(t, "burst")
		start := clock.Now().UnixMilli()
		admitted := int64(0)
		for range 200 {
			clock.Advance(rapid.OneOf(rapid.Int64Range(0, 60), rapid.Int64Range(500, 2000)).Draw(t, "pause"))
			n := rapid.Int64Range(1, burst).Draw(t, "n")
			reply, err := d.Do(ctx, throttling(n, one*1000, burst))
			if err != nil {
				t.Fatal(err)
			}
			admitted += n * reply.Ints[0]
			if most := burst + (clock.Now().UnixMilli()-start)/one; admitted > most {
				t.Fatalf("%d admitted in %d ms, at most %d should be", admitted, clock.Now().UnixMilli()-start, most)
			}
			if reply.Ints[0] == 0 { // it must be admitted after the wait that was answered
				clock.Advance((reply.Ints[2] + 999) / 1000)
				again, err := d.Do(ctx, throttling(n, one*1000, burst))
				if err != nil || again.Ints[0] != 1 {
					t.Fatalf("refused for %d µs, and then %+v, %v", reply.Ints[2], again, err)
				}
				admitted += n
			}
		}
	})
}

// limiterMachine applies the same commands to a limiter of the driver and to a list of
// when each that was taken comes back.
type limiterMachine struct {
	d          *memory.Driver
	clock      *clock
	one, burst int64
	back       []int64 // in microseconds, in order
	full       int64   // when the last of them does
}

func (m *limiterMachine) now() int64 { return m.clock.Now().UnixMicro() }

// ask asks for n, or looks if that is 0.
func (m *limiterMachine) ask(t *rapid.T, n int64) {
	m.back = slices.DeleteFunc(m.back, func(at int64) bool { return at <= m.now() })
	want := []int64{1, 0, 0, 0}
	if missing := int64(len(m.back)) + max(n, 1) - m.burst; missing > 0 {
		want[0], want[2] = 0, m.back[missing-1]-m.now()
	} else {
		for range n {
			last := m.now()
			if len(m.back) > 0 {
				last = m.back[len(m.back)-1]
			}
			m.full = last + m.one
			m.back = append(m.back, m.full)
		}
	}
	if want[1] = m.burst - int64(len(m.back)); len(m.back) > 0 {
		want[3] = m.back[len(m.back)-1] - m.now()
	}
	reply := mustDo(t, m.d, throttling(n, m.one, m.burst))
	if !slices.Equal(reply.Ints, want) {
		t.Fatalf("%d of %d: %v instead of %v with %v to come", n, m.burst, reply.Ints, want, m.back)
	}
}

func (m *limiterMachine) Take(t *rapid.T) { m.ask(t, rapid.Int64Range(1, m.burst).Draw(t, "n")) }
func (m *limiterMachine) Look(t *rapid.T) { m.ask(t, 0) }
func (m *limiterMachine) Wait(t *rapid.T) { m.clock.Advance(rapid.Int64Range(1, 60).Draw(t, "millis")) }

// SetBack sets the clock back. Of what is stored by then, no more than a burst is missing
// afterwards.
func (m *limiterMachine) SetBack(t *rapid.T) {
	m.d.Sweep()
	there := mustDo(t, m.d, drivers.Command{Op: drivers.OpExists, Key: "l"}).Int == 1
	m.clock.Advance(-rapid.Int64Range(1, 1000).Draw(t, "millis"))
	if m.back = nil; !there {
		m.full = 0
		return
	}
	m.full = min(m.full, m.now()+m.burst*m.one)
	for at := m.full; at > m.now(); at -= m.one {
		m.back = append(m.back, at)
	}
	slices.Reverse(m.back)
	m.ask(t, 0) // it is stored so
}

func (m *limiterMachine) Reset(t *rapid.T) {
	m.back, m.full = nil, 0
	mustDo(t, m.d, del("l"))
}

// Check: a limiter of which all is back is gone within a millisecond, and not before.
func (m *limiterMachine) Check(t *rapid.T) {
	there := mustDo(t, m.d, drivers.Command{Op: drivers.OpExists, Key: "l"}).Int == 1
	if m.now() < m.full && !there || m.now() >= m.full+1000 && there {
		t.Fatalf("there at %d: %t, though all is back at %d", m.now(), there, m.full)
	}
	if err := memory.Check(m.d); err != nil {
		t.Fatal(err)
	}
}

func TestLimiterAgreesWithModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := &clock{}
		m := &limiterMachine{
			d: memory.New(memory.WithClock(c.Now)), clock: c,
			one: rapid.Int64Range(1, 40_000).Draw(t, "microseconds for one"), burst: rapid.Int64Range(1, 10).Draw(t, "burst"),
		}
		t.Repeat(map[string]func(*rapid.T){
			"": m.Check, "take": m.Take, "look": m.Look, "wait": m.Wait, "set back": m.SetBack, "reset": m.Reset,
		})
	})
}

func throttling(amount, one, burst int64) drivers.Command {
	cmd := drivers.Throttle(amount, drivers.Limit{IntervalMicros: one, Burst: burst})
	cmd.Key = "l"
	return cmd
}
