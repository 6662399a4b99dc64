package hashes_test

import (
	"context"
	"errors"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

type hashTimes struct {
	Born time.Time `json:"born"`
}

type hashPerson struct {
	Name  string   `kv:"name"`
	Age   int      `json:"age,omitempty"`
	Score float64  `kv:",omitempty" json:"score"`
	Email *string  `json:"email"`
	Tags  []string `kv:"tags"`
	Level int8     `kv:"level"`
	hashTimes
	Secret string `kv:"-"`
	hidden int
}

const (
	hashPeople kv.Key[kv.HashField[hashPerson]] = "person"
	hashBrief  kv.Key[kv.HashField[hashPerson]] = "brief"

	hashName  kv.HashKey[hashPerson, string]    = "name"
	hashAge   kv.HashKey[hashPerson, int]       = "age"
	hashScore kv.HashKey[hashPerson, float64]   = "score"
	hashEmail kv.HashKey[hashPerson, string]    = "email"
	hashLevel kv.HashKey[hashPerson, int8]      = "level"
	hashBorn  kv.HashKey[hashPerson, time.Time] = "born"
)

var hashStore = kv.Static("people").Hash(hashPeople).Hash(hashBrief, kv.ExpireIn(time.Hour))

func hashAda() hashPerson {
	email := "ada@example.org"
	return hashPerson{
		Name: "Ada", Age: 36, Score: 0.5, Email: &email, Tags: []string{"x", "y"}, Level: 7,
		hashTimes: hashTimes{time.Date(1815, 12, 10, 0, 0, 0, 0, time.UTC)},
	}
}

var _ = Describe("Hashes", func() {
	kvtest.OnBothDrivers(func(open func(context.Context) kvtest.Backend) {
		var (
			store  kvtest.Backend
			people kv.StaticStore
			person kv.HashField[hashPerson]
		)
		BeforeEach(func(ctx context.Context) {
			store = open(ctx)
			people = kv.MustOpen(hashStore, store.Driver)
			person = people.Take(hashPeople)
			store.Trips.Reset()
		})
		raw := func(ctx context.Context, op drivers.Op, values ...string) drivers.Reply {
			GinkgoHelper()
			reply, err := store.Raw.Do(ctx, drivers.Command{Op: op, Key: "people:person", Values: values})
			Expect(err).NotTo(HaveOccurred())
			return reply
		}
		stored := func(ctx context.Context) map[string]string {
			GinkgoHelper()
			fields := map[string]string{}
			reply := raw(ctx, drivers.OpHGetAll)
			for i := 0; i < len(reply.Values); i += 2 {
				fields[reply.Values[i]] = reply.Values[i+1]
			}
			return fields
		}
		costs := func(n int, what string) {
			GinkgoHelper()
			Expect(store.Trips.Taken()).To(Equal(n), "round trips of "+what)
			store.Trips.Reset()
		}

		It("store a struct field by field, and read it back", func(ctx context.Context) {
			ada := hashAda()
			ada.Secret, ada.hidden = "s", 1
			Expect(person.Write(ctx, ada)).To(Succeed())
			costs(1, "Write")
			Expect(stored(ctx)).To(Equal(map[string]string{
				"name": "Ada", "age": "36", "score": "0.5", "email": "ada@example.org", "tags": `["x","y"]`, "level": "7", "born": "1815-12-10T00:00:00Z",
			}))
			Expect(person.Read(ctx)).To(Equal(hashAda()))
			costs(1, "Read")
		})
		It("leave out what is zero and may be", func(ctx context.Context) {
			Expect(person.Write(ctx, hashAda())).To(Succeed())
			Expect(person.Write(ctx, hashPerson{Tags: []string{}})).To(Succeed())
			Expect(stored(ctx)).To(Equal(map[string]string{"name": "", "tags": "[]", "level": "0", "born": "0001-01-01T00:00:00Z"}))
			Expect(person.Read(ctx)).To(Equal(hashPerson{Tags: []string{}}))
		})
		It("are ErrNotFound where absent, and ErrCorrupt where a field is missing or does not fit", func(ctx context.Context) {
			_, err := person.Read(ctx)
			Expect(err).To(MatchError(kv.ErrNotFound))
			_, err = person.Update(ctx, func(*hashPerson) error { return nil })
			Expect(err).To(MatchError(kv.ErrNotFound))
			_, err = person.Get(ctx, hashName)
			Expect(err).To(MatchError(kv.ErrNotFound))
			Expect(err).To(MatchError(HaveSuffix(": not found: name")))

			Expect(person.Put(ctx, hashName, "Ada")).To(Succeed())
			_, err = person.Read(ctx)
			Expect(err).To(MatchError(kv.ErrCorrupt))
			Expect(err).To(MatchError(ContainSubstring("without tags, level, born")))
			Expect(person.Write(ctx, hashAda())).To(Succeed())
			raw(ctx, drivers.OpHSet, "age", "much")
			_, err = person.Read(ctx)
			Expect(err).To(MatchError(kv.ErrCorrupt))
			Expect(err).To(MatchError(ContainSubstring("age")))
			_, err = person.Get(ctx, hashAge)
			Expect(err).To(MatchError(kv.ErrCorrupt))
			_, err = person.Update(ctx, func(*hashPerson) error { return nil })
			Expect(err).To(MatchError(kv.ErrCorrupt))
			_, err = person.Increment(ctx, hashAge, 1)
			Expect(err).To(MatchError(kv.ErrInvalid))
		})
		It("have fields that are read, written and counted with by themselves", func(ctx context.Context) {
			Expect(person.Write(ctx, hashAda())).To(Succeed())
			store.Trips.Reset()
			Expect(person.Get(ctx, hashEmail)).To(Equal("ada@example.org"))
			costs(1, "Get")
			Expect(person.Put(ctx, hashName, "Grace")).To(Succeed())
			costs(1, "Put")
			Expect(person.PutMany(ctx, hashAge.To(85), hashEmail.To("grace@example.org"), hashBorn.To(time.Unix(0, 0)))).To(Succeed())
			costs(1, "Set")
			Expect(person.PutMany(ctx)).To(Succeed())
			costs(0, "Set of nothing")
			Expect(person.Increment(ctx, hashAge, -5)).To(Equal(80))
			Expect(person.Increment(ctx, hashScore, 0.25)).To(Equal(0.75))
			costs(2, "Increment")
			Expect(person.Increment(ctx, hashLevel, 120)).To(BeEquivalentTo(127))
			_, err := person.Increment(ctx, hashLevel, 1)
			Expect(err).To(MatchError(kv.ErrOverflow))
			now, err := person.Read(ctx)
			Expect(err).NotTo(HaveOccurred())
			Expect([]any{now.Name, now.Age, now.Score, *now.Email, now.Level, now.Born}).
				To(Equal([]any{"Grace", 80, 0.75, "grace@example.org", int8(127), time.Unix(0, 0).UTC()}))
		})
		It("refuse names and types that the struct does not have", func(ctx context.Context) {
			_, err := person.Get[string](ctx, "nickname")
			Expect(err).To(MatchError(kv.ErrUndeclared))
			_, err = person.Get[int](ctx, "name")
			Expect(err).To(MatchError(kv.ErrTypeMismatch))
			Expect(err).To(MatchError(ContainSubstring(`"name" has values of string, not of int`)))
			Expect(person.Put(ctx, kv.HashKey[hashPerson, *string]("email"), nil)).To(MatchError(kv.ErrTypeMismatch))
			Expect(person.PutMany(ctx, hashName.To("x"), kv.HashKey[hashPerson, string]("Secret").To("x"))).To(MatchError(kv.ErrUndeclared))
			_, err = person.Increment(ctx, kv.HashKey[hashPerson, int]("level"), 1)
			Expect(err).To(MatchError(kv.ErrTypeMismatch))
			Expect(person.Exists(ctx)).To(BeFalse())
		})
		It("are updated without losing what the struct does not have", func(ctx context.Context) {
			Expect(person.Write(ctx, hashAda(), kv.ExpireIn(time.Hour))).To(Succeed())
			raw(ctx, drivers.OpHSet, "foreign", "kept")
			store.Trips.Reset()
			updated, err := person.Update(ctx, func(p *hashPerson) error {
				p.Age, p.Email = 37, nil
				return nil
			})
			Expect(err).NotTo(HaveOccurred())
			costs(2, "Update")
			Expect(updated.Age).To(Equal(37))
			Expect(stored(ctx)).To(And(HaveKeyWithValue("age", "37"), HaveKeyWithValue("foreign", "kept"), Not(HaveKey("email"))))
			Expect(person.TTL(ctx)).To(BeNumerically("~", time.Hour, time.Minute))
			store.Trips.Reset()
			_, err = person.Update(ctx, func(*hashPerson) error { return nil })
			Expect(err).NotTo(HaveOccurred())
			costs(1, "Update that changes nothing")
			failed := errors.New("no")
			_, err = person.Update(ctx, func(p *hashPerson) error { p.Age = 1; return failed })
			Expect(err).To(MatchError(failed))
			Expect(person.Get(ctx, hashAge)).To(Equal(37))
			Expect(person.Write(ctx, hashAda())).To(Succeed())
			Expect(stored(ctx)).NotTo(HaveKey("foreign"))
		})
		It("lose no update", func(ctx context.Context) {
			Expect(person.Write(ctx, hashAda())).To(Succeed())
			var group sync.WaitGroup
			for range 8 {
				group.Go(func() {
					for range 5 {
						_, err := person.Update(ctx, func(p *hashPerson) error { p.Age++; return nil })
						if err != nil {
							return
						}
						_, _ = person.Increment(ctx, hashLevel, 1)
					}
				})
			}
			group.Wait()
			after, err := person.Read(ctx)
			Expect(err).NotTo(HaveOccurred())
			Expect(after.Age).To(Equal(36 + 40))
			Expect(after.Level).To(BeEquivalentTo(7 + 40))
		})
		It("have the schema's TTL", func(ctx context.Context) {
			brief := people.Take(hashBrief)
			Expect(brief.Put(ctx, hashName, "x")).To(Succeed())
			Expect(brief.TTL(ctx)).To(BeNumerically("~", time.Hour, time.Minute))
			Expect(brief.Write(ctx, hashAda(), kv.NoExpiry)).To(Succeed())
			Expect(brief.TTL(ctx)).To(Equal(kv.NoTTL))
			Expect(brief.Increment(ctx, hashAge, 1)).To(Equal(37))
			Expect(brief.TTL(ctx)).To(BeNumerically("~", time.Hour, time.Minute))
			Expect(brief.Write(ctx, hashAda(), kv.IfAbsent)).To(MatchError(kv.ErrConditionFailed))
		})
		It("take part in transactions, updates too", func(ctx context.Context) {
			Expect(person.Write(ctx, hashAda())).To(Succeed())
			Expect(kv.Atomic(ctx, people, func(ctx context.Context, tx kv.StaticStore) error {
				updated, err := tx.Take(hashPeople).Update(ctx, func(p *hashPerson) error { p.Age++; return nil })
				if err != nil {
					return err
				}
				return tx.Take(hashBrief).Write(ctx, updated)
			})).To(Succeed())
			Expect(people.Take(hashBrief).Get(ctx, hashAge)).To(Equal(37))
			Expect(person.Get(ctx, hashAge)).To(Equal(37))
		})
		It("work in batches and are read together", func(ctx context.Context) {
			many := kv.MustOpen(kv.Dynamic(kv.Hash[hashPerson]()), store.Driver, kv.At("many"))
			var batch kv.Batch
			bound := batch.Bind(many)
			batch.Exec(func(ctx context.Context) error { return bound.Take("a").Write(ctx, hashAda()) })
			name := batch.Do(func(ctx context.Context) (string, error) { return bound.Take("a").Get(ctx, hashName) })
			Expect(batch.Run(ctx)).To(Succeed())
			Expect(name.Get()).To(Equal("Ada"))
			read := 0
			for entry, err := range kv.ReadMany(ctx, many, "a", "b") {
				if read++; entry.Key == "b" {
					Expect(err).To(MatchError(kv.ErrNotFound))
					continue
				}
				Expect(err).NotTo(HaveOccurred())
				Expect(entry.Value).To(Equal(hashAda()))
			}
			Expect(read).To(Equal(2))
		})
		It("are copied", func(ctx context.Context) {
			Expect(person.Write(ctx, hashAda())).To(Succeed())
			copied := kv.MustOpen(hashStore, memory.New())
			_, err := kv.Copy(ctx, people, copied)
			Expect(err).NotTo(HaveOccurred())
			Expect(copied.Take(hashPeople).Read(ctx)).To(Equal(hashAda()))
		})
	})

	It("are mistakes of the schema where they cannot be stored", func() {
		type twice struct {
			A int `kv:"a"`
			B int `json:"a"`
		}
		type strange struct {
			Fine  int
			Wrong chan int
			Also  func()
		}
		type nothing struct {
			A int `json:"-"`
			b int
		}
		mistake := func(err error, says ...string) {
			GinkgoHelper()
			for _, text := range says {
				Expect(err).To(MatchError(ContainSubstring(text)))
			}
		}
		_, err := kv.Open(kv.Hash[twice](), memory.New(), kv.At("h"))
		mistake(err, `two fields of hashes_test.twice are stored as "a"`)
		_, err = kv.Open(kv.Hash[strange](), memory.New(), kv.At("h"))
		mistake(err, "the field Wrong", "the field Also")
		_, err = kv.Open(kv.Hash[nothing](), memory.New(), kv.At("h"))
		mistake(err, "no field to store")
		_ = nothing{}.b
		_, err = kv.Open(kv.Hash[int](), memory.New(), kv.At("h"))
		mistake(err, "which is no struct")
		_, err = kv.Open(kv.Hash[*hashPerson](), memory.New(), kv.At("h"))
		mistake(err, "which is no struct")
	})
	It("carry the error of a wrong Take, whatever is done", func(ctx context.Context) {
		wrong := kv.MustOpen(hashStore, memory.New()).Take[kv.HashField[hashTimes]]("person")
		_, err := wrong.Read(ctx)
		Expect(err).To(MatchError(kv.ErrTypeMismatch))
		Expect(wrong.Write(ctx, hashTimes{})).To(MatchError(kv.ErrTypeMismatch))
		_, err = wrong.Update(ctx, func(*hashTimes) error { return nil })
		Expect(err).To(MatchError(kv.ErrTypeMismatch))
		Expect(wrong.PutMany(ctx)).To(MatchError(kv.ErrTypeMismatch))
		_, err = wrong.Get[time.Time](ctx, "born")
		Expect(err).To(MatchError(kv.ErrTypeMismatch))
		_, err = kv.HashField[hashTimes]{}.Increment[int](ctx, "born", 1)
		Expect(err).To(MatchError(kv.ErrUndeclared))
	})
})
