package kv_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
)

// A person had a name once.
type PersonV1 struct {
	Name string `json:"name"`
}

type NewPerson struct {
	First string `json:"first"`
	Last  string `json:"last"`
}

func personOf(old PersonV1) (NewPerson, error) {
	first, last, _ := strings.Cut(old.Name, " ")
	return NewPerson{first, last}, nil
}

// What an older program has stored is read as what it is today, and stays as it is until it
// is written or migrated.
func ExampleUpgrade() {
	ctx, driver := context.Background(), memory.New()
	_ = kv.MustOpen(kv.JSON[PersonV1](), driver, kv.At("ada")).Write(ctx, PersonV1{"Ada Lovelace"})

	ada := kv.MustOpen(kv.JSON[NewPerson](kv.Upgrade(personOf)), driver, kv.At("ada"))
	fmt.Println(ada.Read(ctx))

	stored := kv.MustOpen(kv.String(), driver, kv.At("ada"))
	fmt.Println(stored.Read(ctx))
	_, _ = ada.Update(ctx, func(*NewPerson) error { return nil })
	fmt.Println(stored.Read(ctx))
	// Output:
	// {Ada Lovelace} <nil>
	// {"name":"Ada Lovelace"} <nil>
	// {"first":"Ada","last":"Lovelace"} <nil>
}

// A program that knows the newer form goes on writing the older one, until there are no
// programs any more that know nothing else.
func ExampleStoreAs() {
	ctx, driver := context.Background(), memory.New()
	ada := kv.MustOpen(kv.JSON[NewPerson](
		kv.Upgrade(personOf),
		kv.StoreAs(func(person NewPerson) (PersonV1, error) { return PersonV1{person.First + " " + person.Last}, nil }),
	), driver, kv.At("ada"))
	_ = ada.Write(ctx, NewPerson{"Ada", "Lovelace"})

	fmt.Println(kv.MustOpen(kv.JSON[PersonV1](), driver, kv.At("ada")).Read(ctx))
	// Output: {Ada Lovelace} <nil>
}

// What is stored in an older form is rewritten, while programs use it. DryRun finds out first
// what there is to do.
func ExampleMigrate() {
	ctx, driver := context.Background(), memory.New()
	old := kv.MustOpen(kv.Dynamic(kv.ListOf[PersonV1]()), driver, kv.At("teams"))
	_, _ = old.Take("blue").PushRight(ctx, PersonV1{"Ada Lovelace"}, PersonV1{"Bob King"})

	teams := kv.MustOpen(kv.Dynamic(kv.ListOf[NewPerson](kv.Upgrade(personOf))), driver, kv.At("teams"))
	todo, _ := kv.Migrate(ctx, teams, kv.DryRun)
	fmt.Println(todo.Rewritten, "to rewrite")
	fmt.Println(kv.Migrate(ctx, teams))
	fmt.Println(kv.MustOpen(kv.Dynamic(kv.ListOf[NewPerson]()), driver, kv.At("teams")).Take("blue").Read(ctx))
	// Output:
	// 2 to rewrite
	// {2 0 2 0 0} <nil>
	// [{Ada Lovelace} {Bob King}] <nil>
}
