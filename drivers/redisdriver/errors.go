package redisdriver

import (
	"context"
	"errors"
	"net"
	"slices"
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
	lost := mayBeSent && !isFromBeforeSending(err)
	if end := endOf(ctx, err); end != nil {
		err = end
	}
	if lost {
		return drivers.Join(drivers.ErrIndeterminate, err)
	}
	return err
}

// classifyAnswer classifies what the server answered: with an error, it has not
// executed the command.
func classifyAnswer(err error, message string) error {
	switch {
	case errors.Is(err, redis.TxFailedErr):
		return drivers.Join(drivers.ErrConflict, err)
	case strings.HasPrefix(message, "WRONGTYPE "):
		return drivers.Join(drivers.ErrWrongType, err)
	case strings.HasPrefix(message, duplicatePrefix):
		return duplicate(message)
	case strings.HasPrefix(message, "INTERRUPTED "):
		return drivers.Join(drivers.ErrInterrupted, err)
	case strings.HasPrefix(message, "CROSSSLOT "):
		return drivers.Join(drivers.ErrCrossSlot, err)
	case containsAny(message, invalidTexts):
		return drivers.Join(drivers.ErrInvalid, err)
	}
	return err
}

// invalidTexts are what the server says of arguments, or of what they meet, that no
// server takes.
var invalidTexts = []string{
	"string exceeds maximum allowed size",
	"The ID specified in XADD", "The stream has exhausted the last possible ID", "Elements are too large to be stored",
	"is not an integer", "is not a valid float", "is not a float", "INVALIDOBJ", "is not a number (NaN)",
}

// refusedTexts are what the server says of a number that does not fit, which is
// Reply.Nil and no error.
var refusedTexts = []string{"would overflow", "would produce NaN or Infinity", "could not decode requested zset member"}

func containsAny(message string, texts []string) bool {
	return slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(message, text) })
}

// isRefusal reports an answer that refuses a number that does not fit.
func isRefusal(err error) bool {
	var answer redis.Error
	return errors.As(err, &answer) && containsAny(answer.Error(), refusedTexts)
}

const duplicatePrefix = "DUPLICATE "

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
	return isDialError(err) ||
		errors.Is(err, redis.ErrPoolTimeout) ||
		errors.Is(err, redis.ErrPoolExhausted) ||
		errors.Is(err, redis.ErrAutoPipelineQueueFull) ||
		errors.Is(err, redis.ErrAutoPipelineTimeout) ||
		err.Error() == "redis: cluster has no nodes" // go-redis does not export it
}

func isDialError(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}
