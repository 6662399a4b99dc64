package dsl_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/kvstore-go/kvstore/dsl"
)

func TestDemo(t *testing.T) {
	room := dsl.NewStatic("room").WithField("config", dsl.NewField(dsl.JSON).WithDetail("RoomConfig")).WithField("members", dsl.NewField(dsl.Set).WithTTL(time.Minute))
	foo := dsl.NewStatic("foo").WithField("bar", dsl.NewDynamic(dsl.NewField(dsl.JSON).WithDetail("[]Msg"))).WithField("baz", dsl.NewField(dsl.Set)).WithField("rooms", dsl.NewDynamic(room).WithDetail("int"))
	tree := dsl.Tree{At: []string{"tenant", "4:2"}, Root: foo}
	fmt.Println(tree)
	fmt.Println(foo)
	fmt.Println(tree.Mermaid())
	fmt.Println(tree.Parse("tenant:4%3A2:foo:rooms:x%2A:config"))
	fmt.Println(dsl.Validate(tree))
}
