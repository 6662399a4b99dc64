package spec

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
)

// patience is how long a check waits for what has to come by itself. Nothing is judged by it: a machine may be busy.
var patience = time.Minute

// trial is what a check works with: assertions, a store of its own, and keys by
// the short names the checks give them.
type trial struct {
	gomega.Gomega
	Store
	harness Harness
	ctx     context.Context
}

func newTrial(g gomega.Gomega, h Harness) *trial {
	return &trial{Gomega: g, Store: h.Open(), harness: h, ctx: context.Background()}
}

// again is a trial with another empty store, for checks that need two.
func (t *trial) again() *trial {
	other := newTrial(t.Gomega, t.harness)
	other.ctx = t.ctx
	return other
}

// Eventually waits as long as any check, whatever the suite around it says.
func (t *trial) Eventually(actual any, extra ...any) gomega.AsyncAssertion {
	return t.Gomega.Eventually(actual, extra...).WithTimeout(patience)
}

// soon expects what try does, and how long it took, to be a matter of less than two seconds, in one of several
// tries at least: a busy machine may stand still.
func (t *trial) soon(try func() time.Duration) {
	t.Eventually(try).Should(gomega.BeNumerically("<", 2*time.Second))
}

// inTime calls try with a span of time, which it has for what it does: on the wall clock a busy machine may take longer,
// and then it is called again with a longer one. It tells when the span began, and what to expect of what it has seen.
func (t *trial) inTime(span time.Duration, try func(span time.Duration) (began time.Time, expect func())) {
	for ; ; span *= 2 {
		began, expect := try(span)
		if t.Advance != nil || time.Since(began) < span-time.Millisecond { // stores may count in whole ones
			expect()
			return
		}
	}
}

// key is the key that a check calls name.
func (t *trial) key(name string) string { return t.harness.Prefix + name }

// place puts the keys of cmd where those of one check lie together.
func (t *trial) place(cmd drivers.Command) drivers.Command {
	cmd.Key = t.key(cmd.Key)
	if cmd.Keys() != nil {
		placed := make([]string, len(cmd.Keys()))
		for i, name := range cmd.Keys() {
			placed[i] = t.key(name)
		}
		cmd.OwnExtra().Keys = placed
	}
	cmd.OwnExtra().Indexes = slices.Clone(cmd.Indexes())
	for i := range cmd.Indexes() {
		ix := &cmd.Indexes()[i]
		ix.Key = t.key(ix.Key)
		if ix.Registry != "" { // which no driver accepts, prefix or not
			ix.Registry = t.key(ix.Registry)
		}
	}
	return cmd
}

func (t *trial) do(cmd drivers.Command) (drivers.Reply, error) {
	return t.Driver.Do(t.ctx, t.place(cmd))
}

// must executes a command that has to succeed.
func (t *trial) must(cmd drivers.Command) drivers.Reply {
	reply, err := t.do(cmd)
	if err != nil { // describing a command takes longer than most commands
		t.Expect(err).NotTo(gomega.HaveOccurred(), describe(cmd))
	}
	return reply
}

// given executes commands that make the situation a check starts from.
func (t *trial) given(commands ...drivers.Command) {
	for _, cmd := range commands {
		t.must(cmd)
	}
}

// expire lets the keys' time to live run out.
func (t *trial) expire(names ...string) {
	for _, name := range names {
		reply := t.must(drivers.Command{Op: drivers.OpExpire, Key: name, Expiry: drivers.In(time.Millisecond)})
		t.Expect(reply.Int).To(gomega.BeEquivalentTo(1), "expiring %q, which should be there", name)
	}
	if t.Advance != nil {
		t.Advance(2 * time.Millisecond)
		return
	}
	for _, name := range names {
		t.Eventually(func() bool { return t.must(ttl(name)).Nil }).WithPolling(time.Millisecond).Should(gomega.BeTrue(), "%q should have expired", name)
	}
}

// batch executes commands as one batch and returns it with its error.
func (t *trial) batch(atomic bool, commands ...drivers.Command) (*drivers.Batch, error) {
	placed := make([]drivers.Command, len(commands))
	for i, cmd := range commands {
		placed[i] = t.place(cmd)
	}
	b := drivers.NewBatch(placed...)
	b.Atomic = atomic
	return b, drivers.DoBatch(t.ctx, t.Driver, b)
}

