package oteldriver

import "github.com/kvstore-go/kvstore/drivers"

// outcome is how an operation ended, as metrics tell it: one of a few, whatever there is in the store.
type outcome uint8

const (
	succeeded outcome = iota
	absent
	refused
	conflict
	indeterminate
	timedOut
	canceled
	failed
	outcomes // how many there are
)

func (o outcome) String() string {
	return [...]string{"ok", "absent", "refused", "conflict", "indeterminate", "timeout", "canceled", "error"}[o]
}

// outcomeOf is how a batch without an error ended.
func outcomeOf(b *drivers.Batch) outcome {
	if len(b.Items) != 1 {
		return succeeded
	}
	cmd, reply := &b.Items[0].Command, &b.Items[0].Reply
	switch {
	case (cmd.Op == drivers.OpCompareAndSwap || cmd.Op == drivers.OpHCompareAndSet) && reply.Int == 0:
		return conflict
	case !reply.Nil:
		return succeeded
	case cmd.Op.Effect() != drivers.Writes || cmd.Op.Waits() || cmd.Op == drivers.OpSwap && cmd.If == drivers.Always:
		return absent
	}
	return refused
}
