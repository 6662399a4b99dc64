package redisvalue_test

import (
	"testing"

	"github.com/kvstore-go/kvstore/drivers/internal/redisvalue"
)

// FuzzAddFloat: any text is added to or refused, and what comes out can be added to.
func FuzzAddFloat(f *testing.F) {
	for _, text := range []string{"0.1", "-inf", "0x1p3", "1e400", "nan", ".", "1_0", "+.5e-3"} {
		f.Add(text, "0.2")
	}
	f.Fuzz(func(t *testing.T, text, amount string) {
		sum, fits, err := redisvalue.AddFloat(text, true, amount, "", "")
		if err != nil || !fits {
			return
		}
		if _, err := redisvalue.ParseFloat(sum); err != nil {
			t.Fatalf("%q + %q is %q: %v", text, amount, sum, err)
		}
	})
}
