package gotext

import "github.com/kvstore-go/kvstore/drivers"

// ErrCorrupt is the class of what is stored and does not fit.
var ErrCorrupt = drivers.ErrCorrupt
