package forms_test

import (
	"context"
	"fmt"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"pgregory.net/rapid"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

// ages are the programs of a rolling deployment, the oldest first.
const (
	ageOfV2     = iota // knows nothing of the newest form
	ageOfBridge        // reads the newest, and writes the one before
	ageOfNewest
)

// phases are which of them run side by side.
var phases = [][]int{{ageOfV2}, {ageOfV2, ageOfBridge}, {ageOfBridge}, {ageOfBridge, ageOfNewest}, {ageOfNewest}}

// people is a store of documents and one of structs in hashes, as a program of an age has them.
type people struct {
	users   kv.DynamicStore[kv.JSONField[user]]
	players kv.DynamicStore[kv.HashField[player]]
	// of the oldest
	usersV2   kv.DynamicStore[kv.JSONField[userV2]]
	playersV1 kv.DynamicStore[kv.HashField[playerV1]]
}

func peopleOf(age int, driver drivers.Driver) people {
	storeAs, playerAs := []kv.FormOption(nil), []kv.FormOption{kv.Upgrade(playerOf)}
	if age == ageOfBridge {
		storeAs, playerAs = []kv.FormOption{kv.StoreAs(toV2)}, append(playerAs, kv.StoreAs(playerAsV1))
	}
	users, players := kv.At("users"), kv.At("players")
	return people{
		kv.MustOpen(kv.Dynamic(kv.JSON[user](with[kv.JSONOption](upgrades(), storeAs...)...)), driver, users),
		kv.MustOpen(kv.Dynamic(kv.Hash[player](with[kv.ElementOption](playerAs)...)), driver, players),
		kv.MustOpen(kv.Dynamic(kv.JSON[userV2](kv.Upgrade(fromV1))), driver, users),
		kv.MustOpen(kv.Dynamic(kv.Hash[playerV1]()), driver, players),
	}
}

// mailOf is the address that a user gets by an upgrade.
func mailOf(first string) string { return must(fromV2(userV2{First: first})).Email }

var _ = Describe("Programs of different ages that take turns on one store", func() {
	kvtest.OnBothDrivers(func(open func(context.Context) kvtest.Backend) {
		It("never lose or misread a value", func(ctx context.Context) {
			rapid.Check(GinkgoT(), func(t *rapid.T) {
				store := open(ctx)
				var programs []people
				for age := range ageOfNewest + 1 {
					programs = append(programs, peopleOf(age, store.Driver))
				}
				users, players := map[string]user{}, map[string]player{}
				phase := 0
				names := rapid.StringMatching(`[A-MO-Z][a-z]{1,4}`)
				one := func() (id string, age int) {
					return fmt.Sprint(rapid.IntRange(0, 2).Draw(t, "id")), rapid.SampledFrom(phases[phase]).Draw(t, "age")
				}
				check := NewWithT(t)
				t.Repeat(map[string]func(*rapid.T){
					"a deployment": func(*rapid.T) { phase = min(phase+1, len(phases)-1) },
					"write a user": func(t *rapid.T) {
						id, age := one()
						is := user{First: names.Draw(t, "first"), Last: names.Draw(t, "last")}
						is.Email = mailOf(is.First)
						switch age {
						case ageOfV2:
							check.Expect(programs[age].usersV2.Take(id).Write(ctx, userV2{is.First, is.Last})).To(Succeed())
						case ageOfNewest:
							is.Email = names.Draw(t, "mail") + "@home"
							fallthrough
						default:
							check.Expect(programs[age].users.Take(id).Write(ctx, is)).To(Succeed())
						}
						users[id] = is
					},
					"update a user": func(t *rapid.T) {
						id, age := one()
						is, exists := users[id]
						if !exists {
							t.Skip("there is none")
						}
						is.Last = names.Draw(t, "last")
						var err error
						if age == ageOfV2 {
							_, err = programs[age].usersV2.Take(id).Update(ctx, func(u *userV2) error { u.Last = is.Last; return nil })
						} else {
							_, err = programs[age].users.Take(id).Update(ctx, func(u *user) error { u.Last = is.Last; return nil })
						}
						check.Expect(err).NotTo(HaveOccurred())
						users[id] = is
					},
					"write a player": func(t *rapid.T) {
						id, age := one()
						is := player{names.Draw(t, "name"), int64(rapid.IntRange(0, 9).Draw(t, "wins")), "new", names.Draw(t, "home")}
						switch age {
						case ageOfV2:
							check.Expect(programs[age].playersV1.Take(id).Write(ctx, must(playerAsV1(is)))).To(Succeed())
						case ageOfNewest:
							is.Rank = names.Draw(t, "rank")
							fallthrough
						default:
							check.Expect(programs[age].players.Take(id).Write(ctx, is)).To(Succeed())
						}
						players[id] = is
					},
					"change a player": func(t *rapid.T) {
						id, age := one()
						is, exists := players[id]
						if !exists {
							t.Skip("there is none")
						}
						switch is.Name = names.Draw(t, "name"); age {
						case ageOfV2:
							_, err := programs[age].playersV1.Take(id).Update(ctx, func(p *playerV1) error { p.Name = is.Name; return nil })
							check.Expect(err).NotTo(HaveOccurred())
						case ageOfBridge:
							check.Expect(programs[age].players.Take(id).Put(ctx, playerName, is.Name)).To(Succeed())
						default:
							is.Wins += 2
							check.Expect(programs[age].players.Take(id).PutMany(ctx, playerName.To(is.Name))).To(Succeed())
							check.Expect(programs[age].players.Take(id).Increment(ctx, playerWins, 2)).To(Equal(is.Wins))
						}
						players[id] = is
					},
					"migrate": func(t *rapid.T) {
						if phase < len(phases)-1 {
							t.Skip("there are programs that know no newer form")
						}
						_, err := kv.Migrate(ctx, programs[ageOfNewest].users)
						check.Expect(err).NotTo(HaveOccurred())
						_, err = kv.Migrate(ctx, programs[ageOfNewest].players)
						check.Expect(err).NotTo(HaveOccurred())
					},
					"": func(*rapid.T) {
						for _, age := range phases[phase] {
							for id, is := range users {
								if age == ageOfV2 {
									check.Expect(programs[age].usersV2.Take(id).Read(ctx)).To(Equal(userV2{is.First, is.Last}))
								} else {
									check.Expect(programs[age].users.Take(id).Read(ctx)).To(Equal(is))
								}
							}
							for id, is := range players {
								if age == ageOfV2 {
									check.Expect(programs[age].playersV1.Take(id).Read(ctx)).To(Equal(must(playerAsV1(is))))
								} else {
									check.Expect(programs[age].players.Take(id).Read(ctx)).To(Equal(is))
									check.Expect(programs[age].players.Take(id).Get(ctx, playerRank)).To(Equal(is.Rank))
								}
							}
						}
					},
				})
			})
		})
	})
})
