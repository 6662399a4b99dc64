package queues_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

// mail is a job.
type mail struct {
	To string `json:"to"`
}

type shop struct {
	Mails  kv.QueueField[mail]      `kv:"mails"`
	Orders kv.MapField[string, int] `kv:"orders"`
}

var shopSchema = kv.Colocated(kv.Static("shop").Queue[mail]("mails").Map[int]("orders").As[shop]())

var past = kv.DueAt(time.Unix(1, 0))

// ids are those of jobs that are listed.
func ids(jobs iter.Seq2[kv.Job[mail], error]) (all []string) {
	GinkgoHelper()
	for job, err := range jobs {
		Expect(err).NotTo(HaveOccurred())
		all = append(all, job.ID)
	}
	return all
}

var _ = Describe("Queues", func() {
	kvtest.OnAllDrivers(func(open func(context.Context) kvtest.Backend) {
		var (
			store  kvtest.Backend
			mails  kv.QueueField[mail]
			orders kv.MapField[string, int]
		)
		BeforeEach(func(ctx context.Context) {
			store = open(ctx)
			shop := kv.MustOpen(shopSchema, store.Driver)
			mails, orders = shop.Mails, shop.Orders
			store.Trips.Reset()
		})
		add := func(ctx context.Context, id string, due kv.Due) {
			GinkgoHelper()
			Expect(mails.Add(ctx, mail{"to " + id}, kv.JobID(id), due)).To(Equal(id))
		}
		take := func(ctx context.Context, id string) kv.Job[mail] {
			GinkgoHelper()
			job, err := mails.Take(ctx, time.Hour)
			Expect(err).NotTo(HaveOccurred())
			Expect(job).To(And(HaveField("ID", id), HaveField("Value", mail{"to " + id}), HaveField("State", kv.JobTaken)))
			return job
		}
		// takeLater takes a job as soon as it is due.
		takeLater := func(ctx context.Context) (job kv.Job[mail]) {
			GinkgoHelper()
			Eventually(func() (err error) {
				job, err = mails.Take(ctx, time.Hour)
				return err
			}).WithPolling(time.Millisecond).Should(Succeed())
			return job
		}

		It("hand out what is due, by its moment and then by its id, each in one round trip", func(ctx context.Context) {
			add(ctx, "c", kv.DueAt(time.Unix(2, 0)))
			add(ctx, "b", kv.DueAt(time.Unix(1, 0)))
			add(ctx, "a", kv.DueAt(time.Unix(2, 0)))
			add(ctx, "later", kv.DueIn(time.Hour))
			job := take(ctx, "b")
			take(ctx, "a")
			take(ctx, "c")
			_, err := mails.Take(ctx, time.Hour)
			Expect(err).To(MatchError(kv.ErrNotFound))
			Expect(mails.Len(ctx)).To(Equal(4))
			Expect(mails.Done(ctx, job)).To(Succeed())
			Expect(mails.Len(ctx)).To(Equal(3))
			Expect(store.Trips.Taken()).To(Equal(11))
		})
		It("refuse a moment that nobody counts to, and a lease or a delay of nanoseconds", func(ctx context.Context) {
			job := func() kv.Job[mail] { add(ctx, "a", past); return take(ctx, "a") }()
			store.Trips.Reset()
			for _, far := range []time.Time{time.Date(300_000_000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(100_000, 1, 1, 0, 0, 0, 0, time.UTC), time.Unix(1<<60, 0)} {
				Expect(kvtest.ErrorOf(mails.Add(ctx, mail{}, kv.DueAt(far)))).To(And(MatchError(kv.ErrInvalid), MatchError(ContainSubstring("to be due at"))))
				Expect(kvtest.ErrorOf(mails.Reschedule(ctx, "a", kv.DueAt(far)))).To(MatchError(kv.ErrInvalid))
				Expect(mails.Retry(ctx, job, kv.DueAt(far))).To(MatchError(kv.ErrInvalid))
			}
			Expect(kvtest.ErrorOf(mails.Add(ctx, mail{}, kv.DueIn(5)))).To(MatchError(ContainSubstring("a delay that is negative, or below a millisecond")))
			for _, lease := range []time.Duration{-1, 0, 5} {
				Expect(mails.Renew(ctx, job, lease)).To(MatchError(ContainSubstring("a lease that is not positive, or below a millisecond")))
				Expect(kvtest.ErrorOf(mails.Take(ctx, lease))).To(MatchError(ContainSubstring("a lease that is not positive, or below a millisecond")))
			}
			Expect(mails.Get(ctx, "a")).To(HaveField("State", kv.JobTaken), "nothing was changed")
			Expect(mails.Retry(ctx, job, kv.DueAt(time.Time{}))).To(Succeed(), "which is past")
			take(ctx, "a")
		})
		It("give each job an id of its own unless it has one", func(ctx context.Context) {
			first, err := mails.Add(ctx, mail{"ann"})
			Expect(err).NotTo(HaveOccurred())
			Expect(mails.Add(ctx, mail{"ann"})).NotTo(Or(Equal(first), BeEmpty()))
			Expect(mails.Len(ctx)).To(Equal(2))
		})
		It("replace a job with the same id, whoever has it", func(ctx context.Context) {
			add(ctx, "a", past)
			old := take(ctx, "a")
			Expect(mails.Add(ctx, mail{"bob"}, kv.JobID("a"))).To(Equal("a"))
			Expect(mails.Done(ctx, old)).To(MatchError(kv.ErrJobLost), "of another job by now")
			again := takeLater(ctx)
			Expect(again).To(And(HaveField("Value", mail{"bob"}), HaveField("Tries", 1)))
			Expect(mails.Len(ctx)).To(Equal(1))
		})
		It("refuse a job with the same id where that is asked for", func(ctx context.Context) {
			add(ctx, "a", kv.DueIn(time.Hour))
			Expect(kvtest.ErrorOf(mails.Add(ctx, mail{"bob"}, kv.JobID("a").IfAbsent()))).To(And(MatchError(kv.ErrConditionFailed), MatchError(HaveSuffix(`there is a job "a"`))))
			Expect(mails.Get(ctx, "a")).To(And(HaveField("Value", mail{"to a"}), HaveField("State", kv.JobWaiting)))
			Expect(mails.Add(ctx, mail{"bob"}, kv.JobID("b").IfAbsent())).To(Equal("b"))
		})
		It("refuse what is no id, and what cannot be a job", func(ctx context.Context) {
			for _, id := range []string{"", "a\x00b"} {
				Expect(kvtest.ErrorOf(mails.Add(ctx, mail{}, kv.JobID(id)))).To(MatchError(kv.ErrInvalid))
				Expect(kvtest.ErrorOf(mails.Reschedule(ctx, id, kv.Due{}))).To(MatchError(kv.ErrInvalid))
				Expect(kvtest.ErrorOf(mails.Remove(ctx, "a", id))).To(MatchError(kv.ErrInvalid))
			}
			Expect(kvtest.ErrorOf(mails.Take(ctx, 0))).To(MatchError(kv.ErrInvalid))
			Expect(mails.Done(ctx, kv.Job[mail]{ID: "a"})).To(MatchError(kv.ErrInvalid), "of a job that was not taken")
			Expect(mails.Exists(ctx)).To(BeFalse())
		})
		It("let a job come back when its lease ends, and count how often it was tried", func(ctx context.Context) {
			add(ctx, "a", past)
			killed, err := mails.Take(ctx, time.Millisecond)
			Expect(err).NotTo(HaveOccurred())
			again := takeLater(ctx)
			Expect(again).To(And(HaveField("ID", "a"), HaveField("Tries", 2)))
			for _, late := range []error{
				mails.Done(ctx, killed), mails.Retry(ctx, killed, kv.Due{}), mails.Renew(ctx, killed, time.Hour), mails.Bury(ctx, killed),
			} {
				Expect(late).To(MatchError(kv.ErrJobLost))
			}
			Expect(mails.Done(ctx, again)).To(Succeed())
			Expect(mails.Done(ctx, again)).To(MatchError(kv.ErrJobLost), "which is done")
			Expect(mails.Exists(ctx)).To(BeFalse())
		})
		It("let one that is too late finish, unless another has the job", func(ctx context.Context) {
			add(ctx, "a", past)
			job, err := mails.Take(ctx, time.Millisecond)
			Expect(err).NotTo(HaveOccurred())
			Eventually(func() (kv.Job[mail], error) { return mails.Get(ctx, "a") }).WithPolling(time.Millisecond).Should(HaveField("State", kv.JobDue))
			Expect(mails.Renew(ctx, job, time.Hour)).To(Succeed())
			Expect(mails.Get(ctx, "a")).To(And(HaveField("State", kv.JobTaken), HaveField("Due", BeTemporally("~", time.Now().Add(time.Hour), time.Minute))))
			Expect(mails.Done(ctx, job)).To(Succeed())
		})
		It("give a job back, once it is due again", func(ctx context.Context) {
			add(ctx, "a", past)
			Expect(mails.Retry(ctx, take(ctx, "a"), kv.DueIn(time.Hour))).To(Succeed())
			Expect(mails.Get(ctx, "a")).To(And(HaveField("State", kv.JobWaiting), HaveField("Tries", 1)))
			Expect(mails.Reschedule(ctx, "a", past)).To(BeTrue())
			Expect(mails.Get(ctx, "a")).To(And(HaveField("State", kv.JobDue), HaveField("Tries", 0), HaveField("Due", BeTemporally("==", time.Unix(1, 0)))))
			Expect(mails.Reschedule(ctx, "b", past)).To(BeFalse())
		})
		It("keep dead letters apart until they are rescheduled or removed", func(ctx context.Context) {
			add(ctx, "b", past)
			add(ctx, "a", past)
			Expect(mails.Bury(ctx, take(ctx, "a"))).To(Succeed())
			Expect(mails.Bury(ctx, take(ctx, "b"))).To(Succeed())
			Expect(mails.Len(ctx)).To(BeZero())
			Expect(mails.CountDead(ctx)).To(Equal(2))
			Expect(ids(mails.AllDead(ctx))).To(Equal([]string{"a", "b"}))
			Expect(mails.Get(ctx, "a")).To(And(HaveField("State", kv.JobDead), HaveField("Tries", 1), HaveField("Due", BeZero())))
			Expect(kvtest.ErrorOf(mails.Take(ctx, time.Hour))).To(MatchError(kv.ErrNotFound))
			Expect(mails.Reschedule(ctx, "b", past)).To(BeTrue())
			Expect(take(ctx, "b").Tries).To(Equal(1))
			Expect(mails.Remove(ctx, "a", "x")).To(Equal(1))
			Expect(mails.CountDead(ctx)).To(BeZero())
		})
		It("list what is due, waiting and being worked on", func(ctx context.Context) {
			add(ctx, "0", past)
			add(ctx, "1", kv.DueAt(time.Unix(2, 0)))
			add(ctx, "2", kv.DueIn(2*time.Hour))
			take(ctx, "0")
			states := map[string]kv.JobState{}
			for job, err := range mails.All(ctx) {
				Expect(err).NotTo(HaveOccurred())
				states[job.ID] = job.State
			}
			Expect(states).To(Equal(map[string]kv.JobState{"0": kv.JobTaken, "1": kv.JobDue, "2": kv.JobWaiting}))
			Expect(ids(mails.All(ctx))).To(Equal([]string{"1", "0", "2"}))
			Expect(fmt.Sprint(kv.JobWaiting, kv.JobDue, kv.JobTaken, kv.JobDead, kv.JobState(9))).To(Equal("waiting due taken dead JobState(9)"))
		})
		It("list any number of jobs, page by page, of one moment or of many", func(ctx context.Context) {
			batch := &kv.Batch{}
			bound := batch.Bind(mails)
			var want []string
			for i := range 700 {
				id, due := fmt.Sprintf("%03d", i), time.Unix(1, 0)
				if i >= 600 {
					due = time.Unix(int64(i), 0)
				}
				want = append(want, id)
				batch.Do(func(ctx context.Context) (string, error) {
					return bound.Add(ctx, mail{id}, kv.JobID(id), kv.DueAt(due))
				})
			}
			Expect(batch.Run(ctx)).To(Succeed())
			store.Trips.Reset()
			Expect(ids(mails.All(ctx))).To(Equal(want))
			Expect(store.Trips.Taken()).To(Equal(6))
		})
		It("report a job that is none, and go on", func(ctx context.Context) {
			add(ctx, "b", past)
			cmd := drivers.JobAdd("a", "{", 0, 1)
			cmd.Key = mails.Path()
			Expect(kvtest.ErrorOf(store.Raw.Do(ctx, cmd))).To(Succeed())
			corrupt, whole := 0, 0
			for job, err := range mails.All(ctx) {
				if err != nil {
					Expect(err).To(MatchError(kv.ErrCorrupt))
					Expect(job.ID).To(Equal("a"))
					corrupt++
					continue
				}
				whole++
			}
			Expect([]int{corrupt, whole}).To(Equal([]int{1, 1}))
			job, err := mails.Take(ctx, time.Hour)
			Expect(err).To(MatchError(kv.ErrCorrupt))
			Expect(mails.Bury(ctx, job)).To(Succeed())
			take(ctx, "b")
		})
		It("take part in a transaction, an order and its jobs, or the end of a job and what it did", func(ctx context.Context) {
			fault := errors.New("no")
			order := func(ctx context.Context, failure error) error {
				return kv.Atomic(ctx, kv.MustOpen(shopSchema, store.Driver), func(ctx context.Context, tx shop) error {
					Expect(tx.Orders.Put(ctx, "7", 1)).To(Succeed())
					Expect(kvtest.ErrorOf(tx.Mails.Add(ctx, mail{"to 7"}, kv.JobID("7"), past))).To(Succeed())
					Expect(kvtest.ErrorOf(tx.Mails.Add(ctx, mail{"to 8"}, kv.JobID("8")))).To(Succeed())
					Expect(tx.Mails.Remove(ctx, "8")).To(Equal(1))
					Expect(tx.Mails.Len(ctx)).To(Equal(1))
					Expect(tx.Mails.Get(ctx, "7")).To(And(HaveField("Value", mail{"to 7"}), HaveField("State", kv.JobDue)))
					Expect(kvtest.ErrorOf(tx.Mails.Take(ctx, time.Hour))).To(MatchError(errors.ErrUnsupported))
					Expect(tx.Mails.Handle(ctx, func(context.Context, kv.Job[mail]) error { return nil })).To(MatchError(errors.ErrUnsupported))
					return failure
				})
			}
			Expect(order(ctx, fault)).To(BeIdenticalTo(fault))
			Expect(mails.Exists(ctx)).To(BeFalse())
			Expect(order(ctx, nil)).To(Succeed())
			job := take(ctx, "7")
			finish := func() error {
				return kv.Atomic(ctx, kv.MustOpen(shopSchema, store.Driver), func(ctx context.Context, tx shop) error {
					if err := tx.Orders.Put(ctx, "7", 2); err != nil {
						return err
					}
					return tx.Mails.Done(ctx, job)
				})
			}
			Expect(finish()).To(Succeed())
			Expect(orders.Put(ctx, "7", 3)).To(Succeed())
			Expect(finish()).To(MatchError(kv.ErrJobLost), "the second time")
			Expect(orders.Get(ctx, "7")).To(Equal(3))
			Expect(mails.Exists(ctx)).To(BeFalse())
		})
		It("need no more of a queue for a transaction than the jobs that it names", func(ctx context.Context) {
			for i := range 20 {
				add(ctx, fmt.Sprint(i), past)
			}
			store.Trips.Reset()
			Expect(kv.Atomic(ctx, mails, func(ctx context.Context, mails kv.QueueField[mail]) error {
				if _, err := mails.Add(ctx, mail{"ann"}, kv.JobID("a")); err != nil {
					return err
				}
				return kvtest.ErrorOf(mails.Reschedule(ctx, "3", kv.DueIn(time.Hour)))
			})).To(Succeed())
			for _, batch := range store.Trips.Sent() {
				for _, item := range batch.Items {
					Expect(len(item.Reply.Values)).To(BeNumerically("<", 3), item.Command.Op.String())
				}
			}
			Expect(mails.Len(ctx)).To(Equal(21))
		})
		It("are one key, for all that a key can do", func(ctx context.Context) {
			add(ctx, "a", past)
			Expect(mails.Bury(ctx, take(ctx, "a"))).To(Succeed())
			add(ctx, "b", past)
			Expect(kvtest.KeysBelow(ctx, store.Raw, strings.TrimSuffix(mails.Path(), ":mails"))).To(ConsistOf(mails.Path()))
			Expect(mails.Expire(ctx, time.Hour)).To(BeTrue())
			add(ctx, "c", past)
			Expect(mails.TTL(ctx)).To(BeNumerically("~", time.Hour, time.Minute))
			Expect(mails.Erase(ctx)).To(BeTrue())
			Expect(mails.CountDead(ctx)).To(BeZero())
		})
		It("are refused where something else is", func(ctx context.Context) {
			Expect(kvtest.ErrorOf(store.Raw.Do(ctx, drivers.Command{Op: drivers.OpSet, Key: mails.Path(), Value: "x"}))).To(Succeed())
			Expect(kvtest.ErrorOf(mails.Add(ctx, mail{}))).To(MatchError(kv.ErrWrongType))
			Expect(kvtest.ErrorOf(mails.Take(ctx, time.Hour))).To(MatchError(kv.ErrWrongType))
			Expect(kvtest.ErrorOf(mails.Get(ctx, "a"))).To(MatchError(kv.ErrWrongType))
		})
	})

	It("go by the store's clock", func(ctx context.Context) {
		clock := kvtest.NewClock()
		mails := kv.MustOpen(kv.Queue[mail](), memory.New(memory.WithClock(clock.Now)), kv.At("mails"))
		Expect(kvtest.ErrorOf(mails.Add(ctx, mail{"ann"}, kv.DueIn(time.Minute-time.Nanosecond)))).To(Succeed())
		Expect(kvtest.ErrorOf(mails.Add(ctx, mail{"bob"}, kv.DueAt(clock.Now().Add(time.Hour))))).To(Succeed())
		clock.Advance(time.Minute - time.Millisecond)
		Expect(kvtest.ErrorOf(mails.Take(ctx, time.Second))).To(MatchError(kv.ErrNotFound))
		clock.Advance(time.Millisecond)
		Expect(mails.Take(ctx, time.Second)).To(HaveField("Value", mail{"ann"}))
		clock.Advance(time.Second - time.Millisecond)
		Expect(kvtest.ErrorOf(mails.Take(ctx, time.Second))).To(MatchError(kv.ErrNotFound), "within the lease")
		clock.Advance(time.Millisecond)
		Expect(mails.Take(ctx, time.Minute)).To(And(HaveField("Value", mail{"ann"}), HaveField("Tries", 2)))
		clock.Advance(time.Hour)
		Expect(mails.Take(ctx, time.Minute)).To(HaveField("Value", mail{"ann"}), "whose lease ended first")
		Expect(mails.Take(ctx, time.Minute)).To(HaveField("Value", mail{"bob"}))
	})
	It("are copied and exported with all that is in them", func(ctx context.Context) {
		schema := kv.Static("a").Queue[mail]("mails")
		open := func() (kv.StaticStore, kv.QueueField[mail]) {
			store := kv.MustOpen(schema, memory.New())
			return store, store.Take[kv.QueueField[mail]]("mails")
		}
		from, mails := open()
		to, copied := open()
		for _, id := range []string{"a", "b", "c"} {
			Expect(kvtest.ErrorOf(mails.Add(ctx, mail{id}, kv.JobID(id), past))).To(Succeed())
		}
		job, err := mails.Take(ctx, time.Hour)
		Expect(err).NotTo(HaveOccurred())
		Expect(mails.Bury(ctx, job)).To(Succeed())
		Expect(kvtest.ErrorOf(mails.Take(ctx, time.Hour))).To(Succeed())
		Expect(to.Import(ctx, strings.NewReader(kvtest.Exported(ctx, from)))).To(HaveField("Records", 1))
		Expect(ids(copied.All(ctx))).To(Equal([]string{"c", "b"}))
		Expect(ids(copied.AllDead(ctx))).To(Equal([]string{"a"}))
		Expect(copied.Get(ctx, "b")).To(And(HaveField("State", kv.JobTaken), HaveField("Tries", 1), HaveField("Value", mail{"b"})))
	})
})

var _ = Describe("A job that moves while it is read", func() {
	var (
		interfere func()
		mails     kv.QueueField[mail]
	)
	// between lets others in behind the turns of jobs, unless they are read together with the records.
	between := func(ctx context.Context, b *drivers.Batch, next drivers.Next) error {
		if b.Atomic || len(b.Items) == 1 {
			return next(ctx, b)
		}
		for i := range b.Items {
			one := drivers.NewBatch(b.Items[i].Command)
			if err := next(ctx, one); err != nil {
				return err
			}
			b.Items[i] = one.Items[0]
			if one.Items[0].Command.Op == drivers.OpZMScore {
				interfere()
			}
		}
		return nil
	}
	BeforeEach(func(ctx context.Context) {
		mails = kv.MustOpen(kv.Queue[mail](), drivers.Use(memory.New(), between), kv.At("mails"))
		Expect(mails.Add(ctx, mail{"ann"}, kv.JobID("a"), past)).To(Equal("a"))
	})
	It("has a state that it had", func(ctx context.Context) {
		job, err := mails.Take(ctx, time.Hour)
		Expect(err).NotTo(HaveOccurred())
		interfere = func() { Expect(mails.Retry(ctx, job, kv.DueIn(time.Minute))).To(Succeed()) }
		seen, err := mails.Get(ctx, "a")
		Expect(err).NotTo(HaveOccurred())
		Expect(seen.State).To(Equal(kv.JobTaken))
		Expect(time.Until(seen.Due)).To(BeNumerically("~", time.Hour, 30*time.Minute))
	})
	It("is gone, and not corrupt, if it was done", func(ctx context.Context) {
		job, err := mails.Take(ctx, time.Hour)
		Expect(err).NotTo(HaveOccurred())
		interfere = func() { Expect(mails.Done(ctx, job)).To(Succeed()) }
		Expect(ids(mails.All(ctx))).To(Equal([]string{"a"}))
	})
})
