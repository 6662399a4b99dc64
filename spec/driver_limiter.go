package spec

import (
	"math"
	"strconv"
	"time"

	"github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
)

// throttle asks for some of a burst, of which one comes back every so often.
func throttle(amount int64, one time.Duration, burst int64) drivers.Command {
	return throttleAll(amount, drivers.Limit{IntervalMicros: one.Microseconds(), Burst: burst})
}

// throttleAll asks all limits at once.
func throttleAll(amount int64, limits ...drivers.Limit) drivers.Command {
	cmd := drivers.Throttle(amount, limits...)
	cmd.Key = "k"
	return cmd
}

// limiterFamily is that of rate limiters, which are strings.
func limiterFamily() family {
	moment := kind{"string", put("k", "0")}
	return family{checks: limiterChecks, examples: []example{{throttle(0, hour, 5), moment, "Amount Scores"}}}
}

func limiterChecks(Harness) []check {
	// The moment when all are back, in microseconds.
	full := func(moment int64) []drivers.Command { return given(put("k", strconv.FormatInt(moment*1000, 10))) }
	decision := func(ints ...int64) drivers.Reply { return drivers.Reply{Ints: ints} }
	raw := func(amount, one, burst int64) drivers.Command {
		return throttleAll(amount, drivers.Limit{IntervalMicros: one, Burst: burst})
	}
	table := []row{
		{says: "looks at a full burst", when: throttle(0, hour, 5), want: decision(1, 5, 0, 0)},
		{says: "looks at a burst that is full again", given: full(longAgo), when: throttle(0, hour, 5), want: decision(1, 5, 0, 0)},
	}
	both := []drivers.Limit{{IntervalMicros: hour.Microseconds(), Burst: 5}, {IntervalMicros: 2 * hour.Microseconds(), Burst: 3}}
	table = append(table,
		row{says: "looks at several limits", when: throttleAll(0, both...), want: decision(1, 5, 0, 0, 3, 0, 0)},
		row{says: "passes over what is stored of further limits", given: given(put("k", "0 0 0")), when: throttleAll(0, both...), want: decision(1, 5, 0, 0, 3, 0, 0)},
		row{says: "is ErrInvalid without a limit", given: full(farAhead), when: throttleAll(1), err: drivers.ErrInvalid},
		row{says: "is ErrInvalid for more than one of its bursts", given: full(farAhead), when: throttleAll(4, both...), err: drivers.ErrInvalid},
		row{says: "is ErrInvalid for half a limit", given: full(farAhead), when: drivers.Command{Op: drivers.OpThrottle, Key: "k", Amount: 1, Extra: &drivers.Extra{Scores: []float64{5}}}, err: drivers.ErrInvalid},
		row{says: "is ErrInvalid for a limit that is no integer", given: full(farAhead), when: drivers.Command{Op: drivers.OpThrottle, Key: "k", Amount: 1, Extra: &drivers.Extra{Scores: []float64{5, 1.5}}}, err: drivers.ErrInvalid})
	for _, text := range []string{"1 ", " ", "1  2", "1 x", "", "x", "01", "-0", " 1", "1.5", "nan", "inf", "0x10", "9007199254740993", "-9223372036854775808", "9223372036854775807"} {
		table = append(table, row{says: "is ErrCorrupt where " + strconv.Quote(text) + " is stored", given: given(putFor(hour, "k", text)), when: throttle(1, hour, 5), err: drivers.ErrCorrupt})
	}
	for _, wrong := range []struct {
		says string
		cmd  drivers.Command
	}{
		{"for a negative Amount", raw(-1, 1, 5)},
		{"for more than the burst, which would never be there", raw(6, 1, 5)},
		{"for no time for one", raw(1, 0, 5)},
		{"for a negative time for one", raw(1, -1, 5)},
		{"for no burst", raw(0, 1, 0)},
		{"for a negative burst", raw(0, 1, math.MinInt64)},
		{"for a burst that takes longer than MaxRefillMicros", raw(1, drivers.MaxRefillMicros/2, 3)},
		{"for what overflows", raw(1, math.MaxInt64, math.MaxInt64)},
	} {
		table = append(table, row{says: "is ErrInvalid " + wrong.says, given: full(farAhead), when: wrong.cmd, err: drivers.ErrInvalid})
	}
	return append(rows(table...),
		about(drivers.OpThrottle, "admits a burst, and then what comes back", (*trial).throttles),
		about(drivers.OpThrottle, "admits several at once, or none of them", (*trial).throttlesSeveral),
		about(drivers.OpThrottle, "takes of all limits or of none", func(t *trial) {
			per := func(one time.Duration, burst int64) drivers.Limit {
				return drivers.Limit{IntervalMicros: one.Microseconds(), Burst: burst}
			}
			limits := []drivers.Limit{per(hour, 2), per(100*hour, 3)}
			left := func(cmd drivers.Command) [3]int64 {
				reply := t.must(cmd)
				t.Expect(reply.Ints).To(gomega.HaveLen(7), describe(cmd))
				return [3]int64{reply.Ints[0], reply.Ints[1], reply.Ints[4]}
			}
			t.Expect(left(throttleAll(2, limits...))).To(gomega.Equal([3]int64{1, 0, 1}))
			before := t.see("k")
			t.Expect(left(throttleAll(1, limits...))).To(gomega.Equal([3]int64{0, 0, 1}), "the first refuses, and the second loses nothing")
			t.unchanged("k", before)
			limits[0] = per(hour, 5)
			t.Expect(left(throttleAll(1, limits...))).To(gomega.Equal([3]int64{1, 2, 0}), "at another rate")
			t.Expect(left(throttleAll(1, limits...))).To(gomega.Equal([3]int64{0, 2, 0}), "the second refuses, and the first loses nothing")
			reply := t.must(throttleAll(0, limits...))
			t.Expect(reply.Ints[2]).To(gomega.BeZero(), "nobody waits for the first")
			t.Expect(reply.Ints[5]).To(gomega.BeNumerically("~", (100 * hour).Microseconds(), 60_000_000))
			t.Expect(t.must(ttl("k")).Int).To(gomega.BeNumerically("~", (300*hour).Milliseconds(), 60_000), "until all of all are back")
		}),
		about(drivers.OpThrottle, "takes nothing where it only looks", func(t *trial) {
			t.given(throttle(5, hour, 5))
			before := t.see("k")
			t.decides(throttle(0, hour, 5), false, 0, hour, 5*hour)
			t.unchanged("k", before)
		}),
		about(drivers.OpThrottle, "leaves nothing when all is back", func(t *trial) {
			t.given(throttle(1, 10*time.Millisecond, 5))
			if t.Advance != nil {
				t.Advance(time.Second)
			}
			t.Eventually(func() int64 { return t.must(command(drivers.OpExists)).Int }).
				WithPolling(time.Millisecond).Should(gomega.BeZero())
			t.decides(throttle(0, hour, 5), true, 5, 0, 0)
		}),
		about(drivers.OpThrottle, "is shut no longer than a burst takes where the clock was set back", (*trial).throttlesBack),
		about(drivers.OpThrottle, "counts exactly where the burst takes a hundred years", func(t *trial) {
			const one = drivers.MaxRefillMicros / 1000
			t.given(raw(999, one, 1000))
			reply := t.must(raw(1, one, 1000))
			t.Expect(reply.Ints[:3]).To(gomega.HaveExactElements(int64(1), int64(0), int64(0)))
		}),
		about(drivers.OpThrottle, "admits no more than a burst, whatever many goroutines do", (*trial).throttleTogether),
	)
}

