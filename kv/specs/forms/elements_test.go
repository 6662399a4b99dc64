package forms_test

import (
	"context"
	"errors"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

// users has a field of each kind whose elements are documents.
type users struct {
	kv.Store

	Set       kv.SetFieldOf[user]       `kv:"set"`
	List      kv.ListFieldOf[user]      `kv:"list"`
	SortedSet kv.SortedSetFieldOf[user] `kv:"sorted"`
	Map       kv.MapField[string, user] `kv:"map"`
	Geo       kv.GeoFieldOf[user]       `kv:"geo"`
	Stream    kv.StreamField[user]      `kv:"stream"`
	Queue     kv.QueueField[user]       `kv:"queue"`
	Topic     kv.TopicField[user]       `kv:"topic"`
}

func usersWith(more ...kv.FormOption) kv.Schema[users] {
	return kv.Static("users").
		SetOf[user]("set", with[kv.ElementOption](upgrades(), more...)...).
		ListOf[user]("list", with[kv.ListOption](upgrades(), more...)...).
		SortedSetOf[user]("sorted", with[kv.ElementOption](upgrades(), more...)...).
		Map[user]("map", with[kv.MapOption](upgrades(), more...)...).
		GeoOf[user]("geo", with[kv.ElementOption](upgrades(), more...)...).
		Stream[user]("stream", with[kv.StreamOption](upgrades(), more...)...).
		Queue[user]("queue", append(upgrades(), more...)...).
		Topic[user]("topic", append(upgrades(), more...)...).
		As[users]()
}

// olderUsers is users to a program that knows but the second form.
type olderUsers struct {
	Set       kv.SetFieldOf[userV2]       `kv:"set"`
	List      kv.ListFieldOf[userV2]      `kv:"list"`
	SortedSet kv.SortedSetFieldOf[userV2] `kv:"sorted"`
	Map       kv.MapField[string, userV2] `kv:"map"`
	Geo       kv.GeoFieldOf[userV2]       `kv:"geo"`
	Stream    kv.StreamField[userV2]      `kv:"stream"`
	Queue     kv.QueueField[userV2]       `kv:"queue"`
	Topic     kv.TopicField[userV2]       `kv:"topic"`
}

func usersAsOlder() kv.Schema[olderUsers] {
	return kv.Static("users").
		SetOf[userV2]("set").ListOf[userV2]("list").SortedSetOf[userV2]("sorted").Map[userV2]("map").
		GeoOf[userV2]("geo").Stream[userV2]("stream").Queue[userV2]("queue").Topic[userV2]("topic").
		As[olderUsers]()
}

var oldAda = userV2{"Ada", "Lovelace"}

var _ = Describe("Elements that had other forms", func() {
	kvtest.OnAllDrivers(func(open func(context.Context) kvtest.Backend) {
		var (
			store  kvtest.Backend
			at     users
			before olderUsers
		)
		BeforeEach(func(ctx context.Context) {
			store = open(ctx)
			at = kv.MustOpen(usersWith(), store.Driver)
			before = kv.MustOpen(usersAsOlder(), store.Driver)
		})

		It("are read by whatever reads elements", func(ctx context.Context) {
			Expect(before.Set.Add(ctx, oldAda)).To(Equal(1))
			Expect(at.Set.Read(ctx)).To(ConsistOf(ada))
			Expect(before.List.PushRight(ctx, oldAda)).To(Equal(1))
			Expect(at.List.Read(ctx)).To(ConsistOf(ada))
			Expect(at.List.Get(ctx, 0)).To(Equal(ada))
			Expect(before.SortedSet.Add(ctx, kv.Scored[userV2]{Member: oldAda, Score: 1})).To(Equal(1))
			Expect(at.SortedSet.Read(ctx)).To(ConsistOf(kv.Scored[user]{Member: ada, Score: 1}))
			Expect(before.Map.Put(ctx, "ada", oldAda)).To(Succeed())
			Expect(at.Map.Get(ctx, "ada")).To(Equal(ada))
			Expect(at.Map.Read(ctx)).To(HaveKeyWithValue("ada", ada))
			Expect(before.Geo.Add(ctx, kv.Located[userV2]{Member: oldAda})).To(Equal(1))
			Expect(at.Geo.Search(ctx, kv.Position{}, kv.Circle(kv.Kilometre))).To(ConsistOf(HaveField("Member", ada)))
		})

		It("are read as entries, jobs and messages", func(ctx context.Context) {
			_, err := before.Stream.Append(ctx, oldAda)
			Expect(err).NotTo(HaveOccurred())
			for entry, err := range at.Stream.Range("-", "+").All(ctx) {
				Expect(err).NotTo(HaveOccurred())
				Expect(entry.Value).To(Equal(ada))
			}
			_, err = before.Queue.Add(ctx, oldAda)
			Expect(err).NotTo(HaveOccurred())
			job, err := at.Queue.Take(ctx, hour)
			Expect(err).NotTo(HaveOccurred())
			Expect(job.Value).To(Equal(ada))
		})

		It("are read as messages", func(ctx context.Context) {
			var heard []user
			for message, err := range at.Topic.Subscribe(ctx, func() {
				defer GinkgoRecover()
				Expect(before.Topic.Publish(ctx, oldAda)).Error().NotTo(HaveOccurred())
				Expect(at.Topic.Publish(ctx, ada)).Error().NotTo(HaveOccurred())
			}) {
				Expect(err).NotTo(HaveOccurred())
				if heard = append(heard, message); len(heard) == 2 {
					break
				}
			}
			Expect(heard).To(Equal([]user{ada, ada}))
		})

		It("are corrupt where they fit no form, and the others are given", func(ctx context.Context) {
			Expect(store.Raw.Do(ctx, drivers.Command{Op: drivers.OpRPush, Key: at.List.Path(), Values: []string{textV1, `{"name":"panic"}`, text}})).
				Error().NotTo(HaveOccurred())
			_, err := at.List.Read(ctx)
			Expect(err).To(MatchError(kv.ErrCorrupt))
			popped, err := at.List.PopLeft(ctx, 3)
			Expect(popped).To(Equal([]user{ada, ada}))
			var corrupt *kv.CorruptElementError
			Expect(errors.As(err, &corrupt)).To(BeTrue())
			Expect(corrupt.Text).To(Equal(`{"name":"panic"}`))
		})

		It("are written in the newest form, or as StoreAs says", func(ctx context.Context) {
			Expect(at.Set.Add(ctx, ada)).To(Equal(1))
			Expect(kv.MustOpen(kv.Set(), store.Driver, kv.At("users", "set")).Read(ctx)).To(ConsistOf(MatchJSON(text)))

			bridge := kv.MustOpen(usersWith(kv.StoreAs(toV2)), store.Driver)
			Expect(bridge.Set.Write(ctx, []user{ada})).To(Succeed())
			Expect(bridge.Set.Has(ctx, ada)).To(BeTrue())
			Expect(before.Set.Read(ctx)).To(ConsistOf(oldAda))
			Expect(bridge.List.PushRight(ctx, ada)).To(Equal(1))
			Expect(before.List.Read(ctx)).To(ConsistOf(oldAda))
			Expect(bridge.Map.Put(ctx, "ada", ada)).To(Succeed())
			Expect(before.Map.Get(ctx, "ada")).To(Equal(oldAda))
			_, err := bridge.Queue.Add(ctx, ada)
			Expect(err).NotTo(HaveOccurred())
			Expect(before.Queue.Take(ctx, hour)).To(HaveField("Value", oldAda))
			_, err = bridge.Set.Add(ctx, user{"Nobody", "", "abc"})
			Expect(err).To(MatchError(kv.ErrInvalid))
			Expect(err).To(MatchError(errUnnamed))
		})
	})

	It("have to be documents", func() {
		_, err := kv.Open(kv.SetOf[string](kv.Upgrade(func(int) (string, error) { return "", nil })), memory.New(), kv.At("set"))
		Expect(err).To(MatchError(ContainSubstring("a string has no older forms: only documents do")))
	})
})
