package drivers

import (
	"fmt"
	"math"
	"time"
)

// Command is one operation as a value: what to do, on which key, with which
// arguments. Which fields an Op reads is in the table of the package
// documentation; a driver ignores the others. Where an Op reads a field as something else
// than what is said here, a function makes the Command, and a method reads it: as XReadGroup,
// and Consumer.
//
// Strings are binary-safe. They are immutable, so they may be kept; slices
// belong to the caller, so they may not.
type Command struct {
	Op      Op
	If      Condition // of a write
	Reverse bool      // a range from its end down to its beginning
	Bits    BitType   // bit operations
	Expiry  Expiry    // operations that can give the key a time to live

	Key string // the key, or the prefix of a scan

	// Pattern is the schema path the key was declared under, with * for every
	// dynamic segment (foo:bar:*). It identifies the command to middleware
	// without identifying the user; drivers do not read it.
	Pattern string

	Value  string   // the value, or the one member
	Values []string // members, fields and values by turns, ids

	Start, Stop int64 // a slot range [Start, Stop), the slot Start, or a cursor
	Amount      int64 // a count, an increment or a slot's new value

	// Extra are the arguments that few Ops have; nil if there are none. Copies of the Command
	// share them, so who changes them does it by OwnExtra. The methods of their names read them.
	Extra *Extra
}

// Extra are the arguments that few Ops have. They lie apart, so that all other Commands are
// small to copy.
type Extra struct {
	Keys     []string  // further keys: the other sets of OpSInter, the destination of OpSMove
	Expected string    // OpCompareAndSwap: the value that must be there
	Scores   []float64 // of Values, or positions: longitude and latitude by turns
	Min, Max string    // the ends of a range of members, in Redis's notation: "[a", "(b", "-", "+"

	// Indexes is what a write keeps up to date in the same atomic step.
	Indexes []Index
}

// String shows them where a Command is printed.
func (e *Extra) String() string {
	if e == nil {
		return "{}"
	}
	type plain Extra
	return fmt.Sprintf("%+v", plain(*e))
}

// none are the Extra of a Command that has none.
var none Extra

func (c *Command) extra() *Extra {
	if c.Extra == nil {
		return &none
	}
	return c.Extra
}

// OwnExtra gives c Extra of its own, as they are, to be changed.
func (c *Command) OwnExtra() *Extra {
	own := *c.extra()
	c.Extra = &own
	return c.Extra
}

// Keys are further keys.
func (c *Command) Keys() []string { return c.extra().Keys }

// Expected is the value that must be there.
func (c *Command) Expected() string { return c.extra().Expected }

// Scores are those of Values, or positions.
func (c *Command) Scores() []float64 { return c.extra().Scores }

// Min is where a range of members begins.
func (c *Command) Min() string { return c.extra().Min }

// Max is where a range of members ends.
func (c *Command) Max() string { return c.extra().Max }

// Indexes is what the command keeps up to date.
func (c *Command) Indexes() []Index { return c.extra().Indexes }

// Continue makes the command of a scan ask for the page that follows the one of reply,
// and reports whether there is one.
func (c *Command) Continue(reply Reply) bool {
	c.Start, c.OwnExtra().Expected = reply.Int, reply.Value
	return reply.Int != 0
}

// Reply is the answer to a Command. Nil says that there was nothing to answer
// with (an absent key) or that a condition refused the write; it is not an error.
// Slices belong to whoever receives the Reply.
type Reply struct {
	Nil    bool
	Int    int64
	Float  float64
	Value  string
	Values []string
	Ints   []int64
	Floats []float64
}

// MaxRepeats bounds how many repeating members OpSRandMember replies with. Redis
// itself has no such bound, and dies of a count it cannot hold.
const MaxRepeats = 1 << 24

// NoStop is the Stop of an OpBitPos that looks beyond the end of the string, too.
const NoStop = math.MaxInt64

// Condition restricts a write to keys that are absent, or that are there.
type Condition uint8

// The conditions of a write.
const (
	Always Condition = iota
	IfAbsent
	IfExists
	// IfGreater and IfLess are for members of sorted sets: the score of one that is
	// there becomes only greater, or only less; one that is absent is added.
	IfGreater
	IfLess
)

// Refuses reports whether the condition forbids a write where there is a value or none.
func (c Condition) Refuses(there bool) bool {
	return c == IfAbsent && there || c == IfExists && !there
}

