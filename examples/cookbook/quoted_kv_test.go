package cookbook_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/drivers/oteldriver"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/jsonval"
	"github.com/kvstore-go/kvstore/kv"
)

type RoomConfig = Config

func _(ctx context.Context) {
	var Room = kv.Static("room").JSON[RoomConfig]("config").Set("members")

	type RoomView struct {
		Config  kv.JSONField[RoomConfig] `kv:"config"`
		Members kv.SetField              `kv:"members"`
	}

	rooms, err := kv.Open(kv.Dynamic(Room.As[RoomView]()), driver, kv.At("chat", "rooms"))
	config, err := rooms.Take("42").Config.Read(ctx) // a RoomConfig at chat:rooms:42:config
	check(err)
	log.Print(config)
}

func Example_aBatchOfAnyOperations() {
	const (
		Config  kv.Key[kv.JSONField[RoomConfig]] = "config"
		Members kv.Key[kv.SetField]              = "members"
	)
	ctx := context.Background()
	rooms := kv.MustOpen(kv.Dynamic(kv.Static("room").JSON(Config).Set(Members)), memory.New(), kv.At("rooms"))

	var batch kv.Batch
	room := batch.Bind(rooms.Take("42"))       // any handle, store or view
	config := batch.Do(room.Take(Config).Read) // a *kv.Result[RoomConfig]
	size := batch.Do(room.Take(Members).Len)   // a *kv.Result[int]
	joined := batch.Do(func(ctx context.Context) (int, error) { return room.Take(Members).Add(ctx, "ann") })
	err := batch.Run(ctx) // everything that failed, but for ErrNotFound
	c, err := config.Get()

	fmt.Println(c, errors.Is(err, kv.ErrNotFound))
	fmt.Println(size.Get())
	fmt.Println(joined.Get())
	// Output:
	// { 0} true
	// 0 <nil>
	// 1 <nil>
}

func _(ctx context.Context, rooms kv.DynamicStore[kv.StaticStore], Config kv.Key[kv.JSONField[RoomConfig]], Members kv.Key[kv.SetField]) {
	var batch kv.Batch
	room := batch.Bind(rooms.Take("42"))
	config := batch.Do(room.Take(Config).Read)
	size := batch.Do(room.Take(Members).Len)
	err := batch.Run(ctx)
	c, err := config.Get()
	log.Print(size, c, err)
}

type Account struct {
	Balance int `json:"balance"`
}

var ErrPoor = errors.New("not enough")

func Example_transferBetweenAccounts() {
	ctx := context.Background()
	bank := kv.MustOpen(kv.Colocated(kv.Dynamic(kv.JSON[Account]())), memory.New(), kv.At("bank"))
	check(bank.Take("ann").Write(ctx, Account{100}))
	check(bank.Take("bob").Write(ctx, Account{0}))
	amount := 30

	err := kv.Atomic(ctx, bank, func(ctx context.Context, tx kv.DynamicStore[kv.JSONField[Account]]) error {
		from, err := tx.Take("ann").Read(ctx)
		if err != nil {
			return err
		}
		if from.Balance < amount {
			return ErrPoor // nothing is written
		}
		from.Balance -= amount
		if err := tx.Take("ann").Write(ctx, from); err != nil {
			return err
		}
		_, err = tx.Take("bob").Update(ctx, func(to *Account) error { to.Balance += amount; return nil })
		return err
	})

	fmt.Println(err)
	fmt.Println(bank.Take("ann").Read(ctx))
	fmt.Println(bank.Take("bob").Read(ctx))
	// Output:
	// <nil>
	// {70} <nil>
	// {30} <nil>
}

type Game struct {
	White  string    `json:"white"`
	Black  string    `json:"black"`
	Rating int       `json:"rating"`
	Code   string    `json:"code"`
	Start  time.Time `json:"start"`
}

