package memory

import "github.com/kvstore-go/kvstore/drivers"

// operation is how the driver executes an Op. It has either read or write.
type operation struct {
	// check refuses arguments before anything is locked.
	check func(cmd drivers.Command) error
	// read answers from the entry of cmd.Key, nil if there is none. It runs under
	// a read lock; now is known only for an entry with a deadline.
	read func(e *entry, now int64, cmd drivers.Command) (drivers.Reply, error)
	// write may look up and change the keys of cmd.
	write func(ks keyspace, cmd drivers.Command) (drivers.Reply, error)
	// several says that write looks at cmd.Keys too. If its Op only Reads, so does write.
	several bool
}

// table says how each Op is executed. The listing Ops are in scan.go.
var table = []operation{
	drivers.OpExists:    {read: exists},
	drivers.OpDelete:    {write: del},
	drivers.OpTTL:       {read: ttl},
	drivers.OpExpire:    {check: checkDeadline, write: expire},
	drivers.OpPersist:   {write: persist},
	drivers.OpReconcile: {write: reconcile, several: true},

	drivers.OpGet:            {read: get},
	drivers.OpSet:            {check: all(checkValue, checkCondition, checkExpiry), write: set},
	drivers.OpSwap:           {check: all(checkValue, checkCondition, checkExpiry), write: swap},
	drivers.OpCompareAndSwap: {check: all(checkValue, checkExpiry), write: compareAndSwap},
	drivers.OpAppend:         {check: all(checkValue, checkExpiry), write: appendValue},
	drivers.OpStrLen:         {read: strLen},

	drivers.OpBitGet:       {check: checkSlot, read: bitGet},
	drivers.OpBitSet:       {check: all(checkSlot, checkExpiry), write: bitSet},
	drivers.OpBitIncrement: {check: all(checkSlot, checkExpiry), write: bitIncrement},
	drivers.OpBitRange:     {check: checkSlots, read: bitRange},

	drivers.OpSAdd:        {check: all(checkValues, checkExpiry), write: sAdd},
	drivers.OpSRem:        {check: checkValues, write: sRem},
	drivers.OpSReplace:    {check: all(checkCondition, checkExpiry), write: sReplace},
	drivers.OpSIsMember:   {read: sIsMember},
	drivers.OpSCard:       {read: sCard},
	drivers.OpSMembers:    {read: sMembers},
	drivers.OpSScan:       {check: checkCursor, read: sScan},
	drivers.OpSPop:        {check: checkCount, write: sPop},
	drivers.OpSRandMember: {check: checkSample, read: sRandMember},
	drivers.OpSMove:       {check: all(checkDestination, checkExpiry), write: sMove, several: true},
	drivers.OpSInter:      {write: sInter, several: true},
	drivers.OpSUnion:      {write: sUnion, several: true},
	drivers.OpSDiff:       {write: sDiff, several: true},

	drivers.OpHGet:  {read: hGet},
	drivers.OpHLen:  {read: hLen},
	drivers.OpHScan: {check: checkCursor, read: hScan},

	drivers.OpZScore:      {read: zScore},
	drivers.OpZLexCount:   {check: drivers.CheckLex, read: zLexCount},
	drivers.OpZRangeByLex: {check: drivers.CheckLex, read: zRangeByLex},
}

// operationOf is how to execute cmd, or why its arguments are refused.
func operationOf(cmd *drivers.Command) (*operation, error) {
	if int(cmd.Op) >= len(table) || table[cmd.Op].read == nil && table[cmd.Op].write == nil {
		if cmd.Op.Effect() == drivers.Lists {
			return nil, drivers.Errorf(drivers.ErrInvalid, "%v is executed by Scan", cmd.Op)
		}
		return nil, drivers.Errorf(drivers.ErrInvalid, "unknown operation %v", cmd.Op)
	}
	op := &table[cmd.Op]
	if len(cmd.Indexes) > 0 {
		if err := drivers.CheckIndexes(*cmd); err != nil {
			return nil, err
		}
	}
	if op.check != nil {
		if err := op.check(*cmd); err != nil {
			return nil, err
		}
	}
	return op, nil
}

// all is the check that makes each of checks in turn.
func all(checks ...func(drivers.Command) error) func(drivers.Command) error {
	return func(cmd drivers.Command) error {
		for _, check := range checks {
			if err := check(cmd); err != nil {
				return err
			}
		}
		return nil
	}
}

func checkExpiry(cmd drivers.Command) error { return cmd.Expiry.Check() }

func checkCondition(cmd drivers.Command) error {
	if cmd.If > drivers.IfExists {
		return drivers.Errorf(drivers.ErrInvalid, "unknown condition %d", cmd.If)
	}
	return nil
}
