package cookbook_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
)

type ErrandsView struct {
	Urgent kv.ListField `kv:"urgent"`
	Normal kv.ListField `kv:"normal"`
}

var Errands = kv.Colocated(kv.Static("errands").List("urgent").List("normal").As[ErrandsView]())

// runErrands works until ctx ends.
func runErrands(ctx context.Context, errands ErrandsView, run func(errand string, urgent bool)) error {
	for {
		errand, from, err := kv.PopLeftWait(ctx, errands.Urgent, errands.Normal)
		if err != nil {
			return err // the context's, when it ends: nothing was taken out
		}
		run(errand, from == 0)
	}
}

func Example_priorities() {
	ctx, stop := context.WithCancel(context.Background())
	errands := kv.MustOpen(Errands, memory.New())

	_, _ = errands.Normal.PushRight(ctx, "bread", "stamps")
	_, _ = errands.Urgent.PushRight(ctx, "medicine")
	err := runErrands(ctx, errands, func(errand string, urgent bool) {
		fmt.Println(errand, urgent)
		if errand == "stamps" {
			stop()
		}
	})
	fmt.Println(errors.Is(err, context.Canceled))
	// Output:
	// medicine true
	// bread false
	// stamps false
	// true
}
