package spec

import (
	"context"
	"fmt"
	"reflect"
	"time"

	"github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/kv"
)

// Matcher is a Gomega matcher of a handle of package kv: HoldValue, HoldMembers,
// HoldNumber, HoldKeys, BeAbsent, ExpireWithin and NeverExpire make one; MatchLock makes
// one of a schema.
//
//	Expect(app.Take(Options)).To(spec.HoldValue(Config{Name: "Lobby", Seats: 8}))
//	Eventually(app.Take(OTP)).Should(spec.BeAbsent())
//
// The handle itself is what is expected of, so that Eventually and Consistently
// look at the store anew each time. A store that cannot be read — another type
// under the key, a document that breaks its schema, a wrong Take — is an error and
// fails To and NotTo alike. What a matcher cannot take ends an Eventually at once.
type Matcher struct {
	ctx   context.Context
	name  string
	takes string
	// look reads what is stored; taken false says that it is nothing to take.
	look  func(ctx context.Context, actual any) (f finding, taken bool, err error)
	found finding
}

// finding is what a matcher saw. Its messages are made only where they are shown.
type finding struct {
	matches bool
	message func(negated bool) string
}

// WithContext is the matcher with another context than context.Background() for
// what it asks of the store.
func (m *Matcher) WithContext(ctx context.Context) *Matcher {
	other := *m
	other.ctx = ctx
	return &other
}

func newMatcher(name, takes string, look func(ctx context.Context, actual any) (finding, bool, error)) *Matcher {
	return &Matcher{ctx: context.Background(), name: name, takes: takes, look: look}
}

// Match implements Gomega's matcher.
func (m *Matcher) Match(actual any) (bool, error) {
	taken := false
	var err error
	if !isNilPointer(actual) {
		m.found, taken, err = m.look(m.ctx, actual)
	}
	switch {
	case !taken:
		return false, gomega.StopTrying(fmt.Sprintf("%s takes %s, not %T", m.name, m.takes, actual))
	case err != nil:
		return false, err
	}
	return m.found.matches, nil
}

// FailureMessage implements Gomega's matcher.
func (m *Matcher) FailureMessage(any) string { return m.found.message(false) }

// NegatedFailureMessage implements Gomega's matcher.
func (m *Matcher) NegatedFailureMessage(any) string { return m.found.message(true) }

// fieldHandle is the handle of any value.
type fieldHandle interface {
	Path() string
	Exists(ctx context.Context) (bool, error)
	TTL(ctx context.Context) (time.Duration, error)
}

// isNilPointer reports what would panic if it were asked for anything.
func isNilPointer(actual any) bool {
	value := reflect.ValueOf(actual)
	return value.Kind() == reflect.Pointer && value.IsNil()
}

// sentence is "Expected <path> [not] to <do>", with what is the case instead.
func sentence(path string, negated bool, do, but string) string {
	not := ""
	if negated {
		not = "not "
	}
	return fmt.Sprintf("Expected %s %sto %s\nbut %s", path, not, do, but)
}

// lifetime says how long what a field holds is going to stay.
func lifetime(ttl time.Duration) string {
	if ttl == kv.NoTTL {
		return "never expires"
	}
	return fmt.Sprintf("expires in %v", ttl)
}

// contents describes what a field holds for a failure message. It looks again, and
// says nothing of what it can no longer find out.
func contents(ctx context.Context, field fieldHandle) string {
	ttl, err := field.TTL(ctx)
	if err != nil {
		return "holds nothing"
	}
	text := "holds a value that " + lifetime(ttl)
	if value, taken, err := read(ctx, field); taken && err == nil {
		text += ":\n" + indented(value)
	}
	return text
}
