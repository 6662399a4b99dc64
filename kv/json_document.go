package kv

import (
	"context"
	"reflect"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
	"github.com/kvstore-go/kvstore/kv/internal/gotext"
)

// document is how the documents of a JSONField are written and read, and what indexes have of
// them. It knows their type by reflection alone, and is given pointers to them: what a
// JSONField does itself is compiled anew for each type.
type document struct {
	kind    reflect.Type
	codec   *gotext.Document
	indexes *documentIndexes // of the collection it is in, or nil
}

// Document implements formed.
func (d *document) Document() *gotext.Document { return d.codec }

// document is that of a field that carries no error.
func (k *keyRef) document() *document { return k.node.shared.(*document) }

// indexedDocument is that of the documents of a collection, which is declared with the node.
func indexedDocument(node *dsl.Node, indexes *documentIndexes) *document {
	declared := node.Payload().(binding).shared.(*document)
	return &document{declared.kind, declared.codec, indexes}
}

// readDocument reads a document, if there is one.
func readDocument(ctx context.Context, at *keyRef, op string, into any) (exists bool, err error) {
	if at.isNear() {
		return readDocumentNear(ctx, at, op, into)
	}
	text, exists, err := at.get(ctx, op)
	if err != nil || !exists {
		return false, err
	}
	if _, err = at.document().decode(text, into); err != nil {
		return true, at.fail(op, err)
	}
	return true, nil
}

func readDocumentNear(ctx context.Context, at *keyRef, op string, into any) (exists bool, err error) {
	reply, err := at.askNear(ctx, op, drivers.NearRead{Op: drivers.OpGet})
	if err != nil || reply.Nil {
		return false, err
	}
	err = decodeNear(reply, into, func() error {
		_, err := at.document().decode(reply.Value, into)
		return err
	})
	if err != nil {
		return true, at.fail(op, err)
	}
	return true, nil
}

// decodeWhole implements whole.
func (d *document) decodeWhole(reply drivers.Reply, into any) error {
	if reply.Nil {
		return ErrNotFound
	}
	_, err := d.decode(reply.Value, into)
	return err
}

func writeDocument(ctx context.Context, at *keyRef, pointer any, options []WriteOption) error {
	if err := at.carried("Write"); err != nil {
		return err
	}
	next, err := at.document().encode(pointer, false)
	if err != nil {
		return at.fail("Write", err)
	}
	return at.claiming(ctx, func() (content, error) {
		return next, at.write(ctx, "Write", at.indexing(&drivers.Command{Op: drivers.OpSet, Value: next.text}, next.entries), options)
	})
}

// swapDocument stores a document and reads what it replaces.
func swapDocument(ctx context.Context, at *keyRef, pointer, previous any) (existed bool, err error) {
	if err := at.carried("Swap"); err != nil {
		return false, err
	}
	how := at.document()
	next, err := how.encode(pointer, false)
	if err != nil {
		return false, at.fail("Swap", err)
	}
	again := false
	err = at.claiming(ctx, func() (content, error) {
		return next, at.update(ctx, "Swap", at.node.expiry, func(current drivers.Reply) (content, error) {
			if again {
				clearValue(previous)
			}
			if again, existed = true, !current.Nil; !existed {
				return next, nil
			}
			newest, err := how.decode(current.Value, previous)
			if err != nil || !newest || how.codec.Forms().StoredAs() == nil {
				return next, err
			}
			return how.encode(pointer, true)
		})
	})
	if err != nil {
		clearValue(previous)
		return false, err
	}
	return existed, nil
}

// editDocument lets change edit what pointer points to, which is then what is stored.
func editDocument(ctx context.Context, at *keyRef, op string, pointer any, change func(exists bool) error) error {
	again := false
	err := at.claiming(ctx, func() (next content, err error) {
		err = at.update(ctx, op, drivers.Expiry{}, func(current drivers.Reply) (_ content, err error) {
			newest := false
			if again { // what an earlier try has left
				clearValue(pointer)
			}
			if again = true; !current.Nil {
				if newest, err = at.document().decode(current.Value, pointer); err != nil {
					return content{}, err
				}
			}
			if err := change(!current.Nil); err != nil {
				return content{}, err
			}
			next, err = at.document().encode(pointer, newest)
			return next, err
		})
		return next, err
	})
	if err != nil {
		clearValue(pointer)
	}
	return err
}

// encode is what is stored of a document and of its entries in the indexes. foundNewest is whether it takes the
// place of one that is stored in the newest form.
func (d *document) encode(pointer any, foundNewest bool) (content, error) {
	text, err := d.codec.Encode(pointer, foundNewest)
	if err != nil {
		return content{}, drivers.Join(ErrInvalid, err)
	}
	return d.content(text, pointer)
}

func (d *document) content(text string, pointer any) (content, error) {
	if d.indexes == nil {
		return content{text: text}, nil
	}
	entries, err := d.indexes.entriesOf(pointer)
	return content{text, entries}, err
}

// decode reads a document into what is zero.
func (d *document) decode(text string, into any) (foundNewest bool, err error) {
	if foundNewest, err = d.codec.Decode(text, into); err != nil {
		return false, drivers.Join(ErrCorrupt, err)
	}
	return foundNewest, nil
}

// zero is a pointer to a document.
func (d *document) zero() any { return reflect.New(d.kind).Interface() }

// validate implements validator.
func (d *document) validate(text string) (content, error) {
	pointer := d.zero()
	if _, err := d.decode(text, pointer); err != nil {
		return content{}, err
	}
	return d.content(text, pointer)
}

// renew is a document as it would be written today, if it has an older form. See gotext.Document.Renew.
func (d *document) renew(text string) (next content, older reflect.Type, err error) {
	renewed, value, older, err := d.codec.Renew(text)
	if err != nil {
		return content{}, nil, err
	}
	next, err = d.content(renewed, value)
	return next, older, err
}