// ExpiryMode says what happens to the time to live of the key a command writes.
type ExpiryMode uint8

// The modes of an Expiry.
const (
	// KeepTTL leaves a time to live as it is. It is the zero Expiry.
	KeepTTL ExpiryMode = iota
	// ClearTTL makes the key stay for ever.
	ClearTTL
	// ExpireIn counts Millis from the moment the driver executes the command.
	ExpireIn
	// ExpireAt ends at Millis after the Unix epoch; a moment in the past removes the key. One
	// before the epoch, as that of a time.Time that was never set, is refused, which Redis
	// takes for a past one.
	ExpireAt
)

// Expiry is a time to live to be set in the same atomic step as a command.
//
// Operations that give the key a new value (OpSet, OpSwap, OpCompareAndSwap and the
// replacing ones, OpSReplace, OpLReplace, OpHReplace and OpZReplace), OpExpire and OpGetEx apply it
// unconditionally. Every other operation of a key leaves a time to live that is there, and
// starts one only where the key has none after the operation; ClearTTL has no meaning for
// it. For OpSMove, OpLMove and OpXMove the key is that of the destination; OpHExpire sets those of
// fields. Where the operation fails, or is refused by a condition or by Fail, nothing is set.
type Expiry struct {
	Mode   ExpiryMode
	Millis int64 // ExpireIn: must be positive
}

// MaxExpiryMillis is the furthest an ExpireIn and an ExpireAt may reach, half of what 64 bits of
// milliseconds hold: added to any present moment it cannot overflow, which Redis refuses as an
// "invalid expire time". Moments beyond it, which Redis takes, are refused alike.
const MaxExpiryMillis = 1 << 62

// In is an Expiry that counts d, rounded up to whole milliseconds, from the moment of
// execution. A positive d below a millisecond is one that Check refuses: it is a number
// whose unit was forgotten, or a moment that has come.
func In(d time.Duration) Expiry { return Expiry{Mode: ExpireIn, Millis: wholeMillis(d)} }

// wholeMillis is d rounded up to milliseconds; what is positive and below one is -1, which
// is refused wherever spans go.
func wholeMillis(d time.Duration) int64 {
	millis := d.Milliseconds()
	switch {
	case d > 0 && millis == 0:
		return -1
	case d > time.Duration(millis)*time.Millisecond:
		millis++
	}
	return millis
}

// At is an Expiry at the moment t, to the millisecond. One that milliseconds cannot count
// to, in millions of years, is the furthest they can, which Check refuses.
func At(t time.Time) Expiry {
	const most = math.MaxInt64 / 1000
	millis := t.UnixMilli()
	switch seconds := t.Unix(); {
	case seconds >= most:
		millis = math.MaxInt64
	case seconds <= -most:
		millis = math.MinInt64
	}
	return Expiry{Mode: ExpireAt, Millis: millis}
}

// Span is the time of so many units. What is too long for a Duration, 292 years, is the
// longest there is.
func Span(count int64, unit time.Duration) time.Duration {
	switch most := int64(math.MaxInt64 / unit); {
	case count > most:
		return math.MaxInt64
	case count < -most:
		return math.MinInt64
	}
	return time.Duration(count) * unit
}

// belowMillisecond ends what is said of a span that may be one.
const belowMillisecond = "below a millisecond: a number without a unit counts nanoseconds"

// Check reports an Expiry that no driver accepts, as ErrInvalid.
func (e Expiry) Check() error {
	switch e.Mode {
	case KeepTTL, ClearTTL:
		return nil
	case ExpireIn:
		switch {
		case e.Millis <= 0:
			return Errorf(ErrInvalid, "a time to live that is not positive, or "+belowMillisecond)
		case e.Millis > MaxExpiryMillis:
			return Errorf(ErrInvalid, "a time to live of %d ms is too long", e.Millis)
		}
		return nil
	case ExpireAt:
		if e.Millis < 0 || e.Millis > MaxExpiryMillis {
			return Errorf(ErrInvalid, "to expire at %v: the moment must be from 1970 on, and at most 2^62 ms after that", time.UnixMilli(e.Millis).UTC())
		}
		return nil
	}
	return Errorf(ErrInvalid, "unknown mode of expiry %d", e.Mode)
}
