package memory_test

import (
	"errors"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
)

// TestHashPredictions: what drivers.Predict says of a write is what the write then answers.
func TestHashPredictions(t *testing.T) {
	writes := []drivers.Op{drivers.OpHSet, drivers.OpHReplace, drivers.OpHCompareAndSet, drivers.OpHDel, drivers.OpHIncrBy, drivers.OpHIncrByFloat}
	texts := rapid.SampledFrom([]string{"", "a", "b", "1", "-2", "0.5", "9223372036854775807", "01"})
	bounds := rapid.SampledFrom([]string{"", "", "", "-3", "0", "3"})
	answered, refused, failed := map[drivers.Op]int{}, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		d := memory.New()
		read := func(items []drivers.Item) error { return drivers.DoBatch(ctx, d, &drivers.Batch{Items: items}) }
		if rapid.IntRange(0, 9).Draw(t, "wrong type") == 0 {
			if _, err := d.Do(ctx, put("h", "text")); err != nil {
				t.Fatal(err)
			}
		}
		for range 60 {
			cmd := drivers.Command{
				Op: rapid.SampledFrom(writes).Draw(t, "op"), Key: "h", Values: rapid.SliceOfN(texts, 0, 6).Draw(t, "values"),
				If:    drivers.Condition(rapid.IntRange(0, 2).Draw(t, "if")),
				Value: texts.Draw(t, "field"), Expected: rapid.SampledFrom([]string{"1", "-0.5", "1e300", "x"}).Draw(t, "increment"),
				Min: bounds.Draw(t, "min"), Max: bounds.Draw(t, "max"), Amount: rapid.SampledFrom([]int64{0, 1, 2, 4, -2, 1 << 62}).Draw(t, "amount"),
			}
			if cmd.Op == drivers.OpHCompareAndSet && rapid.Bool().Draw(t, "as it is") {
				all, err := d.Do(ctx, drivers.Command{Op: drivers.OpHGetAll, Key: "h"})
				if err == nil {
					cmd.Amount = int64(len(all.Values))
					cmd.Values = append(all.Values, cmd.Values...)
				}
			}
			prediction, predicted := drivers.Predict(cmd, read, nil)
			reply, err := d.Do(ctx, cmd)
			for _, class := range []error{drivers.ErrWrongType, drivers.ErrInvalid, errors.ErrUnsupported} {
				if errors.Is(predicted, class) != errors.Is(err, class) {
					t.Fatalf("%+v: %v was predicted, %v came", cmd, predicted, err)
				}
			}
			switch {
			case err != nil:
				failed++
			case predicted != nil || !reflect.DeepEqual(prediction.Reply, reply):
				t.Fatalf("%+v: %+v, %v was predicted, %+v came", cmd, prediction.Reply, predicted, reply)
			case reply.Nil:
				refused++
			default:
				answered[cmd.Op]++
			}
		}
	})
	for _, op := range writes {
		if answered[op] == 0 {
			t.Errorf("%v never succeeded", op)
		}
	}
	if refused == 0 || failed == 0 {
		t.Errorf("%d refused, %d failed", refused, failed)
	}
}
