package oteldriver

import "github.com/kvstore-go/kvstore/drivers"

// outcome is what became of a command or a batch; OutcomeKey says what the words mean.
type outcome string

const (
	ok            outcome = "ok"
	absent        outcome = "absent"
	refused       outcome = "refused"
	conflict      outcome = "conflict"
	indeterminate outcome = "indeterminate"
	unreachable   outcome = "unavailable"
	cancelled     outcome = "cancelled"
	failed        outcome = "error"
)

// result is the outcome, with the class of what failed.
type result struct {
	outcome outcome
	class   class // the zero class where nothing did
}

// resultOf is that of a call that returned, and how many commands failed.
func resultOf(b *drivers.Batch, err error) (r result, failures int) {
	for i := range b.Items {
		if itemErr := b.Items[i].Err; itemErr != nil {
			if failures++; err == nil {
				err = itemErr
			}
		}
	}
	switch {
	case err != nil:
		class := classOf(err)
		return result{class.outcome, class}, failures
	case len(b.Items) == 1:
		return result{outcome: answered(&b.Items[0])}, 0
	}
	return result{outcome: ok}, 0
}

// answered is the outcome of a command that did not fail.
func answered(item *drivers.Item) outcome {
	switch op := item.Command.Op; op {
	case drivers.OpCompareAndSwap, drivers.OpHCompareAndSet:
		if item.Reply.Int == 0 {
			return conflict
		}
	case drivers.OpSwap, drivers.OpXClaim, drivers.OpXAutoClaim:
		if item.Reply.Nil {
			return absent
		}
	default:
		switch {
		case !item.Reply.Nil:
		case op.Effect() == drivers.Writes && !op.Waits():
			return refused
		default:
			return absent
		}
	}
	return ok
}
