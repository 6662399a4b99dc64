package redisdriver

import (
	"slices"

	"github.com/kvstore-go/kvstore/drivers"
)

// operation is how an Op is executed. Single commands, batches and transactions
// all work from the table of operations.
type operation struct {
	// args makes the arguments to send. They must not refer to the command's
	// slices, which are the caller's again when a context ends.
	args func(cmd drivers.Command) []any
	// reply is the type of the answer.
	reply shape
	// check refuses what would be malformed, before anything is sent; nil if nothing can be.
	check func(cmd drivers.Command) error
	// keys are those besides Key; nil if there are none.
	keys func(cmd drivers.Command) []string

	writes bool // set from the Op's effect
}

// operations has one line for each Op that Do executes.
var operations = withEffects(map[drivers.Op]operation{
	drivers.OpExists:    {args: plain("exists"), reply: integer},
	drivers.OpDelete:    {args: plain("unlink"), reply: integer},
	drivers.OpTTL:       {args: plain("pttl"), reply: timeToLive},
	drivers.OpExpire:    {args: expireArgs, reply: integer, check: checkExpire},
	drivers.OpPersist:   {args: plain("persist"), reply: integer},
	drivers.OpReconcile: {args: withKeys("exists"), reply: presence, keys: otherKeys},

	drivers.OpGet:            {args: plain("get"), reply: text},
	drivers.OpSet:            {args: setArgs, reply: done, check: checkSet},
	drivers.OpSwap:           {args: swapArgs, reply: text, check: checkSet},
	drivers.OpCompareAndSwap: {args: compareAndSwapArgs, reply: integer, check: checkValue},
	drivers.OpAppend:         {args: appendArgs, reply: integer, check: checkValue},
	drivers.OpStrLen:         {args: plain("strlen"), reply: integer},

	drivers.OpBitGet:       {args: bitGetArgs, reply: number, check: checkSlot},
	drivers.OpBitSet:       {args: bitChangeArgs("SET"), reply: number, check: checkSlotChange},
	drivers.OpBitIncrement: {args: bitChangeArgs("INCRBY"), reply: number, check: checkSlotChange},
	drivers.OpBitRange:     {args: bitRangeArgs, reply: numbers, check: checkSlots},

	drivers.OpSAdd:        {args: setAddArgs, reply: integer, check: checkSetAdd},
	drivers.OpSRem:        {args: setRemoveArgs, reply: integer, check: checkMembers},
	drivers.OpSReplace:    {args: setReplaceArgs, reply: integer, check: checkSetReplace},
	drivers.OpSIsMember:   {args: withValue("sismember"), reply: integer},
	drivers.OpSCard:       {args: plain("scard"), reply: integer},
	drivers.OpSMembers:    {args: plain("smembers"), reply: texts},
	drivers.OpSScan:       {args: scanArgs("sscan"), reply: page, check: checkCursor},
	drivers.OpSPop:        {args: withAmount("spop"), reply: texts, check: checkPop},
	drivers.OpSRandMember: {args: withAmount("srandmember"), reply: texts, check: checkRandom},
	drivers.OpSMove:       {args: moveArgs, reply: integer, check: checkMove, keys: destination},
	drivers.OpSInter:      {args: withKeys("sinter"), reply: texts, keys: otherKeys},
	drivers.OpSUnion:      {args: withKeys("sunion"), reply: texts, keys: otherKeys},
	drivers.OpSDiff:       {args: withKeys("sdiff"), reply: texts, keys: otherKeys},

	drivers.OpHGet:  {args: withValue("hget"), reply: text},
	drivers.OpHLen:  {args: plain("hlen"), reply: integer},
	drivers.OpHScan: {args: scanArgs("hscan"), reply: page, check: checkCursor},

	drivers.OpZScore:      {args: withValue("zscore"), reply: text},
	drivers.OpZLexCount:   {args: lexCountArgs, reply: integer, check: drivers.CheckLex},
	drivers.OpZRangeByLex: {args: rangeByLexArgs, reply: texts, check: drivers.CheckLex},
})

// withEffects makes the table an array, as Ops are small numbers, and notes what writes.
func withEffects(table map[drivers.Op]operation) [256]operation {
	var all [256]operation
	for op, operation := range table {
		operation.writes = op.Effect() == drivers.Writes
		all[op] = operation
	}
	return all
}

// operationOf finds the operation of a command that can be sent.
func (d *Driver) operationOf(cmd drivers.Command) (*operation, error) {
	op := &operations[cmd.Op]
	if op.args == nil {
		return nil, drivers.Errorf(drivers.ErrInvalid, "%v is not an operation of Do", cmd.Op)
	}
	if op.check != nil {
		if err := op.check(cmd); err != nil {
			return nil, err
		}
	}
	if len(cmd.Indexes) > 0 {
		if err := drivers.CheckIndexes(cmd); err != nil {
			return nil, err
		}
	}
	if d.cluster != nil {
		return op, sameSlot(cmd.Key, op.otherKeys(cmd))
	}
	return op, nil
}

// arguments are what is sent of a command.
func (op *operation) arguments(cmd drivers.Command) []any {
	args := op.args(cmd)
	if len(cmd.Indexes) > 0 {
		args = withIndexes(op, cmd, args)
	}
	return args
}

// otherKeys are the keys of a command besides Key that have to lie in its slot.
func (op *operation) otherKeys(cmd drivers.Command) []string {
	var keys []string
	if op.keys != nil {
		keys = op.keys(cmd)
	}
	for i := range cmd.Indexes { // the indexes share the registry's hash tag, if it has one
		keys = append(slices.Clip(keys), cmd.Indexes[i].Registry)
	}
	return keys
}

// plain is the command name with nothing but the key.
func plain(name any) func(drivers.Command) []any {
	return func(cmd drivers.Command) []any { return []any{name, cmd.Key} }
}

// withValue is the command name with the key and one value, a member or a field.
func withValue(name any) func(drivers.Command) []any {
	return func(cmd drivers.Command) []any { return []any{name, cmd.Key, cmd.Value} }
}

func otherKeys(cmd drivers.Command) []string { return cmd.Keys }

// appendStrings appends copies of values to args. Pointers into one copied slice
// save go-redis's []any an allocation for each value.
func appendStrings(args []any, values []string) []any {
	own := append(make([]string, 0, len(values)), values...)
	for i := range own {
		args = append(args, &own[i])
	}
	return args
}