// mustBatch executes a batch that has to run and whose commands have to succeed.
func (t *trial) mustBatch(atomic bool, commands ...drivers.Command) []drivers.Item {
	b, err := t.batch(atomic, commands...)
	t.Expect(err).NotTo(gomega.HaveOccurred())
	for i, item := range b.Items {
		if item.Err != nil {
			t.Expect(item.Err).NotTo(gomega.HaveOccurred(), describe(commands[i]))
		}
	}
	return b.Items
}

// classes are the errors a driver may return.
var classes = []error{
	drivers.ErrWrongType, drivers.ErrInvalid, drivers.ErrCorrupt, drivers.ErrConflict, drivers.ErrDuplicate, drivers.ErrCrossSlot, drivers.ErrIndeterminate,
	drivers.ErrClosed, errors.ErrUnsupported, context.Canceled, context.DeadlineExceeded,
}

// fails expects err to be of the class want and of no other.
func (t *trial) fails(err, want error, explanation ...any) {
	t.Expect(err).To(gomega.MatchError(want), explanation...)
	for _, class := range classes {
		if !errors.Is(want, class) {
			t.Expect(err).NotTo(gomega.MatchError(class), explanation...)
		}
	}
}

// replies expects a reply, whose Values may come in any order.
func (t *trial) replies(got, want drivers.Reply, explanation ...any) {
	got.Values, want.Values = slices.Sorted(slices.Values(got.Values)), slices.Sorted(slices.Values(want.Values))
	t.repliesInOrder(got, want, explanation...)
}

// repliesInOrder expects a reply, its Values in that order.
func (t *trial) repliesInOrder(got, want drivers.Reply, explanation ...any) {
	t.Expect(plain(got)).To(gomega.Equal(plain(want)), explanation...)
}

// plain is a reply in which lists that are empty, and numbers that are none, are equal,
// and -0 is not 0.
func plain(r drivers.Reply) drivers.Reply {
	r.Values = append([]string{}, r.Values...)
	r.Ints = append([]int64{}, r.Ints...)
	r.Floats = append([]float64{}, r.Floats...)
	for i, float := range r.Floats {
		if r.Floats[i] = signed(float); math.IsNaN(float) {
			r.Floats[i] = -math.MaxFloat64
		}
	}
	r.Float = signed(r.Float)
	return r
}

// signed is a number that is not equal to 0 for -0.
func signed(number float64) float64 {
	if number == 0 && math.Signbit(number) {
		return -math.SmallestNonzeroFloat64
	}
	return number
}

// describe prints a command without what it leaves at zero, and big values cut.
func describe(cmd drivers.Command) string {
	text := fmt.Sprintf("%v %q", cmd.Op, shorten(cmd.Key))
	add := func(name string, value any, present bool) {
		if present {
			text += fmt.Sprintf(" %s=%v", name, value)
		}
	}
	add("keys", fmt.Sprintf("%.200q", cmd.Keys()), len(cmd.Keys()) > 0)
	add("value", fmt.Sprintf("%q", shorten(cmd.Value)), cmd.Value != "")
	add("expected", fmt.Sprintf("%q", shorten(cmd.Expected())), cmd.Expected() != "")
	add("values", fmt.Sprintf("%.60q", cmd.Values[:min(len(cmd.Values), 20)]), len(cmd.Values) > 0)
	add("scores", cmd.Scores()[:min(len(cmd.Scores()), 20)], len(cmd.Scores()) > 0)
	add("if", cmd.If, cmd.If != drivers.Always)
	add("bits", fmt.Sprintf("%+v", cmd.Bits), cmd.Bits != drivers.BitType{})
	add("start", cmd.Start, cmd.Start != 0)
	add("stop", cmd.Stop, cmd.Stop != 0)
	add("amount", cmd.Amount, cmd.Amount != 0)
	add("from", fmt.Sprintf("%q", shorten(cmd.Min())), cmd.Min() != "")
	add("to", fmt.Sprintf("%q", shorten(cmd.Max())), cmd.Max() != "")
	add("reverse", cmd.Reverse, cmd.Reverse)
	add("indexes", fmt.Sprintf("%.200q", fmt.Sprint(cmd.Indexes())), len(cmd.Indexes()) > 0)
	add("expiry", fmt.Sprintf("%+v", cmd.Expiry), cmd.Expiry != drivers.Expiry{})
	return text
}

func shorten(text string) string {
	if len(text) > 60 {
		return fmt.Sprintf("%s… (%d bytes)", text[:60], len(text))
	}
	return text
}
