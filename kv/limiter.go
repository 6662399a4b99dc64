package kv

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/samber/lo"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
)

// Rate is how much a limiter admits: so many in a period, and up to a burst of them at
// once. Per makes one.
type Rate struct {
	count  int
	period time.Duration
	burst  int
}

// Per is the rate of count in a period, all of which may come at once.
func Per(count int, period time.Duration) Rate { return Rate{count, period, count} }

// Burst is the rate that admits up to n at once, after as long a pause as that takes.
func (r Rate) Burst(n int) Rate { r.burst = n; return r }

// one is after how many microseconds one more is admitted, rounded up.
func (r Rate) one() int64 {
	return int64((r.period-1)/(time.Duration(r.count)*time.Microsecond)) + 1
}

// String is the rate in words: 10 per 1s, at most 20 at once.
func (r Rate) String() string {
	return fmt.Sprintf("%d per %v, at most %d at once", r.count, r.period, r.burst)
}

// mistake says what is wrong with the rate.
func (r Rate) mistake() string {
	switch {
	case r.count <= 0 || r.period <= 0:
		return "it must admit something in some time"
	case r.period < time.Millisecond:
		return "a period below a millisecond"
	case r.burst <= 0:
		return "a burst must be positive"
	case r.period/time.Microsecond < time.Duration(r.count):
		return "it admits more than one in a microsecond"
	case r.one() > drivers.MaxRefillMicros/int64(r.burst):
		return "the burst takes more than a hundred years"
	}
	return ""
}

// limits are the rates of a limiter, as commands have them.
type limits struct {
	rates   []Rate
	drivers []drivers.Limit
	err     error // that of rates that make no sense
}

func limitsOf(rates []Rate) *limits {
	all := limits{rates: slices.Clone(rates)}
	for _, rate := range rates {
		if mistake := rate.mistake(); mistake != "" {
			all.err = drivers.Errorf(ErrInvalid, "a rate of %v: %s", rate, mistake)
			return &all
		}
		all.drivers = append(all.drivers, drivers.Limit{IntervalMicros: rate.one(), Burst: int64(rate.burst)})
	}
	return &all
}

// Limiter declares a rate limiter, after the generic cell rate algorithm: a burst is
// there to begin with, and what was taken of it comes back one by one, each after the
// rate's period divided by its count, rounded up to microseconds. All who use the same
// store share it, and go by the store's clock.
//
// Of several rates, as per second and per day, each is a limit of its own, and a request is
// admitted by all of them or takes of none, in one step. Rates that are known only later,
// as those of a customer's plan, are not declared but given by LimiterField.With. A
// rate that makes no sense is a mistake of the schema, reported by Open.
func Limiter(rates ...Rate) Schema[LimiterField] {
	node, limits := dsl.NewField(dsl.Limiter), limitsOf(rates)
	for _, rate := range rates {
		if mistake := rate.mistake(); mistake != "" {
			node = node.WithMistake("a rate of %v: %s", rate, mistake)
		}
	}
	node = node.WithRates(lo.Map(rates, func(r Rate, _ int) dsl.Rate { return dsl.Rate{Count: r.count, Period: r.period, Burst: r.burst} })...)
	return newSchema(node, func(r ref) LimiterField { return LimiterField{newField(r), limits} })
}

// Limiter adds a rate limiter to the store.
func (s StaticSchema) Limiter(key Key[LimiterField], rates ...Rate) StaticSchema {
	return s.Field(key, Limiter(rates...))
}

// LimiterField is the handle of a rate limiter. It is one key, which holds a moment for each of its rates and ends
// when all of their bursts are back. A limiter of which nothing is taken is absent, so Erase gives everything back.
// After the store's clock was set back, or a rate was changed, it refuses requests for no longer than the burst takes
// to come back. Within Atomic it is errors.ErrUnsupported, and Copy and Export pass it by.
//
// In Redis: [GET], [SET].
//
// [GET]: https://redis.io/docs/latest/commands/get/
// [SET]: https://redis.io/docs/latest/commands/set/
type LimiterField struct {
	Field
	limits *limits
}

