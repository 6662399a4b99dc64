package drivers_test

import (
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
)

// limits are the last commands that Check lets pass, and the first beyond that it refuses.
// Where executing them takes no memory the conformance suite has them, too.
var limits = []struct {
	what           string
	within, beyond drivers.Command
}{
	{"a row of slots", bitRange(7, 7+drivers.MaxRangeSlots), bitRange(7, 8+drivers.MaxRangeSlots)},
	{"the last slot", bitRange(drivers.MaxBits-1, drivers.MaxBits), bitRange(drivers.MaxBits-1, drivers.MaxBits+1)},
	{"the first slot", bitRange(0, 0), bitRange(-1, 0)},
	{"slots that are a range", bitRange(5, 5), bitRange(5, 4)},
	{"a signed slot's width", bitGet(64, true, drivers.Fail), bitGet(65, true, drivers.Fail)},
	{"an unsigned slot's width", bitGet(63, false, drivers.Fail), bitGet(64, false, drivers.Fail)},
	{"a slot's least width", bitGet(1, false, drivers.Wrap), bitGet(0, false, drivers.Wrap)},
	{"the ways to overflow", bitGet(8, false, drivers.Fail), bitGet(8, false, drivers.Fail+1)},
	{"the last bit", bit(drivers.MaxBits-1, 0), bit(drivers.MaxBits, 0)},
	{"the first bit", bit(0, 1), bit(-1, 1)},
	{"what a bit is", bit(7, 1), bit(7, 2)},
	{"the last byte", over(drivers.MaxBytes-1, "x"), over(drivers.MaxBytes, "x")},
	{"the first byte", over(0, "x"), over(-1, "x")},
	{"nothing, wherever that is", over(math.MaxInt64, ""), over(math.MaxInt64, "x")},
	{
		"conditions of strings", drivers.Command{Op: drivers.OpSet, If: drivers.IfExists},
		drivers.Command{Op: drivers.OpSet, If: drivers.IfExists + 1},
	},
	{
		"conditions of scores", scores(drivers.Command{Op: drivers.OpZAdd, If: drivers.IfLess, Amount: 1}),
		scores(drivers.Command{Op: drivers.OpZAdd, If: drivers.IfLess + 1, Amount: 1}),
	},
	{
		"what an added member counts as", scores(drivers.Command{Op: drivers.OpZAdd, Amount: 1}),
		scores(drivers.Command{Op: drivers.OpZAdd, Amount: 2}),
	},
	{"the time to live", expires(drivers.ExpireIn, 1), expires(drivers.ExpireIn, 0)},
	{"a long time to live", expires(drivers.ExpireIn, drivers.MaxExpiryMillis), expires(drivers.ExpireIn, drivers.MaxExpiryMillis+1)},
	{"the first moment", expires(drivers.ExpireAt, 0), expires(drivers.ExpireAt, -1)},
	{"the last moment", expires(drivers.ExpireAt, drivers.MaxExpiryMillis), expires(drivers.ExpireAt, drivers.MaxExpiryMillis+1)},
	{"members that repeat", amount(drivers.OpSRandMember, -drivers.MaxRepeats), amount(drivers.OpSRandMember, -drivers.MaxRepeats-1)},
	{"members that go", amount(drivers.OpSPop, 0), amount(drivers.OpSPop, -1)},
	{"elements that go", amount(drivers.OpLPop, 0), amount(drivers.OpLPop, -1)},
	{"the last place", place(math.MaxInt32), place(math.MaxInt32 + 1)},
	{"the last place from the end", place(math.MinInt32), place(math.MinInt32 - 1)},
	{"the first match", matches(1, 0, 0), matches(0, 0, 0)},
	{"matches from the end", matches(math.MinInt64+1, 0, 0), matches(math.MinInt64, 0, 0)},
	{"how many match", matches(1, 0, 0), matches(1, -1, 0)},
	{"among how many", matches(1, 0, 0), matches(1, 0, -1)},
	{"pairs that are compared", compares(2), compares(4)},
	{"halves of pairs that are compared", compares(0), compares(1)},
	{"a comparison with fewer than none", compares(0), compares(-2)},
	{"the corners of the map", point(drivers.MaxLongitude, drivers.MaxLatitude), point(drivers.MaxLongitude, 85.06)},
	{"the other corners of the map", point(-drivers.MaxLongitude, -drivers.MaxLatitude), point(-180.1, 0)},
	{"the extent of an area", around(math.SmallestNonzeroFloat64), around(0)},
	{"a large area", around(math.MaxFloat64), around(math.Inf(1))},
	{"a claim of many", claims(drivers.MaxAutoClaim, 0), claims(drivers.MaxAutoClaim+1, 0)},
	{"a claim of one", claims(1, 0), claims(0, 0)},
	{"what is claimed once it was idle", claims(1, 0), claims(1, -1)},
	{"a long lease", lease(drivers.MaxLeaseMillis), lease(drivers.MaxLeaseMillis + 1)},
	{"a short lease", lease(1), lease(0)},
	{"a long time to work on a job", takes(drivers.MaxLeaseMillis), takes(drivers.MaxLeaseMillis + 1)},
	{"a short time to work on a job", takes(1), takes(0)},
	{"who takes a job", drivers.JobTake("me", time.Second), drivers.JobTake("", time.Second)},
	{"the name of a job", drivers.JobAdd("a", "", 0, 0), drivers.JobAdd("a\x00", "", 0, 0)},
	{"the delay of a job", drivers.JobAdd("a", "", drivers.MaxLeaseMillis, 0), drivers.JobAdd("a", "", drivers.MaxLeaseMillis+1, 0)},
	{"the moment of a job", drivers.JobAdd("a", "", 0, drivers.MaxLeaseMillis), drivers.JobAdd("a", "", 0, drivers.MaxLeaseMillis+1)},
	{"the state of a job", drivers.JobMove("a", "me", drivers.JobDead, 0, 0), drivers.JobMove("a", "me", drivers.JobDead+1, 0, 0)},
	{"whose job it is", drivers.JobMove("a", "", drivers.JobWaits, 0, 0), drivers.JobMove("a", "", drivers.JobTaken, 0, 0)},
	{"the jobs that go", drivers.JobRemove("", "a"), drivers.JobRemove("", "")},
	{"a slow limiter", throttle(drivers.MaxRefillMicros, 1, 0), throttle(drivers.MaxRefillMicros+1, 1, 0)},
	{"a slow limiter with a burst", throttle(drivers.MaxRefillMicros/4, 4, 0), throttle(drivers.MaxRefillMicros/4+1, 4, 0)},
	{"a burst at once", throttle(1, 3, 3), throttle(1, 3, 4)},
	{"nothing of a burst", throttle(1, 3, 0), throttle(1, 3, -1)},
	{"a limiter with a burst", throttle(1, 1, 0), throttle(1, 0, 0)},
	{"a limiter with a rate", throttle(1, 1, 0), throttle(0, 1, 0)},
	{"a mark", seal(1), seal(0)},
	{"the last mark", seal(drivers.MaxMark), seal(drivers.MaxMark + 1)},
	{"a page of members", page(0, 0), page(-1, 0)},
	{"the size of a page", page(0, 0), page(0, -1)},
	{"the ids behind which there is one", after("18446744073709551615-18446744073709551614"), after("18446744073709551615-18446744073709551615")},
}

