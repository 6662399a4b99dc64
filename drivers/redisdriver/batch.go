package redisdriver

import (
	"context"
	"errors"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
)

// sending is an item of a batch under way.
type sending struct {
	request
	item *drivers.Item
}

// doBatch executes a batch, with lead in front of it unless that is nil.
func (e *executor) doBatch(ctx context.Context, b *drivers.Batch, lead redis.Cmder) error {
	sendings, err := e.prepare(ctx, b)
	if err != nil {
		b.Fail(err)
		return err
	}
	if len(sendings) == 0 {
		return nil
	}
	pipe := e.conn.Pipeline()
	if b.Atomic {
		pipe = e.conn.TxPipeline()
	}
	if lead != nil {
		_ = pipe.Process(ctx, lead) // queues it
	}
	for i := range sendings {
		_ = pipe.Process(ctx, sendings[i].wire())
	}
	execErr, abandoned := e.exec(ctx, pipe, sendings)
	if abandoned {
		return failAbandoned(ctx, sendings)
	}
	return e.collect(ctx, b, sendings, execErr)
}

// prepare makes the requests of a batch. An item that cannot be sent fails alone
// in a plain batch, and fails an atomic one.
func (e *executor) prepare(ctx context.Context, b *drivers.Batch) ([]sending, error) {
	sendings := make([]sending, 0, len(b.Items))
	sent := map[spelledOut]bool{}
	for i := range b.Items {
		item := &b.Items[i]
		item.Reply, item.Err = drivers.Reply{}, nil
		op, err := e.driver.operationOf(item.Command)
		if err == nil && b.Atomic && e.driver.cluster != nil {
			err = sameSlot(b.Items[0].Command.Key, []string{item.Command.Key})
		}
		if err != nil && b.Atomic {
			return nil, err
		}
		if err != nil {
			item.Err = err
			continue
		}
		args := op.arguments(item.Command)
		e.spellOutFirst(args, item.Command.Key, sent)
		sendings = append(sendings, sending{newRequest(ctx, op, item.Command, args), item})
	}
	return sendings, nil
}

// spelledOut is a script whose text a server gets, that of a slot in a cluster.
type spelledOut struct {
	script any
	slot   int
}

// spellOutFirst makes the first call of a script in a pipeline one that carries its
// text, as there is no second try inside a pipeline. After it the server knows the script.
func (e *executor) spellOutFirst(args []any, key string, sent map[spelledOut]bool) {
	if args[0] != "evalsha" {
		return
	}
	first := spelledOut{script: args[1]}
	if e.driver.cluster != nil {
		first.slot = slotOf(key)
	}
	if !sent[first] {
		sent[first] = true
		spellOut(args)
	}
}

func (e *executor) exec(ctx context.Context, pipe redis.Pipeliner, sendings []sending) (err error, abandoned bool) {
	result := make(chan error, 1) // not err itself: an abandoned call must not write what is read here
	var write *once
	for i := 0; write == nil && i < len(sendings); i++ {
		write = sendings[i].write
	}
	if e.interruptible(ctx, write, func() {
		_, err := pipe.Exec(ctx)
		result <- err
	}) {
		return nil, true
	}
	return <-result, false
}

// failAbandoned gives the items of a batch whose context ended first their errors.
func failAbandoned(ctx context.Context, sendings []sending) error {
	whole := ctx.Err()
	for i := range sendings {
		s := &sendings[i]
		s.item.Err = s.abandoned(ctx)
		if s.write != nil {
			whole = s.item.Err
		}
	}
	return whole
}

// collect puts the outcomes into the items and decides what befell the batch.
func (e *executor) collect(ctx context.Context, b *drivers.Batch, sendings []sending, execErr error) error {
	stampUnread(sendings, execErr)
	executed := false
	var whole, first, unknown error
	for i := range sendings {
		s := &sendings[i]
		raw := s.answer.Err()
		s.item.Reply, s.item.Err = e.driver.outcome(ctx, &s.request, s.item.Command)
		if s.item.Err == nil || isOutcome(s.item.Err) {
			executed = true
			continue
		}
		if errors.Is(s.item.Err, errors.ErrUnsupported) {
			unknown = s.item.Err
		}
		lost := errors.Is(s.item.Err, drivers.ErrIndeterminate) // says more than a read's error
		if first == nil || lost {
			first = s.item.Err
		}
		if isOfWhole(raw) && (whole == nil || lost) {
			whole = s.item.Err
		}
	}
	switch {
	case b.Atomic && unknown != nil: // which is why nothing was executed
		return unknown
	case b.Atomic && whole == nil && isOfWhole(execErr):
		return classify(ctx, execErr, false)
	case b.Atomic && whole != nil:
		return whole
	case !executed:
		return first
	}
	return nil
}

// isOutcome reports an error that the server answered on what it found: the command was executed.
func isOutcome(err error) bool {
	return errors.Is(err, drivers.ErrWrongType) || errors.Is(err, drivers.ErrInvalid) || errors.Is(err, drivers.ErrDuplicate)
}

// stampUnread makes sure that an error of Exec that go-redis put on no command is
// not mistaken for success.
func stampUnread(sendings []sending, execErr error) {
	if execErr == nil {
		return
	}
	for i := range sendings {
		if sendings[i].answer.Err() != nil {
			return
		}
	}
	for i := range sendings {
		sendings[i].answer.SetErr(execErr)
	}
}

// isOfWhole reports whether an error says that a transaction as a whole did not
// run or has an unknown outcome.
func isOfWhole(err error) bool {
	var answer redis.Error
	if !errors.As(err, &answer) {
		return err != nil
	}
	return errors.Is(err, redis.TxFailedErr) || redis.IsExecAbortError(err) || redis.IsLoadingError(err) || redis.IsAuthError(err)
}
