package cookbook_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
)

// HallView has a field under its old and under its new name.
type HallView struct {
	Slogan kv.StringField `kv:"slogan"`
	Motto  kv.StringField `kv:"motto"`
}

func motto(ctx context.Context, hall HallView) (string, error) {
	motto, err := hall.Motto.Read(ctx)
	if errors.Is(err, kv.ErrNotFound) {
		return hall.Slogan.Read(ctx) // what it was called
	}
	return motto, err
}

func Example_renameAField() {
	ctx := context.Background()
	hall := kv.MustOpen(kv.Static("hall").String("slogan").String("motto").As[HallView](), memory.New())
	check(hall.Slogan.Write(ctx, "onwards"))
	fmt.Println(motto(ctx, hall))

	moved, err := kv.Move(ctx, hall.Slogan, hall.Motto)
	fmt.Println(moved.Values, err)
	fmt.Println(motto(ctx, hall))
	fmt.Println(hall.Slogan.Exists(ctx))
	// Output:
	// onwards <nil>
	// 1 <nil>
	// onwards <nil>
	// false <nil>
}
