package hashes_test

import (
	"context"
	"errors"
	"math"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/jsonval"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

type hashAdult struct {
	Name  string   `json:"name" jsonschema:"minLength=1,pattern=^[A-Z]"`
	Age   int      `json:"age" jsonschema:"minimum=18,maximum=150"`
	Ratio float64  `json:"ratio" jsonschema:"exclusiveMinimum=0,maximum=0.5"`
	Even  uint8    `json:"even" jsonschema:"multipleOf=2"`
	Level *int8    `json:"level" jsonschema:"exclusiveMaximum=10"`
	Tags  []string `json:"tags" jsonschema:"maxItems=2"`
	Role  string   `json:"role,omitempty" jsonschema:"required,enum=,enum=admin"`
	Free  int      `json:"free"`
}

const (
	adultName  kv.HashKey[hashAdult, string]  = "name"
	adultAge   kv.HashKey[hashAdult, int]     = "age"
	adultRatio kv.HashKey[hashAdult, float64] = "ratio"
	adultEven  kv.HashKey[hashAdult, uint8]   = "even"
	adultLevel kv.HashKey[hashAdult, int8]    = "level"
	adultFree  kv.HashKey[hashAdult, int]     = "free"
)

type hashSeat struct {
	Left  int64   `json:"left" jsonschema:"default=40,minimum=0,maximum=45"`
	Price float64 `json:"price" jsonschema:"default=0.5"`
	Class string  `json:"class" jsonschema:"default=second"`
	Row   int     `json:"row" jsonschema:"default=0"`
}

const (
	seatLeft  kv.HashKey[hashSeat, int64]   = "left"
	seatPrice kv.HashKey[hashSeat, float64] = "price"
	seatClass kv.HashKey[hashSeat, string]  = "class"
)

type HashName struct {
	First string `json:"first"`
}

// broken are the pointers and keywords of a refusal.
func broken(err error) (rules []string) {
	var refusal *jsonval.ValidationError
	if errors.As(err, &refusal) {
		for _, violation := range refusal.Violations {
			rules = append(rules, violation.Pointer+" "+violation.Keyword)
		}
	}
	return rules
}

var _ = Describe("Hashes of structs with jsonschema tags", func() {
	kvtest.OnBothDrivers(func(open func(context.Context) kvtest.Backend) {
		var (
			store kvtest.Backend
			adult kv.HashField[hashAdult]
			good  hashAdult
		)
		BeforeEach(func(ctx context.Context) {
			store = open(ctx)
			adult = kv.MustOpen(kv.Hash[hashAdult](), store.Driver, kv.At("adult"))
			good = hashAdult{Name: "Ada", Age: 36, Ratio: 0.5, Even: 4, Tags: []string{"x"}, Role: "admin"}
			Expect(adult.Write(ctx, good)).To(Succeed())
			store.Trips.Reset()
		})
		refused := func(err error, class error, rules ...string) {
			GinkgoHelper()
			Expect(err).To(MatchError(class))
			Expect(broken(err)).To(ConsistOf(rules))
		}

		It("refuse what breaks them, every rule named as documents name it, and change nothing", func(ctx context.Context) {
			level := int8(10)
			refused(adult.Write(ctx, hashAdult{Name: "ada", Age: 17, Ratio: 0, Even: 3, Level: &level, Tags: []string{"a", "b", "c"}}), kv.ErrInvalid,
				"/name pattern", "/age minimum", "/ratio exclusiveMinimum", "/even multipleOf", "/level exclusiveMaximum", "/tags maxItems", " required")
			refused(adult.Put(ctx, adultAge, 17), kv.ErrInvalid, "/age minimum")
			refused(adult.Put(ctx, adultLevel, 10), kv.ErrInvalid, "/level exclusiveMaximum")
			refused(adult.PutMany(ctx, adultFree.To(1), adultName.To("")), kv.ErrInvalid, "/name minLength", "/name pattern")
			_, err := adult.Update(ctx, func(a *hashAdult) error { a.Age = 151; return nil })
			refused(err, kv.ErrInvalid, "/age maximum")
			Expect(adult.Read(ctx)).To(Equal(good))
			Expect(adult.Put(ctx, adultAge, 18)).To(Succeed())
			Expect(adult.PutMany(ctx, adultLevel.To(9), adultName.To("Grace"))).To(Succeed())
			Expect(adult.Get(ctx, adultLevel)).To(BeEquivalentTo(9))
		})
		It("are corrupt where what is stored breaks them", func(ctx context.Context) {
			put := func(field, text string) {
				GinkgoHelper()
				_, err := store.Raw.Do(ctx, drivers.Command{Op: drivers.OpHSet, Key: "adult", Values: []string{field, text}})
				Expect(err).NotTo(HaveOccurred())
			}
			put("age", "17")
			put("name", "ada")
			_, err := adult.Read(ctx)
			refused(err, kv.ErrCorrupt, "/age minimum", "/name pattern")
			_, err = adult.Get(ctx, adultAge)
			refused(err, kv.ErrCorrupt, "/age minimum")
			_, err = adult.Update(ctx, func(*hashAdult) error { return nil })
			refused(err, kv.ErrCorrupt, "/age minimum", "/name pattern")
			put("age", "18")
			put("name", "Ada")
			_, err = store.Raw.Do(ctx, drivers.Command{Op: drivers.OpHDel, Key: "adult", Values: []string{"role"}})
			Expect(err).NotTo(HaveOccurred())
			_, err = adult.Read(ctx)
			Expect(err).To(And(MatchError(kv.ErrCorrupt), MatchError(ContainSubstring("without role"))))
		})
		It("are counted with between their minimum and their maximum, in one step", func(ctx context.Context) {
			Expect(adult.Increment(ctx, adultAge, 150-36)).To(Equal(150))
			_, err := adult.Increment(ctx, adultAge, 1)
			Expect(err).To(MatchError(kv.ErrOverflow))
			Expect(err).To(MatchError("kv: Increment adult: the number does not fit: it has to be at least 18 and at most 150"))
			_, err = adult.Increment(ctx, adultAge, 17-150)
			Expect(err).To(MatchError(kv.ErrOverflow))
			Expect(adult.Increment(ctx, adultAge, 18-150)).To(Equal(18))
			_, err = adult.Increment(ctx, adultRatio, 0.25)
			Expect(err).To(MatchError(kv.ErrOverflow))
			_, err = adult.Increment(ctx, adultRatio, -0.5)
			Expect(err).To(MatchError(kv.ErrOverflow), "the minimum is exclusive")
			Expect(err).To(MatchError(HaveSuffix("and at most 0.5")))
			Expect(adult.Increment(ctx, adultRatio, -0.25)).To(Equal(0.25))
			Expect(adult.Increment(ctx, adultLevel, 9)).To(BeEquivalentTo(9))
			_, err = adult.Increment(ctx, adultLevel, 1)
			Expect(err).To(MatchError(kv.ErrOverflow))
			Expect(err).To(MatchError(HaveSuffix("it has to be at least -128 and at most 9")))
			Expect(store.Trips.Taken()).To(Equal(9))
			Expect(adult.Read(ctx)).To(And(HaveField("Age", 18), HaveField("Ratio", 0.25)))
			Expect(adult.Increment(ctx, adultFree, math.MaxInt)).To(Equal(math.MaxInt))
			Expect(store.Trips.Of(drivers.OpHIncrBy)).To(Equal(7))
		})
		It("are not counted with where the sum alone does not tell, but updated", func(ctx context.Context) {
			_, err := adult.Increment(ctx, adultEven, 2)
			Expect(err).To(MatchError(errors.ErrUnsupported))
			Expect(err).To(MatchError(ContainSubstring(`"even"`)))
			Expect(store.Trips.Taken()).To(BeZero())
			Expect(adult.Update(ctx, func(a *hashAdult) error { a.Even += 2; return nil })).To(HaveField("Even", uint8(6)))
		})
		It("start counting only where the bounds allow it", func(ctx context.Context) {
			none := kv.MustOpen(kv.Hash[hashAdult](), store.Driver, kv.At("none"))
			_, err := none.Increment(ctx, adultAge, 1)
			Expect(err).To(MatchError(kv.ErrOverflow))
			Expect(none.Exists(ctx)).To(BeFalse())
		})
	})

	kvtest.OnAllDrivers(func(open func(context.Context) kvtest.Backend) {
		It("have defaults, with which counting begins", func(ctx context.Context) {
			store := open(ctx)
			seat := kv.MustOpen(kv.Hash[hashSeat](), store.Driver, kv.At("seat"))
			Expect(seat.Get(ctx, seatLeft)).To(Equal(int64(40)))
			Expect(seat.Increment(ctx, seatLeft, 1)).To(Equal(int64(41)))
			Expect(seat.Read(ctx)).To(Equal(hashSeat{Left: 41, Price: 0.5, Class: "second", Row: 0}))
			_, err := seat.Increment(ctx, seatLeft, 10)
			Expect(err).To(MatchError(kv.ErrOverflow))
			Expect(seat.Increment(ctx, seatPrice, 0.25)).To(Equal(0.75))
			Expect(seat.Put(ctx, seatClass, "first")).To(Succeed())
			Expect(seat.Read(ctx)).To(Equal(hashSeat{Left: 41, Price: 0.75, Class: "first"}))
			Expect(seat.Write(ctx, hashSeat{Class: "first"})).To(Succeed())
			Expect(seat.Read(ctx)).To(Equal(hashSeat{Class: "first"}), "what is stored is no default, zero or not")
			Expect(seat.Increment(ctx, seatLeft, 1)).To(Equal(int64(1)))
		})
		It("begin counting with the default in batches and in transactions", func(ctx context.Context) {
			store := open(ctx)
			seats := kv.MustOpen(kv.Dynamic(kv.Hash[hashSeat]()), store.Driver, kv.At("seats"))
			var batch kv.Batch
			bound := batch.Bind(seats.Take("a"))
			sum := batch.Do(func(ctx context.Context) (int64, error) { return bound.Increment(ctx, seatLeft, 2) })
			Expect(batch.Run(ctx)).To(Succeed())
			Expect(sum.Get()).To(Equal(int64(42)))
			Expect(kv.Atomic(ctx, seats.Take("b"), func(ctx context.Context, tx kv.HashField[hashSeat]) error {
				Expect(tx.Increment(ctx, seatLeft, -1)).To(Equal(int64(39)))
				Expect(tx.Increment(ctx, seatLeft, -1)).To(Equal(int64(38)))
				_, err := tx.Increment(ctx, seatLeft, 100)
				Expect(err).To(MatchError(kv.ErrOverflow))
				Expect(tx.Read(ctx)).To(Equal(hashSeat{Left: 38, Price: 0.5, Class: "second"}))
				return nil
			})).To(Succeed())
			Expect(seats.Take("b").Read(ctx)).To(Equal(hashSeat{Left: 38, Price: 0.5, Class: "second"}))
		})
		It("are repaired by Update where required fields are missing", func(ctx context.Context) {
			store := open(ctx)
			adult := kv.MustOpen(kv.Hash[hashAdult](), store.Driver, kv.At("adult"))
			Expect(adult.Increment(ctx, adultFree, 7)).To(Equal(7))
			_, err := adult.Read(ctx)
			Expect(err).To(MatchError(kv.ErrCorrupt))
			_, err = adult.Update(ctx, func(*hashAdult) error { return nil })
			refused := &jsonval.ValidationError{}
			Expect(errors.As(err, &refused)).To(BeTrue(), "what is missing is zero, which the tags do not allow")
			good := hashAdult{Name: "Ada", Age: 36, Ratio: 0.5, Even: 4, Tags: []string{"x"}, Role: "admin", Free: 7}
			Expect(adult.Update(ctx, func(a *hashAdult) error {
				Expect(*a).To(Equal(hashAdult{Free: 7}))
				*a = good
				return nil
			})).To(Equal(good))
			Expect(adult.Read(ctx)).To(Equal(good))
		})
	})

	DescribeTable("are mistakes of the schema with a default that cannot be", func(err error, says string) {
		Expect(err).To(MatchError(ContainSubstring(says)))
	},
		Entry("of another type", kvtest.Opening(kv.Hash[struct {
			A int `jsonschema:"default=x"`
		}]()), "is not a number"),
		Entry("that breaks a bound", kvtest.Opening(kv.Hash[struct {
			A int `jsonschema:"default=11,maximum=10"`
		}]()), "contradicts"),
		Entry("that does not fit", kvtest.Opening(kv.Hash[struct {
			A int8 `jsonschema:"default=200"`
		}]()), "200"),
		Entry("of what may be left out", kvtest.Opening(kv.Hash[struct {
			A int `json:",omitempty" jsonschema:"default=3"`
		}]()), "nobody could tell"),
		Entry("of a pointer", kvtest.Opening(kv.Hash[struct {
			A *int `jsonschema:"default=3"`
		}]()), "nobody could tell"),
	)
	It("are mistakes of the schema where a tag cannot be enforced", func() {
		Expect(kvtest.Opening(kv.Hash[struct {
			A int `jsonschema:"minLength=1"`
		}]())).To(MatchError(ContainSubstring("jsonschema tag: minLength")))
		Expect(kvtest.Opening(kv.Hash[struct {
			A int `jsonschema:"oneof_required=x"`
			B int `jsonschema:"oneof_required=y"`
		}]())).To(MatchError(ContainSubstring("cannot be enforced where members are stored one by one")))
		Expect(kvtest.Opening(kv.Hash[struct {
			HashName `jsonschema:"minProperties=1"`
		}]())).To(MatchError(ContainSubstring("applies to no member")))
	})
})
