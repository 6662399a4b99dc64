package drivers

import (
	"slices"

	"github.com/kvstore-go/kvstore/drivers/internal/redisvalue"
)

// hashOps are the Ops on hashes.
var hashOps = family{
	{OpHSet, operation{name: "HSET", effect: Writes, keeps: true, checks: checks{checkValues, checkPairs, checkExpiry}, reach: ReachFields, elements: fieldNames}},
	{OpHReplace, operation{name: "HREPLACE", effect: Writes, checks: checks{checkPairs, checkCondition, checkExpiry}, reach: ReachSize}},
	{OpHCompareAndSet, operation{name: "HCOMPAREANDSET", effect: Writes, checks: checks{checkPairs, checkComparison}}},
	{OpHDel, operation{name: "HDEL", effect: Writes, checks: checks{checkValues}, reach: ReachFields, elements: valuesOf}},
	{OpHGet, operation{name: "HGET", reach: ReachFields, elements: valueOf}},
	{OpHMGet, operation{name: "HMGET", checks: checks{checkValues}, reach: ReachFields, elements: valuesOf}},
	{OpHExists, operation{name: "HEXISTS", reach: ReachFields, elements: valueOf}},
	{OpHLen, operation{name: "HLEN", reach: ReachSize}},
	{OpHKeys, operation{name: "HKEYS", unordered: true}},
	{OpHGetAll, operation{name: "HGETALL", unordered: true}},
	{OpHScan, operation{name: "HSCAN", checks: checks{checkCursor}, unordered: true, paged: true}},
	{OpHIncrBy, operation{name: "HINCRBY", effect: Writes, keeps: true, checks: checks{checkIntBounds, checkInitial, checkExpiry}, reach: ReachFields, elements: valueOf}},
	{OpHIncrByFloat, operation{name: "HINCRBYFLOAT", effect: Writes, keeps: true, checks: checks{checkFloatBounds, checkInitial, checkExpiry}, reach: ReachFields, elements: valueOf}},
	{OpHExpire, operation{name: "HEXPIRE", effect: Writes, outside: true, checks: checks{checkValues, checkDeadline, checkFieldDeadline}}},
	{OpHTTL, operation{name: "HTTL", checks: checks{checkValues}, outside: true}},
	{OpHPersist, operation{name: "HPERSIST", effect: Writes, outside: true, checks: checks{checkValues}}},
}

// MaxFieldDeadline is the last moment at which a field can end, in milliseconds since 1970: the year 4199.
const MaxFieldDeadline = 1<<46 - 1

// checkFieldDeadline leaves to the store whether a span of time leads beyond.
func checkFieldDeadline(cmd Command) error { return CheckFieldDeadline(cmd.Expiry.Millis) }

// CheckFieldDeadline refuses an end of a field that is later than one may be, as ErrInvalid.
func CheckFieldDeadline(millis int64) error {
	if millis > MaxFieldDeadline {
		return Errorf(ErrInvalid, "a time that ends after the year 4199")
	}
	return nil
}

// checkInitial refuses what an absent field cannot count as.
func checkInitial(cmd Command) error {
	switch text := cmd.Initial(); {
	case len(cmd.Values) > 1:
		return Errorf(ErrInvalid, "%d numbers to begin with", len(cmd.Values))
	case len(cmd.Values) == 0:
		return nil
	case cmd.Op == OpHIncrBy:
		_, err := ParseInt(text)
		return err
	case !isDecimal(text):
		return Errorf(ErrInvalid, "%.40q is no finite number", text)
	}
	return nil
}

// checkPairs refuses Values that are no fields and values by turns.
func checkPairs(cmd Command) error {
	if len(cmd.Values)%2 != 0 {
		return Errorf(ErrInvalid, "%d values, which are no pairs", len(cmd.Values))
	}
	return nil
}

func checkComparison(cmd Command) error {
	if cmd.Amount < 0 || cmd.Amount%2 != 0 || cmd.Amount > int64(len(cmd.Values)) {
		return Errorf(ErrInvalid, "a comparison of %d of %d values", cmd.Amount, len(cmd.Values))
	}
	return nil
}

// SamePairs reports whether two lists of fields and values by turns have the same
// fields, each with the same value.
func SamePairs(some, others []string) bool {
	values := redisvalue.Fields(some)
	for pair := range slices.Chunk(others, 2) {
		if value, there := values[pair[0]]; !there || value != pair[1] {
			return false
		}
	}
	return len(values) == len(redisvalue.Fields(others))
}

// fieldNames are the fields of pairs.
func fieldNames(cmd Command) []string {
	names := make([]string, 0, len(cmd.Values)/2)
	for pair := range slices.Chunk(cmd.Values, 2) {
		names = append(names, pair[0])
	}
	return names
}

// predictHCompareAndSet looks at the fields that are compared, and whether there are others.
func predictHCompareAndSet(p *predictor, out *Prediction) error {
	expected := p.cmd.Values[:p.cmd.Amount]
	commands := []Command{{Op: OpHLen, Key: p.cmd.Key}}
	if len(expected) > 0 {
		commands = append(commands, Command{Op: OpHMGet, Key: p.cmd.Key, Values: fieldNames(Command{Values: expected})})
	}
	items, err := p.ask(commands...)
	if err != nil {
		return err
	}
	fields := redisvalue.Fields(expected)
	same := items[0].Reply.Int == int64(len(fields))
	for i := 0; same && i < len(expected); i += 2 {
		current := items[1].Reply
		same = current.Ints[i/2] == 1 && current.Values[i/2] == fields[expected[i]]
	}
	if same {
		out.Reply.Int = 1
	}
	out.Nothing = !same
	return nil
}