// decides expects a decision, with about these times to wait.
func (t *trial) decides(cmd drivers.Command, admitted bool, left int64, wait, full time.Duration) {
	reply := t.must(cmd)
	t.Expect(reply.Ints).To(gomega.HaveLen(4))
	t.Expect(reply.Ints[0] == 1).To(gomega.Equal(admitted), describe(cmd))
	t.Expect(reply.Ints[1]).To(gomega.Equal(left), describe(cmd))
	const tolerance = 60_000_000
	t.Expect(reply.Ints[2]).To(gomega.BeNumerically("~", wait.Microseconds(), tolerance), describe(cmd))
	t.Expect(reply.Ints[3]).To(gomega.BeNumerically("~", full.Microseconds(), tolerance), describe(cmd))
	t.Expect(reply.Ints[2] == 0).To(gomega.Equal(admitted), "who is admitted does not wait")
}

func (t *trial) throttles() {
	for i := range int64(3) {
		t.decides(throttle(1, hour, 3), true, 2-i, 0, time.Duration(i+1)*hour)
	}
	t.decides(throttle(1, hour, 3), false, 0, hour, 3*hour)
	left := t.must(ttl("k")).Int
	t.Expect(left).To(gomega.BeNumerically("~", (3*hour).Milliseconds(), 60_000), "milliseconds that it is stored")
	if t.Advance != nil {
		t.Advance(hour)
		t.decides(throttle(1, hour, 3), true, 0, 0, 3*hour)
		t.decides(throttle(1, hour, 3), false, 0, hour, 3*hour)
	}
}

func (t *trial) throttlesSeveral() {
	t.decides(throttle(3, hour, 5), true, 2, 0, 3*hour)
	t.decides(throttle(3, hour, 5), false, 2, hour, 3*hour)
	t.decides(throttle(2, hour, 5), true, 0, 0, 5*hour)
}

func (t *trial) throttleTogether() {
	const goroutines, burst = 32, 10
	admitted := make(chan int64, goroutines)
	for range goroutines {
		go func() {
			reply, err := t.Driver.Do(t.ctx, t.place(throttle(1, hour, burst)))
			if err != nil {
				admitted <- goroutines
				return
			}
			admitted <- reply.Ints[0]
		}()
	}
	sum := int64(0)
	for range goroutines {
		sum += <-admitted
	}
	t.Expect(sum).To(gomega.BeEquivalentTo(burst))
}

// throttlesBack finds a limiter as it was left before the clock was set back.
func (t *trial) throttlesBack() {
	t.given(throttle(5, hour, 5))
	before := t.must(get("k"))
	if t.Advance != nil {
		t.Advance(-100 * hour)
	} else {
		full, err := strconv.ParseInt(before.Value, 10, 64)
		t.Expect(err).NotTo(gomega.HaveOccurred())
		t.given(put("k", strconv.FormatInt(full+(100*hour).Microseconds(), 10)))
	}
	t.decides(throttle(1, hour, 5), false, 0, hour, 5*hour)
	t.decides(throttle(0, hour, 5), false, 0, hour, 5*hour)
	left := t.must(ttl("k")).Int
	t.Expect(left).To(gomega.BeNumerically("~", (5*hour).Milliseconds(), 60_000), "milliseconds that it is stored")
	// A rate that lets the burst come back at once finds the old one's moment as far ahead.
	fast := throttle(1, time.Millisecond, 5)
	t.decides(fast, false, 0, time.Millisecond, 5*time.Millisecond)
	if t.Advance != nil {
		t.Advance(time.Second)
	}
	t.Eventually(func() int64 { return t.must(fast).Ints[0] }).WithPolling(time.Millisecond).Should(gomega.BeEquivalentTo(1))
}
