package redisvalue_test

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/kvstore-go/kvstore/drivers/internal/redisvalue"
)

func anyBitType(t *rapid.T) redisvalue.BitType {
	signed := rapid.Bool().Draw(t, "signed")
	widest := 63
	if signed {
		widest = 64
	}
	return redisvalue.BitType{
		Width:    uint8(rapid.IntRange(1, widest).Draw(t, "width")),
		Signed:   signed,
		Overflow: redisvalue.Overflow(rapid.IntRange(0, 2).Draw(t, "overflow")),
	}
}

func TestSlotsHoldWhatWasPutAndTouchNothingElse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := anyBitType(t)
		number := rapid.Int64Range(kind.Min(), kind.Max()).Draw(t, "number")
		offset := rapid.Int64Range(0, 200).Draw(t, "offset")
		data := rapid.SliceOfN(rapid.Byte(), 40, 40).Draw(t, "data")
		before := new(big.Int).SetBytes(data)
		kind.Put(data, offset, number)
		if got := kind.Get(data, offset); got != number {
			t.Fatalf("put %d, got %d", number, got)
		}
		// Seen as one big number, only the slot's bits may differ.
		changed := new(big.Int).Xor(before, new(big.Int).SetBytes(data))
		low := len(data)*8 - int(offset) - int(kind.Width)
		if changed.BitLen() > low+int(kind.Width) || changed.Sign() != 0 && int(changed.TrailingZeroBits()) < low {
			t.Fatalf("bits outside the slot changed: %b", changed)
		}
	})
}

func TestManySlotsAreReadAsOneByOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := anyBitType(t)
		offset := rapid.Int64Range(0, 200).Draw(t, "offset")
		data := make([]byte, 100) // bytes that rapid draws are mostly small
		_, _ = rand.NewChaCha8([32]byte{rapid.Byte().Draw(t, "seed")}).Read(data)
		numbers := make([]int64, 900/int(kind.Width)) // beyond the end
		kind.GetAll(data, offset, numbers)
		for i, number := range numbers {
			if want := kind.Get(data, offset+int64(i)*int64(kind.Width)); number != want {
				t.Fatalf("slot %d is %d, not %d", i, number, want)
			}
		}
	})
}

func TestSumsAgreeWithExactArithmetic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := anyBitType(t)
		offset := rapid.Int64Range(0, 200).Draw(t, "offset")
		data := make([]byte, 100)
		_, _ = rand.NewChaCha8([32]byte{rapid.Byte().Draw(t, "seed")}).Read(data)
		if rapid.Bool().Draw(t, "extreme") { // so that it is close whether the sum fits
			for i := range data {
				data[i] = 0xff
			}
		}
		slots := rapid.Int64Range(0, 900/int64(kind.Width)).Draw(t, "slots")
		want := new(big.Int)
		for i := range slots {
			want.Add(want, big.NewInt(kind.Get(data, offset+i*int64(kind.Width))))
		}
		sum, ok := kind.Sum(data, offset, slots)
		if ok != want.IsInt64() || ok && sum != want.Int64() {
			t.Fatalf("the sum is %d (%t), want %d", sum, ok, want)
		}
	})
}

func TestNumbersOfAnyWidthAreReadFromAnyBit(t *testing.T) {
	data := make([]byte, 100)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(data)
	for width := range uint8(64) {
		for offset := range int64(8) {
			kind := redisvalue.BitType{Width: width + 1, Signed: true}
			numbers := make([]int64, (int64(len(data))*8-offset)/int64(kind.Width))
			kind.GetAll(data, offset, numbers)
			want := new(big.Int)
			for i, number := range numbers {
				want.Add(want, big.NewInt(number))
				if alone := kind.Get(data, offset+int64(i)*int64(kind.Width)); number != alone {
					t.Errorf("i%d: slot %d from bit %d is %d among others, %d alone", kind.Width, i, offset, number, alone)
				}
			}
			if sum, ok := kind.Sum(data, offset, int64(len(numbers))); ok != want.IsInt64() || ok && sum != want.Int64() {
				t.Errorf("i%d: the sum from bit %d is %d, want %d", kind.Width, offset, sum, want)
			}
		}
	}
}

func TestSumsMayLeave64BitsOnTheWay(t *testing.T) {
	kind := redisvalue.BitType{Width: 64, Signed: true}
	data := make([]byte, 32)
	for i, number := range []int64{math.MaxInt64, math.MaxInt64, math.MinInt64, -1} {
		kind.Put(data, int64(i)*64, number)
	}
	if sum, ok := kind.Sum(data, 0, 4); !ok || sum != math.MaxInt64-2 {
		t.Errorf("the sum is %d (%t)", sum, ok)
	}
	if _, ok := kind.Sum(data, 0, 2); ok {
		t.Error("2^64-2 fits 64 bits")
	}
	if _, ok := kind.Sum(data, 64, 0); !ok {
		t.Error("nothing does not fit")
	}
}

func TestAdditionAgreesWithExactArithmetic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := anyBitType(t)
		current := rapid.Int64Range(kind.Min(), kind.Max()).Draw(t, "current")
		by := rapid.Int64().Draw(t, "by")
		got, ok := kind.Add(current, by)

		exact := new(big.Int).Add(big.NewInt(current), big.NewInt(by))
		least, most := big.NewInt(kind.Min()), big.NewInt(kind.Max())
		fits := exact.Cmp(least) >= 0 && exact.Cmp(most) <= 0
		want := new(big.Int).Set(exact)
		switch {
		case fits:
		case kind.Overflow == redisvalue.Fail:
			if ok {
				t.Fatalf("%d+%d does not fit and was not refused", current, by)
			}
			return
		case kind.Overflow == redisvalue.Saturate && exact.Cmp(most) > 0:
			want = most
		case kind.Overflow == redisvalue.Saturate:
			want = least
		default:
			size := new(big.Int).Lsh(big.NewInt(1), uint(kind.Width))
			want.Sub(want, least).Mod(want, size).Add(want, least)
		}
		if !ok || want.Cmp(big.NewInt(got)) != 0 {
			t.Fatalf("%d+%d = %d (%t), want %d", current, by, got, ok, want)
		}
	})
}

func TestFitSaturatesAsRedisDoes(t *testing.T) {
	for _, row := range []struct {
		signed       bool
		number, want int64
	}{
		{true, 300, 127}, {true, -300, -128}, {true, math.MinInt64, 127}, {true, math.MaxInt64, 127},
		{false, 300, 255}, {false, -1, 255}, {false, math.MinInt64, 255},
	} {
		kind := redisvalue.BitType{Width: 8, Signed: row.signed, Overflow: redisvalue.Saturate}
		if got, ok := kind.Fit(row.number); !ok || got != row.want {
			t.Errorf("%+v: got %d, %t", row, got, ok)
		}
	}
}
