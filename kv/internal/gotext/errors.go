package gotext

import "github.com/kvstore-go/kvstore/drivers"

// ErrCorrupt is the class of what is stored and does not fit. It is a drivers.ErrInvalid.
var ErrCorrupt error = corrupt{}

type corrupt struct{}

func (corrupt) Error() string { return "the stored value does not fit the schema" }

func (corrupt) Unwrap() error { return drivers.ErrInvalid }
