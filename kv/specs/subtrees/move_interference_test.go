package subtrees_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
	"github.com/kvstore-go/kvstore/spec/suite"
)

var errCutOff = errors.New("the program was killed")

// oneAtATime executes the commands of plain batches one by one, and calls before in front of each, and of each atomic
// batch. What it returns an error for, and what comes after that in a batch, is not executed.
func oneAtATime(driver drivers.Driver, before func() error) drivers.Driver {
	return drivers.Use(driver, func(ctx context.Context, b *drivers.Batch, next drivers.Next) error {
		if b.Atomic || len(b.Items) == 1 {
			if err := before(); err != nil {
				b.Fail(err)
				return err
			}
			return next(ctx, b)
		}
		for i := range b.Items {
			if err := before(); err != nil {
				for j := i; j < len(b.Items); j++ {
					b.Items[j].Err = err
				}
				return err
			}
			one := drivers.NewBatch(b.Items[i].Command)
			err := next(ctx, one)
			if b.Items[i] = one.Items[0]; err != nil && b.Items[i].Err == nil {
				b.Items[i].Err = err
			}
		}
		return nil
	})
}

// cutOff executes so many commands, and none after them.
func cutOff(driver drivers.Driver, after int) drivers.Driver {
	return oneAtATime(driver, func() error {
		if after--; after < 0 {
			return errCutOff
		}
		return nil
	})
}

// nothingMissing checks that each value is, as a whole, at one of both places.
func nothingMissing(ctx context.Context, driver drivers.Driver, want map[string]string) {
	GinkgoHelper()
	old, next := contents(ctx, driver), contentsBelow(ctx, driver, twin)
	for key, value := range want {
		if old[key] != value && next[key] != value {
			Fail(key + " is at neither place: " + old[key] + ", " + next[key])
		}
	}
}

// withoutMarks are the keys below one but for those that a Move left which was cut off.
func withoutMarks(keys []string) []string {
	return slices.DeleteFunc(keys, func(key string) bool { return strings.HasSuffix(key, "::%moved") })
}

