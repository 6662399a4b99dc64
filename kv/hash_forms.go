package kv

import (
	"context"
	"errors"
	"fmt"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/kv/internal/gotext"
)

// Single fields of a struct. Where that has older forms, what is stored under the name of a
// field may be another's.

// readHash reads a struct, if there is one.
func readHash(ctx context.Context, at *keyRef, op string, into any) (exists bool, err error) {
	if at.isNear() {
		return readHashNear(ctx, at, op, into)
	}
	reply, err := at.ask(ctx, op, drivers.OpHGetAll)
	if err != nil || len(reply.Values) == 0 {
		return false, err
	}
	return true, decodedHash(at, op, into, at.hash().Read(reply.Values, into))
}

func readHashNear(ctx context.Context, at *keyRef, op string, into any) (exists bool, err error) {
	reply, err := at.askNear(ctx, op, drivers.NearRead{Op: drivers.OpHGetAll})
	if err != nil || len(reply.Values) == 0 {
		return false, err
	}
	return true, decodedHash(at, op, into, decodeNear(reply, into, func() error { return at.hash().Read(reply.Values, into) }))
}

// decodedHash leaves nothing of a struct that could not be read.
func decodedHash(at *keyRef, op string, into any, err error) error {
	if err != nil {
		clearValue(into)
		return at.fail(op, err)
	}
	return nil
}

// hash is how the struct of a field that carries no error is written.
func (k keyRef) hash() *gotext.Hash { return k.node.shared.(*hash).Hash }

// hash is how the structs of a HashField are written and read.
type hash struct{ *gotext.Hash }

// decodeWhole implements whole.
func (h *hash) decodeWhole(reply drivers.Reply, into any) error {
	if len(reply.Values) == 0 {
		return ErrNotFound
	}
	err := h.Read(reply.Values, into)
	if err != nil {
		clearValue(into)
	}
	return err
}

// getField reads what the newest form has in a field.
func (k keyRef) getField(ctx context.Context, name string) (drivers.Reply, error) {
	plan := k.hash()
	if plan.Forms() == nil {
		return k.askElement(ctx, "Get", drivers.OpHGet, name)
	}
	whole, err := k.ask(ctx, "Get", drivers.OpHGetAll)
	if err != nil || len(whole.Values) == 0 {
		return drivers.Reply{Nil: true}, err
	}
	pairs, err := plan.AsNewest(whole.Values)
	if err != nil {
		return drivers.Reply{}, k.fail("Get", err)
	}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i] == name {
			return drivers.Reply{Value: pairs[i+1]}, nil
		}
	}
	return drivers.Reply{Nil: true}, nil
}

// renewForm has a hash in the form that is written, before single fields of it are changed.
func (k keyRef) renewForm(ctx context.Context, op string, fields ...*gotext.Field) error {
	plan := k.hash()
	if plan.Forms() == nil {
		return nil
	}
	for _, field := range fields {
		if !plan.Alike(field) {
			err := fmt.Errorf("%w: the form that StoreAs writes has no field %q of type %v", errors.ErrUnsupported, field.Name, field.Stored)
			return k.fail(op, err)
		}
	}
	err := k.optimistically(ctx, func() (bool, error) {
		current, err := k.ask(ctx, op, drivers.OpHGetAll)
		if err != nil || len(current.Values) == 0 {
			return true, err
		}
		renewed, older, err := plan.Renew(current.Values)
		if failed := (*UpgradeError)(nil); errors.As(err, &failed) {
			return false, err
		}
		if older == nil {
			return true, nil //nolint:nilerr // what fits no form is left to the command, as it is where there is but one
		}
		cmd := drivers.HCompareAndSet(current.Values, renewed)
		return k.doBool(ctx, op, &cmd)
	})
	if err != nil {
		return k.fail(op, err)
	}
	return nil
}
