package kv

import (
	"time"

	"github.com/kvstore-go/kvstore/drivers"
)

// HandleOption is an option of StreamGroup.Handle: any WorkerOption or ConsumeOption.
type HandleOption interface{ handle(*consumption) }

// ConsumeOption is an option of StreamGroup.Consume, and of Handle: FetchAhead, ClaimAfter, LeaveTo.
type ConsumeOption interface {
	HandleOption
	consume()
}

// consumption is how a consumer consumes.
type consumption struct {
	workerSettings
	fetchAhead int
	claimAfter time.Duration
	heir       string
	stays      bool   // when the loop ends, as Handle sees to the heir
	alone      func() // ends once nothing that was handed over is worked on
}

// defaultClaimAfter is the ClaimAfter of those who do not say.
const defaultClaimAfter = time.Minute

func newConsumption() consumption {
	return consumption{fetchAhead: 1, claimAfter: defaultClaimAfter, workerSettings: newWorkerSettings(), alone: func() {}}
}

// check reports what makes no sense, as ErrInvalid.
func (c consumption) check(consumer string) error {
	switch {
	case c.heir != "" && c.heir == consumer:
		return drivers.Errorf(ErrInvalid, "%q would leave what is pending to itself", consumer)
	case c.fetchAhead < 1 || c.concurrency < 1:
		return drivers.Errorf(ErrInvalid, "%d entries fetched together, %d handled side by side", c.fetchAhead, c.concurrency)
	case isTooShort(c.claimAfter):
		return drivers.Errorf(ErrInvalid, "claiming after %v", c.claimAfter)
	}
	return checkRetry(c.retryAfter, c.claimAfter)
}

// checkRetry refuses a delay that cannot be kept: nothing is pending for longer than claimAfter
// without being claimed.
func checkRetry(after, claimAfter time.Duration) error {
	if isTooShort(after) || after > claimAfter {
		return drivers.Errorf(ErrInvalid, "a retry after %v, where what is pending is claimed after %v", after, claimAfter)
	}
	return nil
}

// pause is for how long a consumer does not look for what others have left.
func (c consumption) pause() time.Duration {
	pause := min(c.claimAfter/2, claimPause)
	if c.retries {
		pause = min(pause, c.retryAfter)
	}
	return max(pause, 10*time.Millisecond)
}

type consumeOption func(*consumption)

func (o consumeOption) handle(c *consumption) { o(c) }
func (consumeOption) consume()                {}

// FetchAhead fetches so many new entries in one round trip; the first is handed over, the others wait for their turn.
// Without it, entries are fetched one at a time, so that no consumer holds what another could begin with. Entries
// that were delivered before are always fetched one at a time. So a killed consumer costs an entry at most one
// delivery in which it was not handed over: its first. See DeadLetters.
func FetchAhead(entries int) ConsumeOption {
	return consumeOption(func(c *consumption) { c.fetchAhead = entries })
}

// ClaimAfter takes over what was delivered to anybody in the group and not acknowledged for so
// long, to the millisecond; without it, a minute. All consumers of a group should have the same. With 0
// nothing is taken over: what is pending for a consumer comes to it when it begins anew.
func ClaimAfter(idle time.Duration) ConsumeOption {
	return consumeOption(func(c *consumption) { c.claimAfter = idle })
}

// LeaveTo removes the consumer when its loop ends, as StreamGroup.RemoveConsumer does: what is
// still pending for it is pending for heir then, who need not run. It is for names
// that are used once, such as those of containers.
func LeaveTo(heir string) ConsumeOption {
	return consumeOption(func(c *consumption) { c.heir = heir })
}
