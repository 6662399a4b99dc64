package redisdriver

import (
	"context"
	"errors"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
)

// batchRequest is an item of a batch under way.
type batchRequest struct {
	request
	item *drivers.Item
}

// doBatch executes a batch, after the commands first. It reports whether something was
// refused in a way that passes by itself: of a plain batch, by one of its items.
func (e *executor) doBatch(ctx context.Context, b *drivers.Batch, first []redis.Cmder) (err error, moving bool) {
	space := workspaceFor(len(b.Items))
	defer space.release()
	if err := e.prepare(ctx, b, space); err != nil {
		b.Fail(err)
		return err, false
	}
	requests := space.requests
	if len(requests) == 0 && len(first) == 0 {
		return nil, false
	}
	commands := append(space.commands, first...)
	for i := range requests {
		if e.importing && !b.Atomic {
			commands = append(commands, asking(ctx))
		}
		commands = append(commands, requests[i].wire())
	}
	if b.Atomic && e.driver.cluster != nil {
		if last := guard(ctx, requests); last != nil {
			commands = append(commands, last)
		}
	}
	pipe := e.conn.Pipeline()
	if b.Atomic {
		pipe = e.conn.TxPipeline()
	}
	_ = pipe.BatchProcess(ctx, commands...) // queues them
	space.commands = commands
	execErr, abandoned := e.exec(ctx, pipe, requests, b.Atomic)
	if abandoned {
		return failAbandoned(ctx, requests), false
	}
	return e.collect(ctx, b, requests, execErr)
}

// asking makes the command that lets a server which is to get a slot execute the next one,
// or the next transaction.
func asking(ctx context.Context) redis.Cmder { return &once{Cmder: redis.NewStatusCmd(ctx, "asking")} }

// prepare makes the requests of a batch. An item that cannot be sent fails alone
// in a plain batch, and fails an atomic one.
func (e *executor) prepare(ctx context.Context, b *drivers.Batch, into *workspace) error {
	sent := map[spelledOut]bool{}
	for i := range b.Items {
		item := &b.Items[i]
		item.Reply, item.Err = drivers.Reply{}, nil
		h, err := e.driver.handlerOf(&item.Command)
		if err == nil && b.Atomic && e.driver.cluster != nil {
			err = sameSlot(b.Items[0].Command.Key, []string{item.Command.Key})
		}
		if err != nil && b.Atomic {
			return err
		}
		if err != nil {
			item.Err = err
			continue
		}
		c := h.callOf(&item.Command)
		e.spellOutFirst(c, item.Command.Key, sent)
		into.requests = append(into.requests, batchRequest{item: item})
		into.requests[len(into.requests)-1].make(ctx, h, c)
	}
	return nil
}

// spelledOut is a script whose text a server gets, that of a slot in a cluster.
type spelledOut struct {
	script *script
	slot   int
}

// spellOutFirst makes the first call of a script in a pipeline one that carries its
// text, as there is no second try inside a pipeline. After it the server knows the script.
func (e *executor) spellOutFirst(c call, key string, sent map[spelledOut]bool) {
	if c.script == nil {
		return
	}
	first := spelledOut{script: c.script}
	if e.driver.cluster != nil {
		first.slot = slotOf(key)
	}
	if !sent[first] {
		sent[first] = true
		c.spellOut()
	}
}

func (e *executor) exec(ctx context.Context, pipe redis.Pipeliner, requests []batchRequest, atomic bool) (err error, abandoned bool) {
	result := make(chan error, 1) // not err itself: an abandoned call must not write what is read here
	var write *once
	for i := 0; write == nil && i < len(requests); i++ {
		write = requests[i].write
	}
	if e.interruptible(ctx, write, func() {
		if e.importing && atomic { // go-redis begins with MULTI, which has to come after it
			_ = e.conn.Process(ctx, asking(ctx)) // the answers to what follows tell
		}
		_, err := pipe.Exec(ctx)
		result <- err
	}) {
		return nil, true
	}
	return <-result, false
}

// failAll gives all items of a batch its error, whatever they had.
func failAll(b *drivers.Batch, err error) {
	for i := range b.Items {
		b.Items[i].Reply, b.Items[i].Err = drivers.Reply{}, err
	}
}

// failAbandoned gives the items of a batch whose context ended first their errors.
func failAbandoned(ctx context.Context, requests []batchRequest) error {
	batchErr := ctx.Err()
	for i := range requests {
		s := &requests[i]
		s.item.Err = s.abandoned(ctx)
		if s.write != nil {
			batchErr = s.item.Err
		}
	}
	return batchErr
}

