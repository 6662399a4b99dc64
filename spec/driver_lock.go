package spec

import (
	"math"
	"strconv"
	"time"

	"github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
)

func acquire(owner string, lease time.Duration) drivers.Command {
	return drivers.Command{Op: drivers.OpLockAcquire, Key: "k", Value: owner, Amount: lease.Milliseconds()}
}

func renew(owner string, lease time.Duration) drivers.Command {
	return drivers.Command{Op: drivers.OpLockRenew, Key: "k", Value: owner, Amount: lease.Milliseconds()}
}

func release(owner string) drivers.Command {
	return drivers.Command{Op: drivers.OpLockRelease, Key: "k", Value: owner}
}

// lockFamily is that of locks, which are hashes.
func lockFamily() family {
	// What is granted first has a token that is the next and not the clock's.
	counted := kind{hashKind.name, hset("token", beyondClocks)}
	return family{checks: lockChecks, examples: []example{
		{acquire("me", hour), counted, "Value Amount"},
		{renew("me", hour), hashKind, "Value Amount"},
		{release("me"), hashKind, "Value"},
		{command(drivers.OpLockHolder), hashKind, ""},
	}}
}

// ended is a lock that somebody had, the holding of the given token.
func ended(token string) drivers.Command {
	return hset("owner", "she", "until", strconv.FormatInt(longAgo, 10), "token", token)
}

// held is a lock that somebody has for a very long time.
func held(owner, token string) drivers.Command {
	return hset("owner", owner, "until", strconv.FormatInt(farAhead, 10), "token", token)
}

func lockChecks(Harness) []check {
	holder := command(drivers.OpLockHolder)
	one, none := drivers.Reply{Int: 1}, drivers.Reply{}
	free := drivers.Reply{Nil: true}
	checks := rows(
		row{says: "is ErrInvalid without an owner", given: given(held("me", "7")), when: acquire("", hour), err: drivers.ErrInvalid},
		row{says: "is ErrInvalid without a lease", given: given(held("me", "7")), when: acquire("me", 0), err: drivers.ErrInvalid},
		row{says: "is ErrInvalid for a negative lease", when: acquire("me", -hour), err: drivers.ErrInvalid},
		row{says: "is ErrInvalid for a lease beyond MaxLeaseMillis", err: drivers.ErrInvalid,
			when: drivers.Command{Op: drivers.OpLockAcquire, Key: "k", Value: "me", Amount: drivers.MaxLeaseMillis + 1}},
		row{says: "is ErrCorrupt where the token is no number", given: given(ended("x")), when: acquire("me", hour), err: drivers.ErrCorrupt},
		row{says: "is refused where there is no token left", given: given(ended(strconv.FormatInt(math.MaxInt64, 10))), when: acquire("me", hour), want: free},

		row{says: "is 0 for an absent lock", when: renew("me", hour), want: none},
		row{says: "is 0 for another's lock", given: given(held("she", "7")), when: renew("me", hour), want: none},
		row{says: "is 0 for a lock whose lease has ended, though nobody else has it", given: given(ended("7")), when: renew("she", hour), want: none},
		row{says: "is ErrInvalid without an owner", when: renew("", hour), err: drivers.ErrInvalid},
		row{says: "is ErrInvalid without a lease", given: given(held("me", "7")), when: renew("me", 0), err: drivers.ErrInvalid},

		row{says: "is 0 for an absent lock", when: release("me"), want: none},
		row{says: "is 0 for another's lock", given: given(held("she", "7")), when: release("me"), want: none},
		row{says: "is 0 for a lock whose lease has ended", given: given(ended("7")), when: release("she"), want: none},
		row{says: "leaves nothing but the token", given: given(held("me", "7")), when: release("me"), want: one, then: then{"k": fields("token", "7")}},
		row{says: "is ErrInvalid without an owner", given: given(held("me", "7")), when: release(""), err: drivers.ErrInvalid},

		row{says: "is Nil for an absent lock", when: holder, want: free},
		row{says: "is Nil for a lock that was released", given: given(hset("token", "7")), when: holder, want: free},
		row{says: "is Nil for a lock whose lease has ended", given: given(ended("7")), when: holder, want: free},
	)
	return append(checks,
		about(drivers.OpLockAcquire, "answers tokens that grow with each holding, and goes on with one of its own", (*trial).locks),
		about(drivers.OpLockAcquire, "gives a lock whose lease has ended to another", (*trial).outlivesLease),
		about(drivers.OpLockRenew, "lets the lease begin anew", (*trial).renewsLease),
		about(drivers.OpLockRelease, "gives the lock to whoever comes next", func(t *trial) {
			before := t.token(acquire("me", hour))
			t.Expect(t.must(release("me")).Int).To(gomega.BeEquivalentTo(1))
			t.Expect(t.token(acquire("she", hour))).To(gomega.BeNumerically(">", before))
			t.Expect(t.must(release("me")).Int).To(gomega.BeZero(), "of what is another's by now")
		}),
		about(drivers.OpLockHolder, "is the owner, the token and the time that is left", func(t *trial) {
			t.given(ended(beyondClocks))
			t.Expect(t.token(acquire("me", hour))).To(gomega.BeEquivalentTo(afterClocks))
			t.holds("me", afterClocks, hour)
		}),
		about(drivers.OpLockAcquire, "answers a token that is greater than all before, though the lock was lost", func(t *trial) {
			before := t.token(acquire("me", hour))
			t.given(command(drivers.OpDelete))
			if t.Advance != nil {
				t.Advance(time.Millisecond)
			}
			again := t.token(acquire("me", hour))
			t.Expect(again).To(gomega.BeNumerically(">", before))
			t.given(ended("7"))
			t.Expect(t.token(acquire("she", hour))).To(gomega.BeNumerically(">=", again), "of a clock, and not of a count that was put back")
		}),
		check{about: "locks", says: "have one holder at a time, whatever many goroutines do", run: (*trial).lockTogether},
	)
}