func TestCheckRefusesWhatIsJustBeyondALimit(t *testing.T) {
	for _, limit := range limits {
		if err := drivers.Check(&limit.within); err != nil {
			t.Errorf("%s: %v", limit.what, err)
		}
		if err := drivers.Check(&limit.beyond); !errors.Is(err, drivers.ErrInvalid) {
			t.Errorf("beyond %s: %v", limit.what, err)
		}
	}
}

// TestWeightsAreOneForEachSource: a reading algebra has Key for a source, a storing one for
// its destination.
func TestWeightsAreOneForEachSource(t *testing.T) {
	for op, sources := range map[drivers.Op]int{drivers.OpZUnion: 3, drivers.OpZUnionStore: 2} {
		for weights := range 5 {
			cmd := drivers.Command{Op: op, Key: "k", Extra: &drivers.Extra{Keys: []string{"a", "b"}, Scores: make([]float64, weights)}}
			if err := drivers.Check(&cmd); (err == nil) != (weights == 0 || weights == sources) {
				t.Error(fmt.Errorf("%v with %d weights: %w", op, weights, err))
			}
		}
	}
}

func takes(lease int64) drivers.Command {
	return drivers.Command{Op: drivers.OpJobTake, Value: "me", Amount: lease}
}

func bitRange(start, stop int64) drivers.Command {
	return drivers.Command{Op: drivers.OpBitRange, Bits: drivers.BitType{Width: 1}, Start: start, Stop: stop}
}

