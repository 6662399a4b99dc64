package drivers

import "slices"

// hashOps are the Ops on hashes.
var hashOps = family{
	OpHSet:           {"HSET", Writes, all(checkValues, checkPairs, checkExpiry), predictHSet},
	OpHReplace:       {"HREPLACE", Writes, all(checkPairs, checkCondition, checkExpiry), predictHReplace},
	OpHCompareAndSet: {"HCOMPAREANDSET", Writes, all(checkPairs, checkComparison), predictHCompareAndSet},
	OpHDel:           {"HDEL", Writes, checkValues, predictHDel},
	OpHGet:           {"HGET", Reads, nil, nil},
	OpHMGet:          {"HMGET", Reads, checkValues, nil},
	OpHExists:        {"HEXISTS", Reads, nil, nil},
	OpHLen:           {"HLEN", Reads, nil, nil},
	OpHKeys:          {"HKEYS", Reads, nil, nil},
	OpHGetAll:        {"HGETALL", Reads, nil, nil},
	OpHScan:          {"HSCAN", Reads, checkCursor, nil},
	OpHIncrBy:        {"HINCRBY", Writes, all(checkIntBounds, checkExpiry), predictHIncrBy},
	OpHIncrByFloat:   {"HINCRBYFLOAT", Writes, all(checkFloatBounds, checkExpiry), predictHIncrByFloat},
	OpHExpire:        {"HEXPIRE", Writes, all(checkValues, checkDeadline), nil},
	OpHTTL:           {"HTTL", Reads, checkValues, nil},
	OpHPersist:       {"HPERSIST", Writes, checkValues, nil},
}

// checkPairs refuses Values that are no fields and values by turns.
func checkPairs(cmd Command) error {
	if len(cmd.Values)%2 != 0 {
		return Errorf(ErrInvalid, "%v of %d values, which are no pairs", cmd.Op, len(cmd.Values))
	}
	return nil
}

func checkComparison(cmd Command) error {
	if cmd.Amount < 0 || cmd.Amount%2 != 0 || cmd.Amount > int64(len(cmd.Values)) {
		return Errorf(ErrInvalid, "%v that compares %d of %d values", cmd.Op, cmd.Amount, len(cmd.Values))
	}
	return nil
}

// SamePairs reports whether two lists of fields and values by turns have the same
// fields, each with the same value.
func SamePairs(some, others []string) bool {
	values := fieldsOf(some)
	for pair := range slices.Chunk(others, 2) {
		if value, there := values[pair[0]]; !there || value != pair[1] {
			return false
		}
	}
	return len(values) == len(fieldsOf(others))
}

// fieldsOf are the fields of pairs with their values, of which the last counts.
func fieldsOf(pairs []string) map[string]string {
	fields := make(map[string]string, len(pairs)/2)
	for pair := range slices.Chunk(pairs, 2) {
		fields[pair[0]] = pair[1]
	}
	return fields
}

// predictHSet counts the fields that a hash does not have yet.
func predictHSet(p *predictor, out *Prediction) error {
	fields := make([]string, 0, len(p.cmd.Values)/2)
	for field := range fieldsOf(p.cmd.Values) {
		fields = append(fields, field)
	}
	there, err := p.fieldsThere(fields)
	out.Reply.Int = int64(len(fields)) - there
	return err
}

func predictHDel(p *predictor, out *Prediction) (err error) {
	var fields []string
	for field := range distinct(p.cmd.Values) {
		fields = append(fields, field)
	}
	out.Reply.Int, err = p.fieldsThere(fields)
	return err
}

// fieldsThere counts which of fields a hash has.
func (p *predictor) fieldsThere(fields []string) (there int64, err error) {
	items, err := p.ask(Command{Op: OpHMGet, Key: p.cmd.Key, Values: fields})
	if err != nil {
		return 0, err
	}
	for _, one := range items[0].Reply.Ints {
		there += one
	}
	return there, nil
}

func predictHReplace(p *predictor, out *Prediction) error {
	size, err := p.one(OpHLen)
	out.Reply = Reply{Int: int64(len(fieldsOf(p.cmd.Values)))}
	if p.cmd.If.Refuses(size.Int > 0) {
		out.Reply = Reply{Nil: true}
	}
	return err
}

func predictHCompareAndSet(p *predictor, out *Prediction) error {
	current, err := p.one(OpHGetAll)
	if err == nil && SamePairs(current.Values, p.cmd.Values[:p.cmd.Amount]) {
		out.Reply.Int = 1
	}
	return err
}

func predictHIncrBy(p *predictor, out *Prediction) error {
	return p.increment(out, p.cmd.AddInt)
}

func predictHIncrByFloat(p *predictor, out *Prediction) error {
	return p.increment(out, p.cmd.AddFloat)
}

// increment works out what add makes of the number in a field.
func (p *predictor) increment(out *Prediction, add func(text string, there bool) (Reply, error)) error {
	items, err := p.ask(Command{Op: OpHGet, Key: p.cmd.Key, Value: p.cmd.Value})
	if err != nil {
		return err
	}
	current := items[0].Reply
	out.Reply, err = add(current.Value, !current.Nil)
	return err
}
