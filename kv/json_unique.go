package kv

import (
	"context"
	"errors"
	"strings"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
)

// claimTries bounds how often a write is tried that finds values held by documents which do not have them.
const claimTries = 3

// claiming executes a write of a document, which returns what it was to store. A value of a unique
// index may be held by a document that does not have it any more, since a program that does not know the
// index has overwritten that; then its entries are put right, and the write is tried again.
func (k *keyRef) claiming(ctx context.Context, write func() (content, error)) (err error) {
	for range claimTries {
		var next content
		if next, err = write(); err == nil || !k.released(ctx, err, next.entries) {
			break
		}
	}
	return err
}

// released reports whether a value that a write was refused is held no more: its holder is gone, or does not
// say so, which is put right. Up to three round trips.
func (k *keyRef) released(ctx context.Context, refused error, wanted []drivers.Entry) bool {
	var duplicate *DuplicateError
	if !errors.As(refused, &duplicate) {
		return false
	}
	id, err := dsl.EscapeSegment(duplicate.Holder)
	if err != nil || len(k.node.indexed) == 0 {
		return false
	}
	holder := keyRef{k.driver, k.node, strings.TrimSuffix(k.key, k.node.indexes(k.key)[0].ID) + id}
	current, err := holder.ask(ctx, "Write", drivers.OpGet)
	if err != nil || current.Nil {
		return err == nil
	}
	has, err := k.document().validate(current.Value)
	if err != nil {
		return false
	}
	var stray []drivers.Entry
	for _, entry := range wanted {
		if entry.Name == duplicate.Index {
			if entry.In(has.entries) {
				return false
			}
			stray = append(stray, entry)
		}
	}
	repair := drivers.Command{Op: drivers.OpCompareAndSwap, Extra: &drivers.Extra{Expected: current.Value}, Value: current.Value}
	holder.indexing(&repair, has.entries).Indexes()[0].Stray = stray
	if _, err = holder.do(ctx, "Write", &repair); errors.Is(err, ErrDuplicate) { // what it has is held in turn
		repair = drivers.Command{Op: drivers.OpReconcile}
		holder.indexing(&repair, nil).Indexes()[0].Stray = stray
		_, err = holder.do(ctx, "Write", &repair)
	}
	return err == nil
}
