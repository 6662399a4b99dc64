package redisdriver

import (
	"context"
	"errors"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
)

// classify makes go-redis's error one of the contract's. mayBeSent says that it
// is that of a write which may have reached the server.
func classify(ctx context.Context, err error, mayBeSent bool) error {
	var answer redis.Error
	switch {
	case errors.As(err, &answer):
		return classifyAnswer(err, answer.Error())
	case errors.Is(err, redis.ErrClosed):
		return drivers.Join(drivers.ErrClosed, err)
	}
	lost, end := mayBeSent && !isFromBeforeSending(err), endOf(ctx, err)
	switch {
	case lost && end != nil:
		return drivers.Join(drivers.ErrIndeterminate, end)
	case lost:
		return drivers.Join(drivers.ErrIndeterminate, err)
	case end != nil:
		return end
	}
	return drivers.Join(drivers.ErrUnavailable, err)
}

// What lua/index_before.lua answers.
const (
	duplicatePrefix  = "DUPLICATE "
	incompletePrefix = "INCOMPLETE " // and the key of an index
)

// duplicate reads what lua/index_before.lua answers: the length of the index's key, the
// key, and the holder.
func duplicate(message string) error {
	length, rest, _ := strings.Cut(strings.TrimPrefix(message, duplicatePrefix), " ")
	size, err := strconv.Atoi(length)
	if err != nil || size < 0 || size >= len(rest) {
		return drivers.Errorf(drivers.ErrDuplicate, "%s", message)
	}
	return &drivers.DuplicateError{Index: rest[:size], Holder: rest[size+1:]}
}

// endOf is the error of a context that ended, or that go-redis found ended an
// instant before its own timer did.
func endOf(ctx context.Context, err error) error {
	if end := ctx.Err(); end != nil {
		return end
	}
	var timeout net.Error
	if deadline, ok := ctx.Deadline(); ok && !time.Now().Before(deadline) && errors.As(err, &timeout) && timeout.Timeout() {
		return context.DeadlineExceeded
	}
	return nil
}

// abandoned is the error of a request left behind when its context ended.
func (r *request) abandoned(ctx context.Context) error {
	if r.write != nil {
		return drivers.Join(drivers.ErrIndeterminate, ctx.Err())
	}
	return ctx.Err()
}

// isFromBeforeSending reports an error go-redis gives up with before it sends anything.
func isFromBeforeSending(err error) bool {
	return isDialError(err) || isPoolExhausted(err) || err.Error() == "redis: cluster has no nodes" // go-redis does not export it
}

// isPoolExhausted reports that no connection of the client became free.
func isPoolExhausted(err error) bool {
	return errors.Is(err, redis.ErrPoolTimeout) || errors.Is(err, redis.ErrPoolExhausted)
}

func isDialError(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}
