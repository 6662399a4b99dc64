package kv_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
)

type Member struct {
	Name   string    `json:"name"`
	Mail   string    `json:"mail"`
	Teams  []string  `json:"teams"`
	Joined time.Time `json:"joined"`
}

const (
	ByTeam   kv.IndexKey[string]    = "team"
	ByJoined kv.IndexKey[time.Time] = "joined"
	ByMail   kv.IndexKey[string]    = "mail"
)

var Directory = kv.Collection(kv.JSON[Member](),
	kv.Index(ByTeam, func(m Member) []string { return m.Teams }),
	kv.Index(ByJoined, func(m Member) []time.Time { return []time.Time{m.Joined} }),
	kv.Unique(ByMail, func(m Member) []string { return []string{m.Mail} }))

// directory has three members.
func directory(ctx context.Context) kv.CollectionStore[Member] {
	members := kv.MustOpen(Directory, memory.New(), kv.At("members"))
	for key, member := range map[string]Member{
		"7": {Name: "Ann", Mail: "ann@x.org", Teams: []string{"red", "blue"}, Joined: time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC)},
		"8": {Name: "Bob", Mail: "bob@x.org", Teams: []string{"red"}, Joined: time.Date(2025, 6, 1, 0, 0, 0, 0, time.UTC)},
		"9": {Name: "Cid", Mail: "cid@x.org", Teams: []string{"blue"}, Joined: time.Date(1969, 7, 1, 0, 0, 0, 0, time.UTC)},
	} {
		if err := members.Take(key).Write(ctx, member); err != nil {
			panic(err)
		}
	}
	return members
}

// A collection finds its documents by what the declared indexes say of them.
func ExampleCollection() {
	ctx := context.Background()
	members := directory(ctx)
	for entry, err := range members.Find(ByTeam.Is("red")).All(ctx) {
		fmt.Println(entry.Key, entry.Value.Name, err)
	}
	fmt.Println(Directory.Tree("members"))
	// Output:
	// 7 Ann <nil>
	// 8 Bob <nil>
	// members  indexed by key, team, joined, mail
	// └── *    JSON kv_test.Member
}

// All terms must hold. Documents come in the order of their keys, or of an index.
func ExampleKeyedCollection_Find() {
	ctx := context.Background()
	members := directory(ctx)
	for entry := range members.Find(ByTeam.Is("red"), ByTeam.Is("blue")).All(ctx) {
		fmt.Println("both:", entry.Value.Name)
	}
	since := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	for entry := range members.Find(ByJoined.AtLeast(since)).Backwards().All(ctx) {
		fmt.Println("lately:", entry.Value.Name)
	}
	eldest, err := members.Find().OrderBy(ByJoined).First(ctx)
	fmt.Println("eldest:", eldest.Value.Name, err)
	// Output:
	// both: Ann
	// lately: Bob
	// lately: Ann
	// eldest: Cid <nil>
}

// The order is one and the same whatever the terms are, and which of them has less.
func ExampleQuery_OrderBy() {
	ctx := context.Background()
	members := directory(ctx)
	for entry := range members.Find(ByTeam.Is("blue")).OrderBy(ByJoined).All(ctx) {
		fmt.Println(entry.Value.Name, entry.Value.Joined.Year())
	}
	// Output:
	// Cid 1969
	// Ann 2024
}

// What a page's Next is, a later request may go on with.
func ExampleQuery_Page() {
	ctx := context.Background()
	members := directory(ctx)
	for after, more := "", true; more; {
		page, err := members.Find().OrderBy(ByJoined).Page(ctx, 2, after)
		if err != nil {
			panic(err)
		}
		for _, entry := range page.Entries {
			fmt.Println(entry.Value.Name)
		}
		fmt.Println("next:", page.Next != "")
		after, more = page.Next, page.Next != ""
	}
	// Output:
	// Cid
	// Ann
	// next: true
	// Bob
	// next: false
}

// One of several terms has to hold.
func ExampleOr() {
	ctx := context.Background()
	members := directory(ctx)
	eighties := time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)
	fmt.Println(members.Find(kv.Or(ByTeam.Is("red"), ByJoined.Below(eighties))).Count(ctx))
	// Output:
	// 3 <nil>
}

// How many documents have each value of an index.
func ExampleQuery_CountBy() {
	ctx := context.Background()
	members := directory(ctx)
	for team, err := range members.Find().CountBy(ctx, ByTeam) {
		fmt.Println(team.Value, team.Count, err)
	}
	// Output:
	// blue 2 <nil>
	// red 2 <nil>
}

// All that a query finds is erased, document by document, with its entries.
func ExampleQuery_Erase() {
	ctx := context.Background()
	members := directory(ctx)
	fmt.Println(members.Find(ByTeam.Is("red")).Erase(ctx))
	fmt.Println(members.Find().Count(ctx))
	// Output:
	// 2 <nil>
	// 1 <nil>
}

