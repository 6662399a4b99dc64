package streams_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gleak"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
	"github.com/kvstore-go/kvstore/spec/redisserver"
)

type topicMove struct {
	Square string `json:"square" jsonschema:"minLength=2"`
}

const (
	topicMoves kv.Key[kv.TopicField[topicMove]] = "moves"
	topicChat  kv.Key[kv.TopicField[string]]    = "chat"
	topicNote  kv.Key[kv.StringField]           = "note"
)

var topicRoom = kv.Static("room").Topic(topicMoves).Topic(topicChat).String(topicNote)

// topicListen listens on a goroutine of its own, and prints what it hears.
func topicListen[T any](ctx context.Context, topic kv.TopicField[T]) <-chan string {
	GinkgoHelper()
	ready, heard := make(chan struct{}), make(chan string, 5000)
	go func() {
		defer close(heard)
		for message, err := range topic.Subscribe(ctx, func() { close(ready) }) {
			switch {
			case errors.Is(err, kv.ErrCorrupt):
				heard <- "corrupt"
			case errors.Is(err, kv.ErrMissed):
				heard <- "missed"
			case err != nil:
				heard <- "error: " + err.Error()
			default:
				heard <- fmt.Sprint(message)
			}
		}
	}()
	Eventually(ready).Should(BeClosed())
	return heard
}

