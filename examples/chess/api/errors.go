package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"

	"github.com/kvstore-go/kvstore/examples/chess/platform"
	"github.com/kvstore-go/kvstore/jsonval"
	"github.com/kvstore-go/kvstore/kv"
)

// requestError is a request that no service has to see.
type requestError struct {
	status  int
	message string
}

func (e *requestError) Error() string { return e.message }

func badRequest(format string, args ...any) error {
	return &requestError{http.StatusBadRequest, fmt.Sprintf(format, args...)}
}

// problem is the body of every answer that is not a success.
type problem struct {
	Error      string      `json:"error"`
	Violations []violation `json:"violations,omitempty"`
}

// violation is one rule that a document breaks.
type violation struct {
	Pointer string `json:"pointer"` // RFC 6901
	Keyword string `json:"keyword"` // of JSON Schema
	Message string `json:"message"`
}

// failure is the answer to err. What the user cannot help is logged in full and
// told in general.
func failure(r *http.Request, err error, log *slog.Logger) answer {
	status, message := explain(err)
	level := slog.LevelDebug
	if status >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	log.Log(r.Context(), level, "request failed", "method", r.Method, "path", r.URL.Path, "status", status, "error", err)
	told := problem{Error: message}
	var invalid *jsonval.ValidationError
	if status == http.StatusUnprocessableEntity && errors.As(err, &invalid) {
		for _, v := range invalid.Violations {
			told.Violations = append(told.Violations, violation{v.Pointer, v.Keyword, v.Message})
		}
	}
	return answer{status: status, body: told}
}

var reasons = map[platform.Reason]int{
	platform.NotFound:  http.StatusNotFound,
	platform.Forbidden: http.StatusForbidden,
	platform.Conflict:  http.StatusConflict,
	platform.Invalid:   http.StatusUnprocessableEntity,
}

// explain finds the status for err and words for the user. What was undone or not
// comes first: a lost reply is that, whatever else the error says.
func explain(err error) (status int, message string) {
	const unknown = "it is not known whether this was done: look before you try again"
	var refusal *platform.Refusal
	var bad *requestError
	var tooLarge *http.MaxBytesError
	var invalid *jsonval.ValidationError
	var network net.Error
	switch {
	case errors.Is(err, kv.ErrIndeterminate) && errors.Is(err, context.DeadlineExceeded):
		return http.StatusGatewayTimeout, "storage did not answer in time; " + unknown
	case errors.Is(err, kv.ErrIndeterminate):
		return http.StatusServiceUnavailable, "the answer of storage was lost; " + unknown
	case errors.As(err, &refusal):
		return reasons[refusal.Reason], refusal.Message
	case errors.As(err, &bad):
		return bad.status, bad.message
	case errors.As(err, &tooLarge):
		return http.StatusRequestEntityTooLarge, fmt.Sprintf("the body is longer than %d bytes", tooLarge.Limit)
	case errors.Is(err, context.DeadlineExceeded):
		return http.StatusGatewayTimeout, "storage did not answer in time: try again"
	case errors.Is(err, kv.ErrNotFound):
		return http.StatusNotFound, "not found"
	case errors.Is(err, kv.ErrBadKey):
		return http.StatusBadRequest, "a part of the path cannot be a key: it is empty, too long or not UTF-8"
	case errors.Is(err, kv.ErrConflict):
		return http.StatusConflict, "others kept changing this at the same time: try again"
	case errors.Is(err, kv.ErrConditionFailed):
		return http.StatusConflict, "this exists already"
	case errors.Is(err, kv.ErrCorrupt):
		return http.StatusInternalServerError, "what is stored here is damaged"
	case errors.As(err, &invalid):
		return http.StatusUnprocessableEntity, "the document is not valid"
	case errors.Is(err, kv.ErrInvalid):
		return http.StatusBadRequest, "a value is not allowed"
	case errors.Is(err, kv.ErrClosed), errors.As(err, &network), errors.Is(err, context.Canceled):
		return http.StatusServiceUnavailable, "storage cannot be reached: try again"
	default:
		return http.StatusInternalServerError, "internal error"
	}
}
