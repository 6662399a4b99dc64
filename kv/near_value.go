package kv

import (
	"reflect"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/kv/internal/clone"
)

// decoded is what was decoded of a reply that is kept near. It is handed out as copies alone.
type decoded struct {
	value reflect.Value
	*clone.Copier
}

// decodeNear sets what a pointer points to, a zero value, to that of a reply: a copy of what was decoded before if
// there is one, or else decode does it.
func decodeNear(reply *drivers.NearReply, pointer any, decode func() error) error {
	into := reflect.ValueOf(pointer).Elem()
	if before, ok := reply.Decoded.Load().(*decoded); ok && before.value.Type() == into.Type() && before.Copy(into, before.value) {
		return nil
	}
	if err := decode(); err != nil {
		return err
	}
	if copier := clone.Of(into.Type()); copier != nil {
		kept := &decoded{reflect.New(into.Type()).Elem(), copier}
		if kept.Copy(kept.value, into) {
			reply.Decoded.Store(kept)
		}
	}
	return nil
}
