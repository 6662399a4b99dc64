package memory_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
)

func BenchmarkGet(b *testing.B) {
	d := memory.New()
	ctx := context.Background()
	d.Do(ctx, drivers.Command{Op: drivers.OpSet, Key: "foo:bar:any", Value: "x"})
	cmd := drivers.Command{Op: drivers.OpGet, Key: "foo:bar:any"}
	b.ReportAllocs()
	for b.Loop() {
		d.Do(ctx, cmd)
	}
}
func BenchmarkSet(b *testing.B) {
	d := memory.New()
	ctx := context.Background()
	cmd := drivers.Command{Op: drivers.OpSet, Key: "foo:bar:any", Value: "x"}
	b.ReportAllocs()
	for b.Loop() {
		d.Do(ctx, cmd)
	}
}

func BenchmarkGetParallel(b *testing.B) {
	for _, n := range []int{1, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			d := memory.New()
			ctx := context.Background()
			keys := make([]string, n)
			for i := range n {
				keys[i] = fmt.Sprintf("foo:bar:%d", i)
				d.Do(ctx, drivers.Command{Op: drivers.OpSet, Key: keys[i], Value: "x"})
			}
			b.RunParallel(func(pb *testing.PB) {
				i := 0
				for pb.Next() {
					d.Do(ctx, drivers.Command{Op: drivers.OpGet, Key: keys[i%n]})
					i++
				}
			})
		})
	}
}