// By two values at once, a query in the order of the second reads no more than its page.
func ExampleCompound() {
	const ByTeamAndJoined kv.CompoundKey[string, time.Time] = "team-joined"
	teams := func(m Member) []string { return m.Teams }
	joined := func(m Member) []time.Time { return []time.Time{m.Joined} }
	ctx := context.Background()
	members := kv.MustOpen(kv.Collection(kv.JSON[Member](), kv.Compound(ByTeamAndJoined, teams, joined)), memory.New(), kv.At("members"))
	for year, name := range map[int]string{2019: "Ann", 2021: "Bob", 2023: "Cid"} {
		_ = members.Take(name).Write(ctx, Member{Name: name, Teams: []string{"red"}, Joined: time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)})
	}
	since := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	for entry := range members.Find(ByTeamAndJoined.AtLeast("red", since)).OrderBy(ByTeamAndJoined).Backwards().All(ctx) {
		fmt.Println(entry.Value.Name)
	}
	// Output:
	// Cid
	// Bob
}

// The keys of any store come in pages, too, in the order in which they are stored.
func ExampleKeyedStore_Page() {
	ctx := context.Background()
	names := kv.MustOpen(kv.Dynamic(kv.String()), memory.New(), kv.At("names"))
	for _, key := range []string{"b", "c", "a"} {
		_ = names.Take(key).Write(ctx, "x")
	}
	page, err := names.Page(ctx, 2, "")
	fmt.Println(page.Keys, err)
	page, err = names.Page(ctx, 2, page.Next)
	fmt.Println(page.Keys, page.Next == "", err)
	// Output:
	// [a b] <nil>
	// [c] true <nil>
}

// A unique index names the document that has the value already.
func ExampleUnique() {
	ctx := context.Background()
	members := directory(ctx)
	err := members.Take("10").Write(ctx, Member{Name: "Impostor", Mail: "ann@x.org", Teams: []string{}})
	var duplicate *kv.DuplicateError
	fmt.Println(errors.Is(err, kv.ErrDuplicate), errors.As(err, &duplicate))
	fmt.Println(duplicate.Index, duplicate.Holder)
	fmt.Println(members.Take("10").Exists(ctx))
	// Output:
	// true true
	// mail 7
	// false <nil>
}

// A collection that takes the place of a dynamic store, or has a new index, is built
// while others go on writing.
func ExampleKeyedCollection_Reindex() {
	ctx := context.Background()
	driver := memory.New()
	before := kv.MustOpen(kv.Dynamic(kv.JSON[Member]()), driver, kv.At("members"))
	_ = before.Take("7").Write(ctx, Member{Name: "Ann", Mail: "ann@x.org", Teams: []string{"red"}})

	members := kv.MustOpen(Directory, driver, kv.At("members"))
	for stale := range members.Check(ctx) {
		fmt.Println(stale)
	}
	fmt.Println(members.Reindex(ctx, kv.OnProgress(func(p kv.Progress) { fmt.Println("looked at", p.Keys) })))
	fmt.Println(members.Find(ByMail.Is("ann@x.org")).First(ctx))
	// Output:
	// the registry lacks 7
	// the index joined lacks 7
	// the index mail lacks 7
	// the index team lacks 7
	// looked at 1
	// 1 <nil>
	// {7 {Ann ann@x.org [red] 0001-01-01 00:00:00 +0000 UTC}} <nil>
}

// In a cluster, what is colocated can be changed in one transaction.
func ExampleColocated() {
	const accounts kv.Key[kv.DynamicStore[kv.StringField]] = "accounts"
	ctx := context.Background()
	bank := kv.MustOpen(kv.Static("bank").Field(accounts, kv.Colocated(kv.Dynamic(kv.String()))), memory.New())
	ann, bob := bank.Take(accounts).Take("ann"), bank.Take(accounts).Take("bob")
	fmt.Println(ann.Path(), bob.Path())
	fmt.Println(kv.Atomic(ctx, bank.Take(accounts), func(ctx context.Context, tx kv.DynamicStore[kv.StringField]) error {
		return errors.Join(tx.Take("ann").Write(ctx, "-5"), tx.Take("bob").Write(ctx, "5"))
	}))

	rooms := kv.MustOpen(kv.Dynamic(kv.Colocated(Room)), memory.New(), kv.At("rooms"))
	fmt.Println(rooms.Take("7").Take(Config).Path())
	// Output:
	// bank:{accounts}:ann bank:{accounts}:bob
	// <nil>
	// rooms:{7}:config
}

// Listing a store that indexes its keys costs by its children, however large the database is.
func ExampleIndexKeys() {
	ctx := context.Background()
	rooms := kv.MustOpen(kv.Colocated(kv.IndexKeys(kv.Dynamic(Room))), memory.New(), kv.At("rooms"))
	_, _ = rooms.Take("7").Take(Members).Add(ctx, "ann")
	_, _ = rooms.Take("8").Take(Members).Add(ctx, "bob")
	_, _ = rooms.Take("8").Take(Members).Remove(ctx, "bob")
	for key, err := range rooms.Keys(ctx) {
		fmt.Println(key, err)
	}
	fmt.Println(rooms.Len(ctx))
	// Output:
	// 7 <nil>
	// 1 <nil>
}