func Example_queries() {
	ctx, cursor := context.Background(), ""
	const (
		ByPlayer kv.IndexKey[string] = "player"
		ByRating kv.IndexKey[int]    = "rating"
		ByCode   kv.IndexKey[string] = "code"
	)

	var Games = kv.Collection(kv.JSON[Game](),
		kv.Index(ByPlayer, func(g Game) []string { return []string{g.White, g.Black} }),
		kv.Index(ByRating, func(g Game) []int { return []int{g.Rating} }),
		kv.Unique(ByCode, func(g Game) []string { return []string{g.Code} }))

	games := kv.MustOpen(Games, driver, kv.At("games"))

	check(games.Take("1").Write(ctx, Game{White: "ann", Black: "bob", Rating: 2100, Code: "x"}))
	check(games.Take("2").Write(ctx, Game{White: "cid", Black: "bob", Rating: 900, Code: "y"}))

	for entry, err := range games.Find(ByPlayer.Is("ann"), ByRating.AtLeast(2000)).All(ctx) {
		fmt.Println(entry.Key, entry.Value.White, err)
	}
	page, err := games.Find(ByRating.Below(1200)).OrderBy(ByRating).Backwards().Page(ctx, 20, cursor)

	fmt.Println(len(page.Entries), err)
	// Output:
	// 1 ann <nil>
	// 1 <nil>
}

func _() {
	const (
		ByPlayer kv.IndexKey[string]    = "player"
		ByStart  kv.IndexKey[time.Time] = "start"
	)

	var Games = kv.Collection(kv.JSON[Game](),
		kv.Index(ByPlayer, func(g Game) []string { return []string{g.White, g.Black} }),
		kv.Index(ByStart, func(g Game) []time.Time { return []time.Time{g.Start} }))
	log.Print(Games.Tree())
}

func _(ctx context.Context, games kv.CollectionStore[Game], rooms kv.DynamicStore[kv.SetField], ByPlayer kv.IndexKey[string],
	draw func(Game, error), look func(string, kv.SetField, error), list func(kv.ChangeKind, string, Game, error)) {
	for game, err := range games.Take("7").Follow(ctx) { // the document, and then each newer one
		draw(game, err)
	}
	for room, err := range rooms.Follow(ctx) { // the keys, and then those below which anything changes
		look(room.Key, room.Value, err)
	}
	for change, err := range games.Find(ByPlayer.Is("ann")).Follow(ctx) { // kv.Enters, kv.Changes, kv.Leaves
		list(change.Kind, change.Key, change.Value, err)
	}
}

func _(ctx context.Context, jobs kv.ListField, events, unsent kv.StreamField[string], news kv.TopicField[string], listening chan struct{}, send func(string) error, post func(context.Context, string) error) error {
	job, err := jobs.PopLeftWait(ctx) // a list: waits as long as the context lasts

	for delivery, err := range events.Group("mailer").Consume(ctx, "worker-1") {
		if err != nil && !errors.Is(err, kv.ErrCorrupt) { // a poison entry does not end the loop
			return err
		}
		if err == nil && send(delivery.Value) == nil {
			_, err = delivery.Ack(ctx) // what is not acknowledged comes again
		}
	}

	err = events.Group("mailer").DeadLetters(unsent, 5).Handle(ctx, "worker-1", func(ctx context.Context, delivery kv.Delivery[string]) error {
		return post(ctx, delivery.Value) // acknowledged, or tried again, five times at most
	}, kv.Concurrency(8), kv.RetryAfter(10*time.Second), kv.OnFailure(func(err error) { log.Print(err) }))

	for message, err := range news.Subscribe(ctx, func() { close(listening) }) {
		log.Print(message, err)
	}
	log.Print(job)
	return err
}

func _(ctx context.Context, jobs kv.StreamField[string], work func(string) error) error {
	for delivery, err := range jobs.Group("workers").Consume(ctx, "worker-7") {
		switch {
		case errors.Is(err, kv.ErrCorrupt):
			log.Print(err) // and never again
		case err != nil:
			return err
		case work(delivery.Value) != nil:
			continue // it comes again, to whoever is free
		}
		if _, err := delivery.Ack(ctx); err != nil {
			return err
		}
	}
	return nil
}

type Person struct {
	Age int `json:"age"`
}

func _() {
	const Age kv.HashKey[Person, int] = "age"
	const ByPlayer kv.IndexKey[string] = "player"
	const Baz kv.Key[kv.SetField] = "baz"
	tens := kv.Scores().AtLeast(10).Below(20)
	early := kv.Members().AtLeast("a").Below("c")
	_, _ = tens, early
}

func _(room Config) {
	codec, err := jsonval.NewCodec[Config]()
	text, err := codec.Encode(room) // refused unless it satisfies the schema
	room, err = codec.Decode(text)  // so is what comes back, from whoever wrote it
	check(err)
}

func _(client redis.UniversalClient) {
	driver := drivers.Use(redisdriver.New(client), oteldriver.Middleware())
	chat, err := kv.Open(Chat, driver)
	log.Print(chat, err)
}
