package cookbook_test

import (
	"context"
	"fmt"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	mydriver "github.com/kvstore-go/kvstore/drivers/memory" // stands for somebody's own
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/spec"
)

type Config struct {
	Name  string `json:"name" jsonschema:"minLength=1"`
	Seats int    `json:"seats" jsonschema:"minimum=1"`
}

var driver drivers.Driver = memory.New()

func Example_constants() {
	ctx := context.Background()
	const (
		Rooms   kv.Key[kv.DynamicStore[kv.StaticStore]] = "rooms"
		Options kv.Key[kv.JSONField[Config]]            = "options"
		Members kv.Key[kv.SetField]                     = "members"
	)

	var Chat = kv.Static("chat").
		Field(Rooms, kv.Dynamic(kv.Static("room").JSON(Options).Set(Members)))

	chat, err := kv.Open(Chat, driver)
	options, err := chat.Take(Rooms).Take("42").Take(Options).Read(ctx) // a Config, validated, from chat:rooms:42:options

	fmt.Println(options, err)
	fmt.Println(chat.Take[kv.DynamicStore[kv.StaticStore]]("rooms").Take("42").Path())
	// Output:
	// { 0} kv: Read chat:rooms:42:options: not found
	// chat:rooms:42
}

const Online kv.Key[kv.SetField] = "online"

var Chat = kv.Static("chat").Set(Online, kv.ExpireIn(time.Minute))

var _ = Describe("the lobby", func() {
	var chat kv.StaticStore
	clock := time.Now()

	BeforeEach(func() {
		chat = kv.MustOpen(Chat, memory.New(memory.WithClock(func() time.Time { return clock })))
	})

	It("forgets who is online", func(ctx context.Context) {
		_, err := chat.Take(Online).Add(ctx, "ann")
		Expect(err).NotTo(HaveOccurred())
		Expect(chat.Take(Online)).To(spec.ExpireWithin(time.Minute))
		clock = clock.Add(time.Minute + time.Millisecond)
		Expect(chat.Take(Online)).To(spec.BeAbsent())
	})
})

func _() {
	var _ = Describe("my driver", func() {
		spec.Driver(spec.Harness{
			Open:  func() spec.Store { return spec.Store{Driver: mydriver.New()} },
			Batch: true,
		})
	})
}

func _(rooms kv.DynamicStore[kv.StringField], otp, note kv.StringField, members kv.SetField, verdicts kv.BitSetField, config kv.JSONField[Config]) {
	Expect(rooms.Take("42")).To(spec.BeAbsent())
	Expect(rooms).To(spec.HoldKeys("42", "43"))
	Expect(otp).To(spec.ExpireWithin(5 * time.Minute))
	Expect(members).To(spec.HoldMembers("ann", "bob"))
	Expect(verdicts).To(spec.HoldNumber(3, 7))

	Expect(note).To(spec.HoldValue("hello"))
	Expect(note).To(spec.HoldValue(HavePrefix("he")))
	Expect(config).To(spec.HoldValue(HaveField("Seats", BeNumerically(">", 1))))
}

func _(app kv.StaticStore, Options kv.Key[kv.JSONField[Config]], OTP kv.Key[kv.StringField]) {
	Expect(app.Take(Options)).To(spec.HoldValue(Config{Name: "Lobby", Seats: 8}))
	Eventually(app.Take(OTP)).Should(spec.BeAbsent())
}
