package cookbook_test

import (
	"context"
	"fmt"
	"log"
	"strings"

	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
)

type (
	MemberV1 struct {
		Name string `json:"name"`
	}
	MemberV2 struct {
		Version int    `json:"version" jsonschema:"const=2"`
		First   string `json:"first"`
		Last    string `json:"last"`
	}
	Member struct {
		Version int    `json:"version" jsonschema:"const=3"`
		First   string `json:"first"`
		Last    string `json:"last"`
		Mail    string `json:"mail"`
	}
)

var Members = kv.Dynamic(kv.JSON[Member](
	kv.Upgrade(func(old MemberV2) (Member, error) {
		return Member{Version: 3, First: old.First, Last: old.Last, Mail: "unknown"}, nil
	}),
	kv.Upgrade(func(old MemberV1) (MemberV2, error) {
		first, last, _ := strings.Cut(old.Name, " ")
		return MemberV2{Version: 2, First: first, Last: last}, nil
	}),
))

func renew(ctx context.Context, members kv.DynamicStore[kv.JSONField[Member]]) error {
	done, err := kv.Migrate(ctx, members, kv.OnRefused(func(path string, err error) { log.Printf("left as it is: %s: %v", path, err) }))
	log.Printf("%d rewritten, %d were current", done.Rewritten, done.Current)
	return err
}

func Example_formsOfADocument() {
	ctx, driver := context.Background(), memory.New()
	old := kv.MustOpen(kv.Dynamic(kv.JSON[MemberV1]()), driver, kv.At("members"))
	check(old.Take("1").Write(ctx, MemberV1{"Ada Lovelace"}))

	members := kv.MustOpen(Members, driver, kv.At("members"))
	fmt.Println(members.Take("1").Read(ctx))
	check(renew(ctx, members))
	_, err := old.Take("1").Read(ctx)
	fmt.Println(err != nil)
	// Output:
	// {3 Ada Lovelace unknown} <nil>
	// true
}