// holds expects the lock to be somebody's for about so long.
func (t *trial) holds(owner string, token int64, left time.Duration) {
	reply := t.must(command(drivers.OpLockHolder))
	t.Expect(reply.Ints).To(gomega.HaveLen(1))
	t.Expect(reply.Ints[0]).To(gomega.BeNumerically("~", left.Milliseconds(), 60_000), "milliseconds left")
	reply.Ints = nil
	t.Expect(reply).To(gomega.Equal(drivers.Reply{Value: owner, Int: token}))
}

// afterClocks is a token that no clock comes to before the year 2255.
const afterClocks = 9_000_000_000_000_001

var beyondClocks = strconv.FormatInt(afterClocks-1, 10)

// token is what whoever gets the lock is answered.
func (t *trial) token(cmd drivers.Command) int64 {
	reply := t.must(cmd)
	t.Expect(reply).To(gomega.Equal(drivers.Reply{Int: reply.Int}))
	t.Expect(reply.Int).To(gomega.BeNumerically(">", 0))
	return reply.Int
}

func (t *trial) locks() {
	first := t.token(acquire("me", hour))
	t.holds("me", first, hour)
	t.Expect(t.must(ttl("k")).Int).To(gomega.BeEquivalentTo(-1), "a lock stays for the sake of its token")
	refused := t.must(acquire("she", hour))
	t.Expect(refused.Nil).To(gomega.BeTrue())
	t.Expect(refused.Ints).To(gomega.HaveExactElements(gomega.BeNumerically("~", hour.Milliseconds(), 60_000)))
	t.Expect(t.token(acquire("me", 3*hour))).To(gomega.Equal(first), "again by the same owner")
	t.holds("me", first, 3*hour)
	t.given(release("me"))
	t.Expect(t.token(acquire("me", hour))).To(gomega.BeNumerically(">", first), "a new holding")
}

func (t *trial) outlivesLease() {
	first := t.token(acquire("me", 20*time.Millisecond))
	t.ends("k")
	t.Expect(t.must(release("me")).Int).To(gomega.BeZero(), "released too late")
	second := t.token(acquire("she", hour))
	t.Expect(second).To(gomega.BeNumerically(">", first))
	t.holds("she", second, hour)
}

// ends waits until the lease of the lock is over.
func (t *trial) ends(name string) {
	if t.Advance != nil {
		t.Advance(time.Second)
	}
	t.Eventually(func() bool { return t.must(drivers.Command{Op: drivers.OpLockHolder, Key: name}).Nil }).
		WithPolling(time.Millisecond).Should(gomega.BeTrue())
}

func (t *trial) renewsLease() {
	token := t.token(acquire("me", time.Minute))
	t.Expect(t.must(renew("me", 3*hour)).Int).To(gomega.BeEquivalentTo(1))
	t.holds("me", token, 3*hour)
	t.Expect(t.must(renew("me", time.Minute)).Int).To(gomega.BeEquivalentTo(1), "a shorter lease")
	t.holds("me", token, time.Minute)
}

func (t *trial) lockTogether() {
	const goroutines = 16
	tokens := make(chan drivers.Reply, goroutines)
	for i := range goroutines {
		go func() {
			reply, err := t.Driver.Do(t.ctx, t.place(acquire("owner"+strconv.Itoa(i), hour)))
			if err != nil {
				reply.Int = -1
			}
			tokens <- reply
		}()
	}
	granted := 0
	for range goroutines {
		if reply := <-tokens; !reply.Nil {
			t.Expect(reply.Int).To(gomega.BeNumerically(">", 0))
			granted++
		}
	}
	t.Expect(granted).To(gomega.Equal(1))
}