var _ = Describe("A topic", func() {
	kvtest.OnAllDrivers(func(open func(context.Context) kvtest.Backend) {
		var (
			store kvtest.Backend
			room  kv.StaticStore
		)
		BeforeEach(func(ctx context.Context) {
			store = open(ctx)
			room = kv.MustOpen(topicRoom, store.Driver)
			store.Trips.Reset()
		})

		It("sends messages to all who listen, and to nobody else", func(ctx context.Context) {
			listening, cancel := context.WithCancel(ctx)
			Expect(room.Take(topicChat).Publish(ctx, "nobody hears it")).To(BeZero())
			one, two, other := topicListen(listening, room.Take(topicChat)), topicListen(listening, room.Take(topicChat)), topicListen(listening, room.Take(topicMoves))
			for _, message := range []string{"a", "", "\xff\x00"} {
				Expect(room.Take(topicChat).Publish(ctx, message)).To(Equal(2))
				Eventually(one).Should(Receive(Equal(message)))
				Eventually(two).Should(Receive(Equal(message)))
			}
			Expect(room.Take(topicMoves).Publish(ctx, topicMove{"e4"})).To(Equal(1))
			Eventually(other).Should(Receive(Equal("{e4}")))
			Expect(store.Trips.Taken()).To(Equal(5))
			cancel()
			for _, heard := range []<-chan string{one, two, other} {
				Eventually(heard).Should(Receive(Equal("error: kv: Subscribe " + map[bool]string{true: "room:moves", false: "room:chat"}[heard == other] + ": context canceled")))
				Eventually(heard).Should(BeClosed())
			}
		})

		It("refuses a message that does not fit, and tells of one it hears", func(ctx context.Context) {
			moves := room.Take(topicMoves)
			_, err := moves.Publish(ctx, topicMove{"e"})
			Expect(err).To(MatchError(kv.ErrInvalid))
			listening, cancel := context.WithCancel(ctx)
			defer cancel()
			heard := topicListen(listening, moves)
			_, err = store.Raw.Do(ctx, drivers.Command{Op: drivers.OpPublish, Key: moves.Path(), Value: "{}"})
			Expect(err).NotTo(HaveOccurred())
			Expect(moves.Publish(ctx, topicMove{"d5"})).To(Equal(1))
			Eventually(heard).Should(Receive(Equal("corrupt")))
			Eventually(heard).Should(Receive(Equal("{d5}")))
		})

		It("stores nothing", func(ctx context.Context) {
			Expect(room.Take(topicNote).Write(ctx, "kept")).To(Succeed())
			Expect(room.Take(topicChat).Publish(ctx, "gone")).To(BeZero())
			Expect(room.Take(topicChat).Exists(ctx)).To(BeFalse())
			Expect(room.Keys(ctx)).To(Equal([]string{"note"}))
			Expect(kv.Copy(ctx, room, kv.MustOpen(topicRoom, memory.New()))).To(HaveField("Values", 1))
			var file bytes.Buffer
			Expect(room.Export(ctx, &file)).To(HaveField("Values", 1))
			Expect(kv.MustOpen(topicRoom, memory.New()).Import(ctx, &file)).To(HaveField("Records", 1))
		})

		It("is not listed by a store that keeps the keys", func(ctx context.Context) {
			rooms := kv.MustOpen(kv.Colocated(kv.IndexKeys(kv.Dynamic(kv.Topic[string]()))), store.Driver, kv.At("rooms"))
			Expect(rooms.Take("a").Publish(ctx, "hello")).To(BeZero())
			Expect(rooms.Len(ctx)).To(BeZero())
		})

		It("sends in batches and in transactions", func(ctx context.Context) {
			chat := room.Take(topicChat)
			listening, cancel := context.WithCancel(ctx)
			defer cancel()
			heard := topicListen(listening, chat)
			var batch kv.Batch
			bound := batch.Bind(chat)
			sent := batch.Do(func(ctx context.Context) (int, error) { return bound.Publish(ctx, "batch") })
			Expect(batch.Run(ctx)).To(Succeed())
			Expect(sent.Get()).To(Equal(1))
			Eventually(heard).Should(Receive(Equal("batch")))
			Expect(kv.Atomic(ctx, chat, func(ctx context.Context, tx kv.TopicField[string]) error {
				for _, message := range []string{"one", "two"} {
					if receivers, err := tx.Publish(ctx, message); err != nil || receivers != 0 {
						return fmt.Errorf("%d, %w", receivers, err)
					}
				}
				return nil
			})).To(Succeed())
			Eventually(heard).Should(Receive(Equal("one")))
			Eventually(heard).Should(Receive(Equal("two")))
			failure := errors.New("given up")
			Expect(kv.Atomic(ctx, chat, func(ctx context.Context, tx kv.TopicField[string]) error {
				_, _ = tx.Publish(ctx, "never")
				return failure
			})).To(MatchError(failure))
			Expect(kv.Atomic(ctx, chat, func(ctx context.Context, tx kv.TopicField[string]) error {
				for _, err := range tx.Subscribe(ctx, nil) {
					return err
				}
				return nil
			})).To(MatchError(errors.ErrUnsupported))
			Consistently(heard).WithTimeout(50 * time.Millisecond).ShouldNot(Receive())
		})

		It("ends its loops when the driver is closed", func(ctx context.Context) {
			heard := topicListen(ctx, room.Take(topicChat))
			Expect(drivers.Close(store.Driver)).To(Succeed())
			Eventually(heard).Should(Receive(HaveSuffix(kv.ErrClosed.Error())))
			Eventually(heard).Should(BeClosed())
			for _, err := range room.Take(topicChat).Subscribe(ctx, nil) {
				Expect(err).To(MatchError(kv.ErrClosed))
			}
		})

		It("is given up with a handle that is none", func(ctx context.Context) {
			for _, err := range room.Take[kv.TopicField[string]]("none").Subscribe(ctx, nil) {
				Expect(err).To(MatchError(kv.ErrUndeclared))
			}
			_, err := kv.TopicField[string]{}.Publish(ctx, "x")
			Expect(err).To(MatchError(kv.ErrUndeclared))
		})
	})

	It("tells a loop that is too slow what it missed, and leaves nothing behind", func(ctx context.Context) {
		before := gleak.Goroutines()
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		chat := kv.MustOpen(kv.Topic[int](), memory.New(), kv.At("chat"))
		heard, missed := 0, 0
		for message, err := range chat.Subscribe(ctx, func() {
			for i := range 5000 {
				_, err := chat.Publish(ctx, i)
				Expect(err).NotTo(HaveOccurred())
			}
		}) {
			if errors.Is(err, kv.ErrMissed) {
				missed++
				Expect(chat.Publish(ctx, -1)).To(Equal(1))
				continue
			}
			Expect(err).NotTo(HaveOccurred())
			if message == -1 {
				break
			}
			Expect(message).To(Equal(heard), "in order, and without a gap before it is told")
			heard++
		}
		Expect(missed).To(Equal(1))
		Expect(heard).To(And(BeNumerically(">", 100), BeNumerically("<", 5000)))
		Expect(chat.Publish(ctx, 1)).To(BeZero())
		cancel()
		Eventually(gleak.Goroutines).ShouldNot(gleak.HaveLeaked(before))
	})

	It("has to be of a type that has a text", func() {
		_, err := kv.Open(kv.Static("x").Topic[func()]("f"), memory.New())
		Expect(err).To(MatchError(ContainSubstring("func()")))
	})

	It("goes on after its connection was lost, and tells that messages were", func(ctx context.Context) {
		server, err := redisserver.Start()
		kvtest.MustRun(err)
		DeferCleanup(server.Stop)
		before := gleak.Goroutines()
		proxy, err := redisserver.NewProxy(server.Addr())
		Expect(err).NotTo(HaveOccurred())
		client, direct := redis.NewClient(&redis.Options{Addr: proxy.Addr()}), redis.NewClient(&redis.Options{Addr: server.Addr()})
		listening, cancel := context.WithCancel(ctx)
		defer cancel()
		heard := topicListen(listening, kv.MustOpen(kv.Topic[string](), redisdriver.New(client), kv.At("chat")))
		chat := kv.MustOpen(kv.Topic[string](), redisdriver.New(direct), kv.At("chat"))
		Expect(chat.Publish(ctx, "before")).To(Equal(1))
		Eventually(heard).Should(Receive(Equal("before")))
		proxy.Refuse()
		Consistently(heard).WithTimeout(300 * time.Millisecond).ShouldNot(Receive())
		Expect(proxy.Heal()).To(Succeed())
		Eventually(heard).Should(Receive(Equal("missed")))
		Expect(chat.Publish(ctx, "after")).To(Equal(1))
		Eventually(heard).Should(Receive(Equal("after")))
		cancel()
		Eventually(heard).Should(Receive(HaveSuffix("context canceled")))
		proxy.Close()
		Expect(client.Close()).To(Succeed())
		Expect(direct.Close()).To(Succeed())
		Eventually(gleak.Goroutines).ShouldNot(gleak.HaveLeaked(before))
	})
})
