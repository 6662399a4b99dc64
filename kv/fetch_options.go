package kv

import (
	"math/rand/v2"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
)

// FetchOption changes how Fetch goes about a value: FreshFor, RefreshAhead, KeepStale, RememberNone, Jitter,
// LoadWithin. All who fetch a value should give the same.
type FetchOption interface{ fetch(*fetchSettings) }

// fetchSettings are what FetchOptions set. What is 0 was not asked for.
type fetchSettings struct {
	fresh, ahead, none, jitter time.Duration
	within                     time.Duration // a load may take
	keepStale                  bool
	mistake                    string
}

// defaultFetch is Fetch without options.
var defaultFetch = fetchSettings{within: time.Minute}

type fetchOption func(*fetchSettings)

func (o fetchOption) fetch(s *fetchSettings) { o(s) }

// fetchTime is the option that sets a length of time.
func fetchTime(name string, d time.Duration, of func(*fetchSettings) *time.Duration) FetchOption {
	return fetchOption(func(s *fetchSettings) {
		if *of(s) = d; d < time.Millisecond {
			s.mistake = name + ": it must be a millisecond at least"
		}
	})
}

// FreshFor has Fetch take a value for fresh until d after it was stored. From then on, until the
// schema's TTL ends it, it is stale: it is still served, at once, while one caller, of all programs, loads it anew
// in the background.
//
// How old a value is follows from the time it has left, by the store's clock: it is told only of what was stored
// with the schema's TTL, be it by Write. What stays for ever is always fresh. A d that is not
// below the schema's TTL, and a schema without one, or with a Sliding one, are ErrInvalid.
func FreshFor(d time.Duration) FetchOption {
	return fetchTime("FreshFor", d, func(s *fetchSettings) *time.Duration { return &s.fresh })
}

// RefreshAhead has Fetch load a value anew, in the background, in the last d before it ends or, with FreshFor, before
// it is stale, so that nobody waits for a value that is asked for often. Each Fetch in that time decides at random
// whether to load, the more likely the nearer the end, so that values which were stored at one time are not loaded at
// one time. A d that is not below the time for which a value is fresh, and a schema without a TTL or with a Sliding
// one, are ErrInvalid.
func RefreshAhead(d time.Duration) FetchOption {
	return fetchTime("RefreshAhead", d, func(s *fetchSettings) *time.Duration { return &s.ahead })
}

// KeepStale lets a stale value stay for as long as load fails: each failure gives it the time anew that lies between
// being stale and its end. Without FreshFor, which says from when on a value is stale, it is ErrInvalid.
var KeepStale FetchOption = fetchOption(func(s *fetchSettings) { s.keepStale = true })

// RememberNone has Fetch remember, for d, that load returned ErrNotFound: until then it is ErrNotFound to all programs,
// without a load. Write ends that, as there is a value then, and so does Forget; Erase does not, of whatever.
func RememberNone(d time.Duration) FetchOption {
	return fetchTime("RememberNone", d, func(s *fetchSettings) *time.Duration { return &s.none })
}

// Jitter makes the TTL of what Fetch stores shorter by up to d, at random, so that values which were stored at one
// time do not end at one time. The time of FreshFor is shortened with it. A d that is not below both the schema's TTL
// and the time of FreshFor is ErrInvalid.
func Jitter(d time.Duration) FetchOption {
	return fetchTime("Jitter", d, func(s *fetchSettings) *time.Duration { return &s.jitter })
}

// LoadWithin bounds how long a load may take: its context ends after d, and whoever waits gets an error that is a
// context.DeadlineExceeded, even where load goes on. Without it that is a minute.
func LoadWithin(d time.Duration) FetchOption {
	return fetchTime("LoadWithin", d, func(s *fetchSettings) *time.Duration { return &s.within })
}

// fetchSettings are those of options, which may make no sense for the field.
func (k *keyRef) fetchSettings(options []FetchOption) (fetchSettings, error) {
	settings := defaultFetch
	for option := range given(options) {
		option.fetch(&settings)
	}
	if mistake := settings.mistakeFor(k.node.node.TTL(), k.node.sliding); mistake != "" {
		return settings, drivers.Errorf(ErrInvalid, "%s", mistake)
	}
	return settings, nil
}

func (s *fetchSettings) mistakeFor(ttl time.Duration, sliding bool) string {
	fresh := ttl
	if s.fresh > 0 {
		fresh = s.fresh
	}
	timed := s.fresh > 0 || s.ahead > 0 || s.jitter > 0
	switch {
	case s.mistake != "":
		return s.mistake
	case timed && ttl == 0:
		return "FreshFor, RefreshAhead and Jitter are of a value whose schema has a TTL"
	case timed && sliding:
		return "FreshFor, RefreshAhead and Jitter of a value whose TTL starts anew when it is read"
	case s.fresh >= ttl && s.fresh > 0:
		return "FreshFor as long as the TTL of the schema, or longer"
	case s.jitter >= fresh && s.jitter > 0:
		return "Jitter as long as the value is fresh, or longer"
	case s.ahead >= fresh-s.jitter && s.ahead > 0:
		return "RefreshAhead as long as the value is fresh, or longer"
	case s.keepStale && s.fresh == 0:
		return "KeepStale without FreshFor, so that nothing is ever stale"
	}
	return ""
}

// aheadSteps is how much more likely it is, as a power of e, that a read refreshes ahead at the end than in the beginning.
const aheadSteps = 4

// due reports whether a value that has so many milliseconds left is to be refreshed, and whether it is stale.
func (s *fetchSettings) due(ttl time.Duration, left int64) (refresh, stale bool) {
	end := int64(0)
	if s.fresh > 0 {
		end = (ttl - s.fresh).Milliseconds()
	}
	fresh, ahead := left-end, s.ahead.Milliseconds()
	if stale = fresh <= 0 && s.fresh > 0; stale {
		return true, true
	}
	return fresh < ahead && float64(fresh*aheadSteps) < float64(ahead)*rand.ExpFloat64(), false
}

// expiry is that of a value which is stored now.
func (s *fetchSettings) expiry(declared drivers.Expiry) drivers.Expiry {
	if s.jitter > 0 {
		declared.Millis = max(declared.Millis-rand.Int64N(s.jitter.Milliseconds()+1), 1)
	}
	return declared
}

// whileFailing is the expiry of a stale value that could not be loaded anew: it is as if it had become
// stale just now.
func (s *fetchSettings) whileFailing(ttl time.Duration) drivers.Expiry {
	return drivers.In(ttl - s.fresh)
}
