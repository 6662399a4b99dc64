package memory_test

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
)

func mustDo(t *rapid.T, d *memory.Driver, cmd drivers.Command) drivers.Reply {
	t.Helper()
	reply, err := d.Do(ctx, cmd)
	if err != nil {
		t.Fatalf("%+v: %v", cmd, err)
	}
	return reply
}

// TestNumbers counts as big integers do, as long as 64 bits and the bounds hold.
func TestNumbers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, sum := memory.New(), new(big.Int)
		amounts := rapid.OneOf(rapid.Int64(), rapid.Int64Range(-3, 3), rapid.SampledFrom([]int64{math.MinInt64, math.MaxInt64}))
		low, high := big.NewInt(math.MinInt64), big.NewInt(math.MaxInt64)
		cmd := drivers.Command{Op: drivers.OpIncrBy, Key: "n"}
		if rapid.Bool().Draw(t, "bounded") {
			low, high = big.NewInt(-100), big.NewInt(1<<60)
			extra := cmd.OwnExtra()
			extra.Min, extra.Max = low.String(), high.String()
		}
		t.Repeat(map[string]func(*rapid.T){
			"increment": func(t *rapid.T) {
				cmd.Amount = amounts.Draw(t, "amount")
				next := new(big.Int).Add(sum, big.NewInt(cmd.Amount))
				reply := mustDo(t, d, cmd)
				fits := next.Cmp(low) >= 0 && next.Cmp(high) <= 0
				if reply.Nil == fits {
					t.Fatalf("%v + %d: %+v", sum, cmd.Amount, reply)
				}
				if fits {
					sum = next
				}
				if fits && reply.Int != sum.Int64() {
					t.Fatalf("%+v, not %v", reply, sum)
				}
			},
			"": func(t *rapid.T) {
				stored := mustDo(t, d, drivers.Command{Op: drivers.OpGet, Key: "n"})
				if !stored.Nil && stored.Value != sum.String() {
					t.Fatalf("%q, not %v", stored.Value, sum)
				}
			},
		})
	})
}

// TestBitmap holds single bits against a text of zeros and ones.
func TestBitmap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, bits := memory.New(), ""
		offsets := rapid.Int64Range(0, 200)
		bit := rapid.Int64Range(0, 1)
		at := func(offset int64) int64 {
			if offset < int64(len(bits)) {
				return int64(bits[offset] - '0')
			}
			return 0
		}
		t.Repeat(map[string]func(*rapid.T){
			"set": func(t *rapid.T) {
				offset, value := offsets.Draw(t, "offset"), bit.Draw(t, "bit")
				old := mustDo(t, d, drivers.Command{Op: drivers.OpSetBit, Key: "b", Start: offset, Amount: value})
				if old.Int != at(offset) {
					t.Fatalf("bit %d was %d, not %d", offset, at(offset), old.Int)
				}
				if missing := (int(offset)/8+1)*8 - len(bits); missing > 0 {
					bits += strings.Repeat("0", missing)
				}
				bits = bits[:offset] + strconv.FormatInt(value, 10) + bits[offset+1:]
			},
			"get": func(t *rapid.T) {
				offset := offsets.Draw(t, "offset")
				if got := mustDo(t, d, drivers.Command{Op: drivers.OpGetBit, Key: "b", Start: offset}); got.Int != at(offset) {
					t.Fatalf("bit %d is %d, not %d", offset, at(offset), got.Int)
				}
			},
			"count": func(t *rapid.T) {
				from, to := offsets.Draw(t, "from"), offsets.Draw(t, "to")
				want := 0
				if from < int64(len(bits)) && from <= to {
					want = strings.Count(bits[from:min(to+1, int64(len(bits)))], "1")
				}
				if got := mustDo(t, d, drivers.Command{Op: drivers.OpBitCount, Key: "b", Start: from, Stop: to}); got.Int != int64(want) {
					t.Fatalf("%d ones from %d to %d of %s, not %d", got.Int, from, to, bits, want)
				}
			},
			"first": func(t *rapid.T) {
				from, value := offsets.Draw(t, "from"), bit.Draw(t, "bit")
				want := int64(-1)
				if from < int64(len(bits)) {
					if found := strings.IndexByte(bits[from:], byte('0'+value)); found >= 0 {
						want = from + int64(found)
					}
				}
				if bits == "" && value == 0 {
					want = 0 // of an absent key, whatever the range
				}
				if got := mustDo(t, d, drivers.Command{Op: drivers.OpBitPos, Key: "b", Start: from, Stop: -1, Amount: value}); got.Int != want {
					t.Fatalf("the first %d from %d of %s at %d, not %d", value, from, bits, got.Int, want)
				}
			},
			"": func(t *rapid.T) {
				if got := mustDo(t, d, drivers.Command{Op: drivers.OpStrLen, Key: "b"}); got.Int != int64(len(bits)/8) {
					t.Fatalf("%d bytes for %d bits", got.Int, len(bits))
				}
			},
		})
	})
}

// TestHyperLogLog: registers know no order and no repetition, and merging is uniting.
func TestHyperLogLog(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		elements := rapid.SliceOfN(rapid.StringN(0, 12, -1), 0, 400)
		one, other := elements.Draw(t, "one"), elements.Draw(t, "other")
		d := memory.New()
		add := func(key string, elements ...string) {
			for _, element := range elements {
				mustDo(t, d, drivers.Command{Op: drivers.OpPFAdd, Key: key, Values: []string{element}})
			}
		}
		add("one", one...)
		add("other", other...)
		add("both", one...)
		add("both", other...)
		add("both", one...)
		mustDo(t, d, drivers.Command{Op: drivers.OpPFMerge, Key: "merged", Extra: &drivers.Extra{Keys: []string{"other", "one"}}})
		count := func(key string, others ...string) int64 {
			return mustDo(t, d, drivers.Command{Op: drivers.OpPFCount, Key: key, Extra: &drivers.Extra{Keys: others}}).Int
		}
		if together := count("one", "other"); together != count("both") || together != count("merged") {
			t.Fatalf("%d together, %d in one, %d merged", together, count("both"), count("merged"))
		}
		different := map[string]bool{}
		for _, element := range append(one, other...) {
			different[element] = true
		}
		if estimate := float64(count("both")); math.Abs(estimate-float64(len(different))) > 2+0.05*float64(len(different)) {
			t.Fatalf("an estimate of %v for %d", estimate, len(different))
		}
	})
}
