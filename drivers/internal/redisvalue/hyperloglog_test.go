package redisvalue_test

import (
	"testing"

	"github.com/kvstore-go/kvstore/drivers/internal/redisvalue"
)

// FuzzHyperLogLog: whatever lies under a key, to add, count and merge answers or fails, and
// does not panic; where the registers are not damaged it answers.
func FuzzHyperLogLog(f *testing.F) {
	empty := redisvalue.NewHyperLogLog()
	one, _, _ := empty.Add("one")
	f.Add(string(empty), "a")
	f.Add(string(one), "one")
	f.Add(string(one[:len(one)-1]), "a")
	f.Add("HYLL\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x7f\xff\x00", "a")
	f.Add("HYLL\x00", "")
	f.Fuzz(func(t *testing.T, stored, element string) {
		h, valid := redisvalue.AsHyperLogLog([]byte(stored))
		if !valid {
			return
		}
		sound := h.Check() == nil
		added, _, err := h.Add(element)
		if err != nil {
			if sound {
				t.Fatalf("%q is sound, but cannot be added to: %v", stored, err)
			}
			return
		}
		_, again, err := added.Add(element)
		if err == nil && again {
			t.Fatal("to add an element again changes a register")
		}
		_, err = redisvalue.CountHyperLogLogs(added)
		if err != nil && sound {
			t.Fatal(err)
		}
		merged, err := redisvalue.NewHyperLogLog().Merge(added)
		if err == nil && merged.Check() != nil {
			t.Fatal("what was merged is damaged")
		}
	})
}
