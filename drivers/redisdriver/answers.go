package redisdriver

import (
	"errors"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
)

// classifyAnswer classifies what the server answered: with an error, it has not
// executed the command.
func classifyAnswer(err error, message string) error {
	switch {
	case errors.Is(err, redis.TxFailedErr):
		return drivers.Join(drivers.ErrConflict, err)
	case strings.HasPrefix(message, duplicatePrefix):
		return duplicate(message)
	case strings.HasPrefix(message, incompletePrefix):
		return drivers.Errorf(drivers.ErrIncomplete, "%s", strings.TrimPrefix(message, incompletePrefix))
	case containsAny(message, corruptTexts):
		return drivers.Join(drivers.ErrCorrupt, err)
	case containsAny(message, invalidTexts):
		return drivers.Join(drivers.ErrInvalid, err)
	case containsAny(message, deniedTexts):
		return drivers.Join(drivers.ErrDenied, err)
	case containsAny(message, unavailableTexts):
		return drivers.Join(drivers.ErrUnavailable, err)
	case containsAny(message, unknownTexts):
		return drivers.Join(errors.ErrUnsupported, err)
	}
	if class := classes[codeOf(message)]; class != nil {
		return drivers.Join(class, err)
	}
	return err
}

// classes are those of answers, by their code, the first word.
var classes = map[string]error{
	"WRONGTYPE":   drivers.ErrWrongType,
	"INTERRUPTED": drivers.ErrInterrupted, // lua/scan.lua
	"CROSSSLOT":   drivers.ErrCrossSlot,

	"OOM":         drivers.ErrUnavailable,
	"READONLY":    drivers.ErrUnavailable,
	"LOADING":     drivers.ErrUnavailable,
	"MASTERDOWN":  drivers.ErrUnavailable,
	"NOREPLICAS":  drivers.ErrUnavailable,
	"BUSY":        drivers.ErrUnavailable,
	"MISCONF":     drivers.ErrUnavailable,
	"CLUSTERDOWN": drivers.ErrUnavailable,
	"TRYAGAIN":    drivers.ErrUnavailable,
	"ASK":         drivers.ErrUnavailable,
	"MOVED":       drivers.ErrUnavailable,
	"UNBLOCKED":   drivers.ErrUnavailable,

	"NOPERM":    drivers.ErrDenied,
	"NOAUTH":    drivers.ErrDenied,
	"WRONGPASS": drivers.ErrDenied,
	"DENIED":    drivers.ErrDenied, // of protected mode
}

// codeOf is the first word of an answer.
func codeOf(message string) string {
	code, _, _ := strings.Cut(message, " ")
	return code
}

var (
	// corruptTexts are what the server says of what is stored, as arguments are looked at before they are sent.
	corruptTexts = []string{"value is not an integer", "value is not a valid float", "value is not a float", "INVALIDOBJ"}
	// invalidTexts are what it says of arguments, or of what they meet, that no server takes.
	invalidTexts = []string{
		"string exceeds maximum allowed size",
		"The ID specified in XADD", "The stream has exhausted the last possible ID", "Elements are too large to be stored",
		"is not an integer", "is not a float", "is not a number (NaN)", "invalid expire time",
		"words cannot be moved", // of move_entries.lua
	}
	// deniedTexts are what it says of a user's rights within a script, and of a password
	// that it does not want.
	deniedTexts = []string{"The user executing the script can't", "without any password configured"}
	// unavailableTexts are those of ErrUnavailable without a code.
	unavailableTexts = append([]string{"max number of clients"}, movingTexts...)
	// movingTexts are what it says of a script that touches a key of a slot which moves, or
	// runs in a cluster that is down. Our scripts touch their keys before they change anything.
	movingTexts = []string{"attempted to access a non local key", "while the cluster is down"}
	// refusedTexts are what the server says of a number that does not fit, which is
	// Reply.Nil and no error.
	refusedTexts = []string{"would overflow", "would produce NaN or Infinity", "could not decode requested zset member"}
)

func containsAny(message string, texts []string) bool {
	return slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(message, text) })
}

func isAnswer(err error) bool {
	var answer redis.Error
	return errors.As(err, &answer)
}

// hasCode reports an answer with one of the codes.
func hasCode(err error, codes ...string) bool {
	var answer redis.Error
	return errors.As(err, &answer) && slices.Contains(codes, codeOf(answer.Error()))
}

// isOutOfRange reports an answer that refuses a number that does not fit.
func isOutOfRange(err error) bool {
	var answer redis.Error
	return errors.As(err, &answer) && containsAny(answer.Error(), refusedTexts)
}

// isMoving reports an answer of a cluster in which keys or masters are on the move: the
// command was not executed, and will be soon.
func isMoving(err error) bool {
	if isRedirection(err) {
		return true
	}
	var answer redis.Error
	return errors.As(err, &answer) && containsAny(answer.Error(), movingTexts)
}

// isRedirection reports those of them that say so of a command as a whole, before it is
// executed or queued.
func isRedirection(err error) bool { return hasCode(err, "MOVED", "ASK", "TRYAGAIN", "CLUSTERDOWN") }

// isDemoted reports an answer of a server that is no master, or not yet: what stands at
// its address may be another one by now.
func isDemoted(err error) bool { return hasCode(err, "READONLY", "LOADING", "MASTERDOWN") }
