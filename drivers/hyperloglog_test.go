package drivers_test

import (
	"errors"
	"testing"

	"github.com/kvstore-go/kvstore/drivers"
)

// FuzzHyperLogLog: whatever lies under a key, to add, count and merge answers or fails,
// with ErrWrongType or ErrInvalid, and does not panic.
func FuzzHyperLogLog(f *testing.F) {
	empty := drivers.NewHyperLogLog()
	one, _, _ := empty.Add("one")
	f.Add(string(empty), "a")
	f.Add(string(one), "one")
	f.Add(string(one[:len(one)-1]), "a")
	f.Add("HYLL\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x7f\xff\x00", "a")
	f.Add("HYLL\x00", "")
	f.Fuzz(func(t *testing.T, stored, element string) {
		if _, err := drivers.AsHyperLogLog([]byte(stored)); err != nil {
			if !errors.Is(err, drivers.ErrWrongType) {
				t.Fatal(err)
			}
			return
		}
		fails := func(err error) bool {
			if err != nil && !errors.Is(err, drivers.ErrInvalid) {
				t.Fatal(err)
			}
			return err != nil
		}
		whole := drivers.HyperLogLog(stored).Check() == nil
		added, _, err := drivers.HyperLogLog(stored).Add(element)
		if fails(err) {
			if whole {
				t.Fatalf("%q is whole, but cannot be added to: %v", stored, err)
			}
			return
		}
		_, again, err := added.Add(element)
		if !fails(err) && again {
			t.Fatal("to add an element again changes a register")
		}
		_, err = drivers.CountHyperLogLogs(added)
		if fails(err) && whole {
			t.Fatal(err)
		}
		merged, err := drivers.NewHyperLogLog().Merge(added)
		if !fails(err) && merged.Check() != nil {
			t.Fatal("what was merged is damaged")
		}
	})
}

// FuzzAddFloat: any text is added to or refused, and what comes out can be added to.
func FuzzAddFloat(f *testing.F) {
	for _, text := range []string{"0.1", "-inf", "0x1p3", "1e400", "nan", ".", "1_0", "+.5e-3"} {
		f.Add(text, "0.2")
	}
	f.Fuzz(func(t *testing.T, text, amount string) {
		cmd := drivers.Command{Op: drivers.OpIncrByFloat, Value: amount}
		if drivers.Check(&cmd) != nil {
			return
		}
		sum, err := cmd.AddFloat(text, true)
		switch {
		case err != nil && !errors.Is(err, drivers.ErrInvalid):
			t.Fatal(err)
		case err != nil || sum.Nil:
			return
		}
		if _, err := drivers.ParseFloat(sum.Value); err != nil {
			t.Fatalf("%q + %q is %q: %v", text, amount, sum.Value, err)
		}
	})
}