var _ = Describe("A Move that others meddle with", func() {
	each := func(body func(open func(context.Context) kvtest.Backend, step int)) {
		Context("in memory", Label(suite.Memory), func() {
			body(func(context.Context) kvtest.Backend { return kvtest.New(memory.New()) }, 1)
		})
		Context("on Redis", Label(suite.Redis), func() {
			body(func(ctx context.Context) kvtest.Backend { return kvtest.New(kvtest.Redis(ctx)) }, 13)
		})
		Context("on a cluster of six nodes", Label(suite.Cluster), func() {
			body(func(ctx context.Context) kvtest.Backend { return kvtest.New(kvtest.Cluster(ctx)) }, 41)
		})
	}
	each(func(open func(context.Context) kvtest.Backend, step int) {
		// cutOffAnywhere cuts a Move off after any number of commands, and repeats it after what happens meanwhile.
		cutOffAnywhere := func(ctx context.Context, meanwhile func(driver drivers.Driver), want func(before map[string]string) map[string]string) {
			GinkgoHelper()
			for commands := 0; ; commands += step {
				driver := open(ctx).Raw
				settle(ctx, kv.MustOpen(Town, driver))
				before := contents(ctx, driver)
				cut := cutOff(driver, commands)
				_, err := kv.Move(ctx, kv.MustOpen(Town, cut), openTwin(cut))
				if err == nil {
					Expect(commands).To(BeNumerically(">", 100))
					break
				}
				Expect(err).To(MatchError(errCutOff), "after %d commands", commands)
				nothingMissing(ctx, driver, before)
				meanwhile(driver)
				source, target := kv.MustOpen(Town, driver), openTwin(driver)
				Expect(kv.Move(ctx, source, target)).To(HaveField("Refused", 0), "after %d commands", commands)
				Expect(contentsBelow(ctx, driver, twin)).To(Equal(want(before)), "after %d commands", commands)
				Expect(withoutMarks(storedKeys(ctx, driver))).To(BeEmpty(), "after %d commands", commands)
				beConsistent(ctx, target)
			}
		}

		It("is finished by a repetition wherever it was cut off", func(ctx context.Context) {
			cutOffAnywhere(ctx, func(drivers.Driver) {}, func(before map[string]string) map[string]string { return before })
		})

		It("is finished with what others wrote at the old place since it was cut off", func(ctx context.Context) {
			newer := map[string]string{}
			cutOffAnywhere(ctx, func(driver drivers.Driver) {
				town := kv.MustOpen(Town, driver)
				clear(newer)
				write := func(err error) { Expect(err).To(Or(Succeed(), MatchError(kv.ErrConditionFailed))) }
				write(town.Take(TownHouses2).Take("7").Write(ctx, "newer", kv.IfExists))
				write(town.Take(TownHall).Take(TownWards).Write(ctx, []string{"newer"}, kv.IfExists))
				write(town.Take(TownMuseum).Take[kv.ListField]("list").Write(ctx, []string{"newer"}, kv.IfExists))
				write(town.Take(TownCitizens).Take("ann").Write(ctx, TownCitizen{"ann", "ann@town", "newer"}, kv.IfExists))
				if stream := town.Take(TownMuseum).Take[kv.StreamField[TownDeed]]("stream"); kvtest.ErrorOf(stream.LastID(ctx)) == nil {
					if there, err := stream.Exists(ctx); err == nil && there {
						write(kvtest.ErrorOf(stream.Append(ctx, TownDeed{"newer"})))
					}
				}
				maps.Copy(newer, contents(ctx, driver))
			}, func(before map[string]string) map[string]string {
				want := maps.Clone(before)
				maps.Copy(want, newer)
				return want
			})
		})

		It("never lets a value be absent from both places", func(ctx context.Context) {
			driver := open(ctx).Raw
			settle(ctx, kv.MustOpen(Town, driver))
			before, commands := contents(ctx, driver), 0
			watched := oneAtATime(driver, func() error {
				defer GinkgoRecover()
				if commands++; commands%step == 0 {
					nothingMissing(ctx, driver, before)
				}
				return nil
			})
			Expect(kv.Move(ctx, kv.MustOpen(Town, watched), openTwin(watched))).To(Equal(moved(inATown)))
			Expect(commands).To(BeNumerically(">", 100))
			Expect(contentsBelow(ctx, driver, twin)).To(Equal(before))
		})

		It("carries over what others write at the old place while it moves, or leaves it there", func(ctx context.Context) {
			for at := 0; ; at += step {
				driver := open(ctx).Raw
				calm, next := kv.MustOpen(Town, driver), openTwin(driver)
				settle(ctx, calm)
				commands := 0
				busy := oneAtATime(driver, func() error {
					defer GinkgoRecover()
					if commands++; commands-1 == at {
						Expect(calm.Take(TownHall).Take(TownWards).Add(ctx, "late")).To(Equal(1))
						Expect(calm.Take(TownHouses2).Take("7").Write(ctx, "late")).To(Succeed())
						Expect(calm.Take(TownCitizens).Take("cid").Write(ctx, TownCitizen{"cid", "late@town", "smith"})).To(Succeed())
					}
					return nil
				})
				told, refused := refusals()
				Expect(kvtest.ErrorOf(kv.Move(ctx, kv.MustOpen(Town, busy), openTwin(busy), refused))).To(Succeed())
				Expect(told).To(BeEmpty())
				if commands <= at {
					break
				}
				kept := func(holds func(town kv.StaticStore) bool) {
					GinkgoHelper()
					Expect(holds(calm) || holds(next)).To(BeTrue(), "at command %d", at)
				}
				kept(func(town kv.StaticStore) bool {
					has, err := town.Take(TownHall).Take(TownWards).Has(ctx, "late")
					return has && err == nil
				})
				kept(func(town kv.StaticStore) bool {
					text, err := town.Take(TownHouses2).Take("7").Read(ctx)
					return text == "late" && err == nil
				})
				kept(func(town kv.StaticStore) bool {
					citizen, err := town.Take(TownCitizens).Take("cid").Read(ctx)
					return citizen.Email == "late@town" && err == nil
				})
				for _, town := range []kv.StaticStore{calm, next} {
					Expect(kvtest.Collect(town.Take(TownCitizens).Check(ctx))).To(BeEmpty())
				}
			}
		})
	})

	It("loses nothing where two move the same at once", func(ctx context.Context) {
		for at := 0; ; at++ {
			driver := memory.New()
			settle(ctx, kv.MustOpen(Town, driver))
			before, commands := contents(ctx, driver), 0
			met := oneAtATime(driver, func() error {
				defer GinkgoRecover()
				if commands++; commands-1 == at {
					Expect(kv.Move(ctx, kv.MustOpen(Town, driver), openTwin(driver))).To(HaveField("Refused", 0))
				}
				return nil
			})
			Expect(kv.Move(ctx, kv.MustOpen(Town, met), openTwin(met))).To(HaveField("Refused", 0), "at command %d", at)
			Expect(contentsBelow(ctx, driver, twin)).To(Equal(before), "at command %d", at)
			Expect(storedKeys(ctx, driver)).To(BeEmpty())
			beConsistent(ctx, openTwin(driver))
			if commands <= at {
				break
			}
		}
	})

	It("never replaces what others have written at the new place since it was cut off", func(ctx context.Context) {
		for commands := 0; ; commands++ {
			driver := memory.New()
			source, target := kv.MustOpen(Town, driver), openTwin(driver)
			motto, next := source.Take(TownHall).Take(TownMotto), target.Take(TownHall).Take(TownMotto)
			Expect(motto.Write(ctx, "old")).To(Succeed())
			cut := cutOff(driver, commands)
			_, err := kv.Move(ctx, kv.MustOpen(Town, cut).Take(TownHall), openTwin(cut).Take(TownHall))
			if err == nil {
				break
			}
			Expect(next.Write(ctx, "of a new program")).To(Succeed())
			left, err := motto.Exists(ctx)
			Expect(err).NotTo(HaveOccurred())
			if left {
				Expect(motto.Write(ctx, "of an old program")).To(Succeed())
			}
			told, refused := refusals()
			Expect(kvtest.ErrorOf(kv.Move(ctx, source, target, refused))).To(Succeed())
			Expect(next.Read(ctx)).To(Equal("of a new program"), strconv.Itoa(commands))
			if left {
				Expect(told).To(HaveLen(1))
				Expect(motto.Read(ctx)).To(Equal("of an old program"))
			}
		}
	})
})
