package kv

import (
	"context"
	"time"

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

// Limiter declares a rate limiter, after the generic cell rate algorithm: a burst is
// there to begin with, and what was taken of it comes back one by one, each after the
// rate's period divided by its count, rounded up to microseconds. All who use the same
// store share it, and go by the store's clock. A rate that makes no sense is a mistake of
// the schema, reported by Open.
func Limiter(rate Rate) Schema[LimiterField] {
	node := dsl.NewField(dsl.Limiter)
	if mistake := rate.mistake(); mistake != "" {
		node = node.WithMistake("a rate of %d per %v with a burst of %d: %s", rate.count, rate.period, rate.burst, mistake)
		rate = Per(1, time.Second)
	}
	one, burst := rate.one(), int64(rate.burst)
	return newSchema(node, func(r ref) LimiterField { return LimiterField{newField(r), one, burst} })
}

// Limiter adds a rate limiter to the store.
func (s StaticSchema) Limiter(key Key[LimiterField], rate Rate) StaticSchema {
	return s.Field(key, Limiter(rate))
}

// LimiterField is the handle of a rate limiter. Where the store's clock was set back, or the
// rate of the schema was another before, it is shut no longer than the burst takes to come
// back. What is stored is a moment, until all of
// the burst is back; a limiter of which nothing is taken is absent, so that Erase gives all of
// the burst back. Within Atomic it is errors.ErrUnsupported, and Copy and Export pass it by.
//
// In Redis: [GET], [SET].
//
// [GET]: https://redis.io/docs/latest/commands/get/
// [SET]: https://redis.io/docs/latest/commands/set/
type LimiterField struct {
	Field
	one, burst int64
}

// Decision is what a limiter says to a request.
type Decision struct {
	Allowed    bool
	Remaining  int           // how many more would be admitted now
	RetryAfter time.Duration // until the request would be admitted; 0 if it was
	ResetAfter time.Duration // until all of the burst is back
}

// Allow asks for one. A request that is not admitted takes nothing. One round trip (a
// script: GET, SET).
func (f LimiterField) Allow(ctx context.Context) (Decision, error) {
	return f.throttle(ctx, "Allow", 1)
}

// AllowN asks for n at once, all or none of which are admitted. An n that is not positive,
// or larger than the burst and so never admitted, is ErrInvalid. See Allow.
func (f LimiterField) AllowN(ctx context.Context, n int) (Decision, error) {
	if n <= 0 {
		if err := f.at.err(); err != nil {
			return Decision{}, err
		}
		return Decision{}, f.at.fail("AllowN", drivers.Errorf(ErrInvalid, "a request for %d", n))
	}
	return f.throttle(ctx, "AllowN", int64(n))
}

// Peek is what Allow would say, without taking anything. One round trip (a script: GET).
func (f LimiterField) Peek(ctx context.Context) (Decision, error) {
	return f.throttle(ctx, "Peek", 0)
}

func (f LimiterField) throttle(ctx context.Context, op string, n int64) (Decision, error) {
	cmd := drivers.Throttle(n, f.one, f.burst)
	reply, err := f.at.do(ctx, op, &cmd)
	if err != nil {
		return Decision{}, err
	}
	return Decision{
		Allowed: reply.Ints[0] == 1, Remaining: int(reply.Ints[1]),
		RetryAfter: drivers.Span(reply.Ints[2], time.Microsecond), ResetAfter: drivers.Span(reply.Ints[3], time.Microsecond),
	}, nil
}