// collect puts the outcomes into the items and decides what befell the batch.
func (e *executor) collect(ctx context.Context, b *drivers.Batch, requests []batchRequest, execErr error) (batchErr error, moving bool) {
	stampUnread(requests, execErr)
	aborted := b.Atomic && nameCause(requests, execErr)
	var unknown error
	demoted := false
	for i := range requests {
		s := &requests[i]
		raw := s.answer.Err()
		s.item.Reply, s.item.Err = e.driver.outcome(ctx, &s.request, &s.item.Command)
		if raw == nil || s.item.Err == nil {
			continue
		}
		if errors.Is(s.item.Err, errors.ErrUnsupported) {
			unknown = s.item.Err
		}
		lost := errors.Is(s.item.Err, drivers.ErrIndeterminate) // says more than a read's error
		if b.Atomic && isBatchError(raw) && (batchErr == nil || lost) {
			batchErr = s.item.Err
		}
		demoted = demoted || isDemoted(raw)
		moving = moving || e.driver.isTransient(raw)
	}
	switch {
	case b.Atomic && unknown != nil: // which is why nothing was executed
		batchErr = unknown
	case aborted:
		batchErr = requests[0].item.Err
	case batchErr == nil && b.Atomic && isBatchError(execErr):
		batchErr = classify(ctx, execErr, false)
	case batchErr == nil:
		batchErr = plainBatchError(b.Items)
	}
	if demoted || b.Atomic && !aborted && refusesAll(batchErr) { // MULTI was, or EXEC: who knows what state that leaves
		e.dropConnection(ctx)
	}
	return batchErr, moving && (batchErr != nil || !b.Atomic)
}

// plainBatchError is the error of a batch of which nothing was executed.
func plainBatchError(items []drivers.Item) (first error) {
	for i := range items {
		switch err := items[i].Err; {
		case err == nil || isOutcome(err):
			return nil
		case first == nil && !isUnsent(err), errors.Is(err, drivers.ErrIndeterminate): // which says more than a read's error
			first = err
		}
	}
	return first
}

// nameCause reports that a transaction was aborted before it was executed, and gives all of
// its commands the error that it was aborted for: that of the first that was not queued, or
// what EXEC says of it.
func nameCause(requests []batchRequest, execErr error) (aborted bool) {
	cause := execErr
	for i := range requests {
		err := requests[i].answer.Err()
		if redis.IsExecAbortError(err) {
			aborted = true
		} else if err != nil && redis.IsExecAbortError(cause) {
			cause = err
		}
	}
	aborted = aborted || redis.IsExecAbortError(execErr)
	if !aborted {
		return false
	}
	if _, reason, found := strings.Cut(cause.Error(), "EXECABORT Transaction discarded because of: "); found {
		cause = answerLike(redis.TxFailedErr, reason)
	}
	for i := range requests {
		if err := requests[i].answer.Err(); err == nil || redis.IsExecAbortError(err) {
			requests[i].answer.SetErr(cause)
		}
	}
	return true
}

// answerLike makes an error of go-redis's type for answers, which it does not export.
func answerLike[E ~string](_ E, message string) E { return E(message) }

// isOutcome reports an error that the server answered on what it found: the command was executed.
func isOutcome(err error) bool {
	return errors.Is(err, drivers.ErrDuplicate) || errors.Is(err, drivers.ErrIncomplete) || isBad(err) && isAnswer(err)
}

// isUnsent reports the error of a command that nobody was asked to execute.
func isUnsent(err error) bool { return isBad(err) && !isAnswer(err) }

func isBad(err error) bool {
	return errors.Is(err, drivers.ErrWrongType) || errors.Is(err, drivers.ErrInvalid) || errors.Is(err, drivers.ErrCrossSlot)
}

// stampUnread makes sure that an error of Exec that go-redis put on no command is
// not mistaken for success.
func stampUnread(requests []batchRequest, execErr error) {
	if execErr == nil {
		return
	}
	for i := range requests {
		if requests[i].answer.Err() != nil {
			return
		}
	}
	for i := range requests {
		requests[i].answer.SetErr(execErr)
	}
}

// isBatchError reports whether an error says that a transaction as a whole did not
// run or has an unknown outcome.
func isBatchError(err error) bool {
	if !isAnswer(err) {
		return err != nil
	}
	return errors.Is(err, redis.TxFailedErr) || redis.IsExecAbortError(err) || redis.IsLoadingError(err) || redis.IsAuthError(err) ||
		isRedirection(err)
}

// refusesAll reports an answer by which the server refuses anything.
func refusesAll(err error) bool {
	return isAnswer(err) && (errors.Is(err, drivers.ErrUnavailable) || errors.Is(err, drivers.ErrDenied))
}

// dropConnection makes the connection of a transaction leave go-redis's pool, or else the one
// that was used last. By itself go-redis keeps one that answered within a pipeline that its
// server is no master any more, though another stands at the address meanwhile.
func (e *executor) dropConnection(ctx context.Context) {
	if e.conn == connection(e.driver.client) && e.driver.cluster != nil {
		return // whose clients see to it, and have a pool for each server
	}
	e.interruptible(ctx, nil, func() {
		pipe := e.conn.Pipeline()
		_ = pipe.Process(ctx, redis.NewCmd(ctx, "ping", unsendable{}))
		_, _ = pipe.Exec(ctx)
	})
}

// unsendable is an argument that cannot be sent, which costs a connection its place in the pool.
type unsendable struct{}

var errUnsendable = errors.New("redisdriver: the connection is to be dropped")

func (unsendable) MarshalBinary() ([]byte, error) { return nil, errUnsendable }