// With is the same limiter at other rates than those of the schema, such as the rates of a customer's plan; they hold
// for the handle that With returns. What was taken of the limiter stays taken, and comes back at the new rates.
// Stored rates are told apart by their places: if the first is per second and the second per day, keep that order
// when the plan changes. Without rates, or with one that makes no sense, every operation is ErrInvalid.
func (f LimiterField) With(rates ...Rate) LimiterField {
	f.limits = limitsOf(rates)
	return f
}

// Decision is what a limiter says to a request.
type Decision struct {
	Allowed    bool
	Remaining  int           // how many more would be admitted now
	RetryAfter time.Duration // until the request would be admitted; 0 if it was
	ResetAfter time.Duration // until all of every burst is back
	Refused    Rate          // the rate that keeps the request waiting longest; zero if it was admitted
}

// Allow asks for one. A request that is not admitted takes nothing. One round trip (a
// script: GET, SET).
func (f LimiterField) Allow(ctx context.Context) (Decision, error) {
	return f.throttle(ctx, "Allow", 1)
}

// AllowN asks for n at once, all or none of which are admitted. An n that is not positive,
// or larger than a burst and so never admitted, is ErrInvalid. See Allow.
func (f LimiterField) AllowN(ctx context.Context, n int) (Decision, error) {
	return f.some(ctx, "AllowN", n, f.throttle)
}

// Peek is what Allow would say, without taking anything. One round trip (a script: GET).
func (f LimiterField) Peek(ctx context.Context) (Decision, error) {
	return f.throttle(ctx, "Peek", 0)
}

// Wait is Allow that waits until it is admitted, or until the context ends, whose error it
// returns then, with nothing taken. It asks again after RetryAfter, and no earlier; those who wait
// are admitted in no order. Within a batch it is errors.ErrUnsupported. One round trip a try.
func (f LimiterField) Wait(ctx context.Context) (Decision, error) {
	return f.wait(ctx, "Wait", 1)
}

// WaitN is AllowN that waits. See Wait.
func (f LimiterField) WaitN(ctx context.Context, n int) (Decision, error) {
	return f.some(ctx, "WaitN", n, f.wait)
}

// some asks for a number that the caller gave.
func (f LimiterField) some(ctx context.Context, op string, n int, ask func(context.Context, string, int64) (Decision, error)) (Decision, error) {
	if n <= 0 && f.at.err() == nil {
		return Decision{}, f.at.fail(op, drivers.Errorf(ErrInvalid, "a request for %d", n))
	}
	return ask(ctx, op, int64(n))
}

func (f LimiterField) wait(ctx context.Context, op string, n int64) (Decision, error) {
	if _, batched := f.at.driver.inside().(*recorder); batched {
		return Decision{}, f.at.fail(op, fmt.Errorf("waiting within a batch: %w", errors.ErrUnsupported))
	}
	for {
		decision, err := f.throttle(ctx, op, n)
		if err != nil || decision.Allowed {
			return decision, err
		}
		if err := pause(ctx, decision.RetryAfter); err != nil {
			return Decision{}, f.at.fail(op, err)
		}
	}
}

func (f LimiterField) throttle(ctx context.Context, op string, n int64) (Decision, error) {
	switch err := f.at.carried(op); {
	case err != nil:
		return Decision{}, err
	case f.limits.err != nil:
		return Decision{}, f.at.fail(op, f.limits.err)
	case len(f.limits.rates) == 0:
		return Decision{}, f.at.fail(op, drivers.Errorf(ErrInvalid, "a limiter without a rate: the schema has none, and With gave none"))
	}
	cmd := drivers.Throttle(n, f.limits.drivers...)
	reply, err := f.at.do(ctx, op, &cmd)
	if err != nil {
		return Decision{}, err
	}
	decision := Decision{Allowed: reply.Ints[0] == 1, Remaining: math.MaxInt}
	for i, rate := range f.limits.rates {
		left, wait, full := reply.Ints[1+3*i], drivers.Span(reply.Ints[2+3*i], time.Microsecond), drivers.Span(reply.Ints[3+3*i], time.Microsecond)
		decision.Remaining, decision.ResetAfter = min(decision.Remaining, int(left)), max(decision.ResetAfter, full)
		if wait > decision.RetryAfter {
			decision.RetryAfter, decision.Refused = wait, rate
		}
	}
	return decision, nil
}