func bitGet(width uint8, signed bool, overflow drivers.Overflow) drivers.Command {
	return drivers.Command{Op: drivers.OpBitGet, Bits: drivers.BitType{Width: width, Signed: signed, Overflow: overflow}}
}

func bit(offset, value int64) drivers.Command {
	return drivers.Command{Op: drivers.OpSetBit, Start: offset, Amount: value}
}

func over(start int64, value string) drivers.Command {
	return drivers.Command{Op: drivers.OpSetRange, Start: start, Value: value}
}

func scores(cmd drivers.Command) drivers.Command {
	cmd.Values, cmd.OwnExtra().Scores = []string{"m"}, []float64{1}
	return cmd
}

func expires(mode drivers.ExpiryMode, millis int64) drivers.Command {
	return drivers.Command{Op: drivers.OpExpire, Expiry: drivers.Expiry{Mode: mode, Millis: millis}}
}

func amount(op drivers.Op, amount int64) drivers.Command {
	return drivers.Command{Op: op, Amount: amount}
}

func place(start int64) drivers.Command { return drivers.Command{Op: drivers.OpLSet, Start: start} }

func matches(from, amount, among int64) drivers.Command {
	return drivers.Command{Op: drivers.OpLPos, Start: from, Amount: amount, Stop: among}
}

func compares(amount int64) drivers.Command {
	return drivers.Command{Op: drivers.OpHCompareAndSet, Values: []string{"f", "v"}, Amount: amount}
}

func point(longitude, latitude float64) drivers.Command {
	return drivers.Command{Op: drivers.OpGeoAdd, Values: []string{"m"}, Extra: &drivers.Extra{Scores: []float64{longitude, latitude}}}
}

func around(radius float64) drivers.Command {
	return drivers.Command{Op: drivers.OpGeoSearch, Extra: &drivers.Extra{Scores: []float64{0, 0, radius}}}
}

func claims(amount, idle int64) drivers.Command {
	return drivers.Command{Op: drivers.OpXAutoClaim, Value: "group", Extra: &drivers.Extra{Expected: "consumer", Min: "0-0"}, Amount: amount, Start: idle}
}

func lease(millis int64) drivers.Command {
	return drivers.Command{Op: drivers.OpLockAcquire, Value: "owner", Amount: millis}
}

func throttle(micros, burst, amount int64) drivers.Command {
	return drivers.Throttle(amount, drivers.Limit{IntervalMicros: micros, Burst: burst})
}

func seal(mark int64) drivers.Command { return drivers.Command{Op: drivers.OpSeal, Start: mark} }

func page(start, amount int64) drivers.Command {
	return drivers.Command{Op: drivers.OpZRangeByScore, Extra: &drivers.Extra{Min: "0", Max: "1"}, Start: start, Amount: amount}
}

func after(id string) drivers.Command { return drivers.Command{Op: drivers.OpXRead, Value: id} }

func TestWhatARefusalSays(t *testing.T) {
	for want, cmd := range map[string]drivers.Command{
		"a time to live of 4611686018427387905 ms is too long": expires(drivers.ExpireIn, drivers.MaxExpiryMillis+1),
		"to expire at 0001-01-01 00:00:00 +0000 UTC: the moment must be from 1970 on, and at most 2^62 ms after that": {
			Op: drivers.OpSet, Expiry: drivers.At(time.Time{}),
		},
		"a lease that is not positive, or below a millisecond: a number without a unit counts nanoseconds":                     lease(0),
		"a lease of 1125899906842625 ms is too long":                                                                           lease(drivers.MaxLeaseMillis + 1),
		"an idle time that is negative, or below a millisecond: a number without a unit counts nanoseconds":                    drivers.XPending("group", "", 5, 1),
		"to be due at 292278994-08-17 07:12:55.807 +0000 UTC: the moment must be from 1970 on, and at most 2^50 ms after that": drivers.JobAdd("id", "", 0, math.MaxInt64),
		`the id of a job is empty, or has a byte that is zero: ""`:                                                             drivers.JobRemove("", ""),
		"the name of the consumer is empty":                                                                                    drivers.XReadGroup("group", "", 1),
		"a score that is NaN, not a number": {
			Op: drivers.OpZAdd, Values: []string{"m"}, Extra: &drivers.Extra{Scores: []float64{math.NaN()}},
		},
	} {
		if err := drivers.Check(&cmd); !errors.Is(err, drivers.ErrInvalid) || err.Error() != drivers.ErrInvalid.Error()+": "+want {
			t.Errorf("says %q instead of %q", err, want)
		}
	}
}
