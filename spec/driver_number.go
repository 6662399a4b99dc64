package spec

import (
	"fmt"
	"math"

	"github.com/kvstore-go/kvstore/drivers"
)

func incrBy(amount int64) drivers.Command {
	return drivers.Command{Op: drivers.OpIncrBy, Key: "k", Amount: amount}
}

func incrByFloat(amount string) drivers.Command {
	return drivers.Command{Op: drivers.OpIncrByFloat, Key: "k", Value: amount}
}

func within(cmd drivers.Command, low, high string) drivers.Command {
	extra := cmd.OwnExtra()
	extra.Min, extra.Max = low, high
	return cmd
}

// numberExamples work on strings that spell numbers.
func numberExamples() []example {
	seven := kind{stringKind.name, put("k", "7")}
	return []example{
		{incrBy(5), seven, "Amount Min Max Expiry"},
		{incrByFloat("0.5"), seven, "Value Min Max Expiry"},
	}
}

func numberChecks(Harness) []check {
	refused := drivers.Reply{Nil: true}
	checks := rows(
		row{says: "starts from 0", when: incrBy(5), want: drivers.Reply{Int: 5}, then: then{"k": holds("5")}},
		row{says: "adds", given: given(put("k", "7")), when: incrBy(5), want: drivers.Reply{Int: 12}, then: then{"k": holds("12")}},
		row{says: "subtracts", given: given(put("k", "7")), when: incrBy(-9), want: drivers.Reply{Int: -2}, then: then{"k": holds("-2")}},
		row{says: "keeps the time to live (row 5)", given: given(putFor(hour, "k", "7")), when: incrBy(1), want: drivers.Reply{Int: 8}, then: then{"k": holds("8").kept()}},
		row{says: "starts a time to live", when: expiring(in(hour), incrBy(1)), want: drivers.Reply{Int: 1}, then: then{"k": holds("1").lasting(hour)}},
		row{says: "leaves a time to live that runs", given: given(putFor(hour, "k", "7")), when: expiring(in(3*hour), incrBy(1)), want: drivers.Reply{Int: 8}, then: then{"k": holds("8").kept()}},
		row{says: "counts to the greatest number", given: given(put("k", "9223372036854775806")), when: incrBy(1), want: drivers.Reply{Int: math.MaxInt64}, then: then{"k": holds("9223372036854775807")}},
		row{says: "is Nil beyond the greatest number (row 10)", given: given(putFor(hour, "k", "9223372036854775807")), when: incrBy(1), want: refused},
		row{says: "is Nil below the least number (row 10)", given: given(put("k", "-9223372036854775808")), when: incrBy(-1), want: refused},
		row{says: "is Nil for the sum of the least numbers (row 10)", given: given(put("k", "-9223372036854775808")), when: incrBy(math.MinInt64), want: refused},
		row{says: "is Nil beyond the greatest number, with a time to live", given: given(put("k", "9223372036854775807")), when: expiring(in(hour), incrBy(1)), want: refused},
		row{says: "keeps to bounds", given: given(put("k", "7")), when: within(incrBy(3), "0", "10"), want: drivers.Reply{Int: 10}, then: then{"k": holds("10")}},
		row{says: "is Nil above the upper bound", given: given(putFor(hour, "k", "7")), when: within(incrBy(4), "0", "10"), want: refused},
		row{says: "is Nil below the lower bound", given: given(put("k", "7")), when: within(incrBy(-8), "0", ""), want: refused},
		row{says: "is Nil above a negative bound", given: given(put("k", "-17")), when: within(incrBy(10), "-100", "-10"), want: refused},
		row{says: "compares negative numbers", given: given(put("k", "-17")), when: within(incrBy(-10), "-100", "-10"), want: drivers.Reply{Int: -27}, then: then{"k": holds("-27")}},
		row{says: "makes no key that would be out of bounds", when: within(incrBy(1), "5", ""), want: refused},
		row{says: "tells numbers apart that a float cannot", given: given(put("k", "9007199254740992")), when: within(incrBy(1), "", "9007199254740992"), want: refused},
		row{says: "answers numbers that a float cannot hold", given: given(put("k", "9007199254740992")), when: within(incrBy(1), "0", ""), want: drivers.Reply{Int: 9007199254740993}, then: then{"k": holds("9007199254740993")}},
		row{says: "adds the least number within bounds", when: within(incrBy(math.MinInt64), "-9223372036854775808", "0"), want: drivers.Reply{Int: math.MinInt64}, then: then{"k": holds("-9223372036854775808")}},
		row{says: "is Nil below a bound and the least number", given: given(put("k", "-1")), when: within(incrBy(math.MinInt64), "-9223372036854775808", "0"), want: refused},
		row{says: "is Nil above a bound and the greatest number", given: given(put("k", "1")), when: within(incrBy(math.MaxInt64), "0", "9223372036854775807"), want: refused},
		row{says: "is ErrCorrupt for what is beyond 64 bits, with bounds", given: given(put("k", "9223372036854775808")), when: within(incrBy(1), "0", "5"), err: drivers.ErrCorrupt},
		row{says: "is ErrInvalid with a bound that is no integer", given: given(put("k", "7")), when: within(incrBy(1), "1.5", ""), err: drivers.ErrInvalid},

		row{says: "starts from 0", when: incrByFloat("0.5"), want: drivers.Reply{Value: "0.5"}, then: then{"k": holds("0.5")}},
		row{says: "adds without a rounding error that shows (row 11)", given: given(put("k", "0.1")), when: incrByFloat("0.2"), want: drivers.Reply{Value: "0.3"}, then: then{"k": holds("0.3")}},
		row{says: "reads and writes exponents", given: given(put("k", "5.0e3")), when: incrByFloat("2.0e2"), want: drivers.Reply{Value: "5200"}, then: then{"k": holds("5200")}},
		row{says: "adds a hexadecimal number", given: given(put("k", "1")), when: incrByFloat("0x10"), want: drivers.Reply{Value: "17"}, then: then{"k": holds("17")}},
		row{says: "adds a hexadecimal number with an exponent, within bounds", given: given(put("k", "1")), when: within(incrByFloat("-0x1p-3"), "0", "1"), want: drivers.Reply{Value: "0.875"}, then: then{"k": holds("0.875")}},
		row{says: "writes 17 places (row 11)", given: given(put("k", "3")), when: incrByFloat("1.000000000000000005"), want: drivers.Reply{Value: "4.00000000000000001"}, then: then{"k": holds("4.00000000000000001")}},
		row{says: "writes no -0", given: given(put("k", "-0.5")), when: incrByFloat("0.5"), want: drivers.Reply{Value: "0"}, then: then{"k": holds("0")}},
		row{says: "keeps the time to live (row 5)", given: given(putFor(hour, "k", "7")), when: incrByFloat("1"), want: drivers.Reply{Value: "8"}, then: then{"k": holds("8").kept()}},
		row{says: "starts a time to live", when: expiring(in(hour), incrByFloat("1")), want: drivers.Reply{Value: "1"}, then: then{"k": holds("1").lasting(hour)}},
		row{says: "is Nil where the sum is infinite (row 11)", given: given(put("k", "inf")), when: incrByFloat("1"), want: refused},
		row{says: "keeps to bounds", given: given(put("k", "0.1")), when: within(incrByFloat("0.2"), "", "0.3"), want: drivers.Reply{Value: "0.3"}, then: then{"k": holds("0.3")}},
		row{says: "is Nil above the upper bound", given: given(putFor(hour, "k", "0.1")), when: within(incrByFloat("0.3"), "", "0.3"), want: refused},
		row{says: "is Nil below the lower bound", when: within(incrByFloat("-0.3"), "0", ""), want: refused},
	)
	for _, text := range []string{"01", "+1", "-0", " 1", "1 ", "", "1.0", "x", "9223372036854775808", "0x1"} {
		checks = append(checks, rows(
			row{says: fmt.Sprintf("is ErrCorrupt for %q (row 9)", text), given: given(putFor(hour, "k", text)), when: incrBy(1), err: drivers.ErrCorrupt},
			row{says: fmt.Sprintf("is ErrCorrupt for %q, with bounds (row 9)", text), given: given(putFor(hour, "k", text)), when: within(incrBy(1), "0", ""), err: drivers.ErrCorrupt})...)
	}
	for _, text := range []string{"x", "", " 1", "1 ", "1e", "nan", "1_0", "1p3", "0b1", "--1", "1e5000"} {
		checks = append(checks, rows(row{says: fmt.Sprintf("is ErrCorrupt for %q", text), given: given(putFor(hour, "k", text)), when: incrByFloat("1"), err: drivers.ErrCorrupt})...)
	}
	for _, amount := range []string{"", "x", "nan", "inf", "-inf", "1e400", "0x", "0x_1"} {
		checks = append(checks, rows(row{says: fmt.Sprintf("is ErrInvalid for an increment of %q", amount), given: given(put("k", "1")), when: incrByFloat(amount), err: drivers.ErrInvalid})...)
	}
	return checks
}
