package platform

import "fmt"

// Refusal is a rule of the platform that said no. It passes through kv's Update
// like any error, so that errors.As finds it behind operation and key.
type Refusal struct {
	Reason  Reason
	Message string // for the user
}

// Error is the message.
func (r *Refusal) Error() string { return r.Message }

// Reason says whose turn it is to do what about a Refusal.
type Reason int

// The reasons of a Refusal.
const (
	NotFound  Reason = iota + 1 // what was asked for is not there
	Forbidden                   // not for this user
	Conflict                    // not as things stand
	Invalid                     // never
)

func refuse(reason Reason, format string, args ...any) error {
	return &Refusal{reason, fmt.Sprintf(format, args...)}
}
