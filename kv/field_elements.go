package kv

import (
	"context"
	"errors"
	"iter"
	"reflect"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
	"github.com/kvstore-go/kvstore/kv/internal/gotext"
)

// Sets, lists, sorted sets, positions, streams, queues and topics have elements of type T. What
// their handles do is done with texts, by what knows no T; between texts and elements are the functions of
// this file, one each for a type. They pass on the error of what gave them texts, or of what they give them to.

// elements are those of a field, as its schema declares them: the handles share it.
type elements struct {
	kind  reflect.Type
	codec *gotext.Codec
	cap   int64                                     // 0 for none
	all   func(reply drivers.Reply, into any) error // decodes a whole value that is more than its elements, or nil

	weighted  bool // a sorted set has a weight
	weight    float64
	aggregate string // of one that is Aggregating
}

// decodeWhole implements whole.
func (e *elements) decodeWhole(reply drivers.Reply, into any) error {
	if e.all != nil {
		return e.all(reply, into)
	}
	return e.codec.DecodeAllTo(reply.Values, into)
}

// elementsNode declares a field of elements of a type; a type that has no text is a mistake of the schema.
func elementsNode[O interface{ declare(*declaration) }](kind dsl.Kind, element reflect.Type, options []O) (*dsl.Node, *elements) {
	node := dsl.NewField(kind)
	if element != reflect.TypeFor[string]() {
		node = node.WithDetail(element.String())
	}
	node, declared := declare(node, options)
	node, codec := withCodec(node, element, declared.older)
	return node, &elements{kind: element, codec: codec, cap: declared.cap}
}

//go:noinline // else what it calls is made anew for each type of elements
func listNode(element reflect.Type, options []ListOption) (*dsl.Node, *elements) {
	return elementsNode(dsl.List, element, options)
}

//go:noinline // see listNode
func membersNode(kind dsl.Kind, element reflect.Type, options []ElementOption) (*dsl.Node, *elements) {
	return elementsNode(kind, element, options)
}

// withCodec chooses the codec of a type for a field; a type that has none is a mistake of the schema.
func withCodec(node *dsl.Node, kind reflect.Type, older gotext.Older) (*dsl.Node, *gotext.Codec) {
	codec, err := gotext.Of(kind, older)
	if err != nil {
		return withForms(node, nil, err), codec
	}
	return withForms(node, codec.Forms(), nil), codec
}

// withForms says in which forms a node has its values, or why it has none.
func withForms(node *dsl.Node, forms []dsl.Form, mistake error) *dsl.Node {
	if mistake != nil {
		return node.WithMistake("%v", mistake)
	}
	return node.WithForms(forms...)
}

// Document implements formed.
func (e *elements) Document() *gotext.Document { return e.codec.Document() }

// elements are those of a field that carries no error.
func (k keyRef) elements() *elements { return k.node.shared.(*elements) }

// textOf is what is stored of an element, unless the handle carries an error.
func textOf[T any](at *keyRef, op string, element T) (string, error) {
	text, common, err := at.commonText(op, &element)
	if common || err != nil {
		return text, err
	}
	kept := element // on the heap, as reflection asks for
	return at.textFrom(op, &kept)
}

// textsOf is what is stored of elements, unless the handle carries an error.
func textsOf[T any](at *keyRef, op string, all []T) ([]string, error) {
	texts, err := make([]string, len(all)), at.carried(op)
	for i := 0; i < len(all) && err == nil; i++ {
		texts[i], err = textOf(at, op, all[i])
	}
	return texts, err
}

// elementOf is the element of a text that has been read.
func elementOf[T any](at *keyRef, op, text string, err error) (element T, _ error) {
	if err != nil {
		return element, err
	}
	if common, err := at.commonElement(op, text, &element); common {
		return element, err
	}
	into := new(T) // on the heap, as reflection asks for
	err = at.elementTo(op, text, into)
	return *into, err
}

// elementsOf is the elements of texts that have been read, which are no longer the caller's. It is never nil where there
// is no error: empty, it is [] in JSON.
func elementsOf[T any](at *keyRef, op string, texts []string, err error) ([]T, error) {
	if err != nil {
		return nil, err
	}
	if all, plain := any(texts).([]T); plain && all != nil {
		return all, nil
	}
	all := make([]T, len(texts))
	for i, text := range texts {
		if err := at.elementTo(op, text, &all[i]); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// commonText is what is stored of what a pointer points to, if that is of one of the most common types, which need not be
// on the heap.
//
//go:noinline // see eachOf
func (k *keyRef) commonText(op string, pointer any) (text string, common bool, err error) {
	if err := k.carried(op); err != nil {
		return "", false, err
	}
	if text, common, err = k.elements().codec.EncodeCommon(pointer); err != nil {
		err = k.fail(op, err)
	}
	return text, common, err
}

// textFrom is what is stored of what a pointer points to.
func (k *keyRef) textFrom(op string, pointer any) (string, error) {
	text, err := k.elements().codec.EncodeFrom(reflect.ValueOf(pointer).Elem())
	if err != nil {
		return "", k.fail(op, err)
	}
	return text, nil
}

// commonElement is elementTo, as commonText is textFrom.
//
//go:noinline // see eachOf
func (k *keyRef) commonElement(op, text string, pointer any) (common bool, err error) {
	if common, err = k.elements().codec.DecodeCommon(text, pointer); err != nil {
		err = k.fail(op, err)
	}
	return common, err
}

// elementTo sets what a pointer points to, which is zero, to the element of a text, or leaves it so.
func (k *keyRef) elementTo(op, text string, pointer any) error {
	if err := k.elements().codec.DecodeTo(text, pointer); err != nil {
		return k.fail(op, err)
	}
	return nil
}

// poppedOf is the elements of texts that have been taken out: those that do not fit are reported in
// the error, a CorruptElementError each, beside the others.
func poppedOf[T any](at *keyRef, op string, texts []string, err error) ([]T, error) {
	if err != nil {
		return nil, err
	}
	all, err := elementsOf[T](at, op, texts, nil)
	if err == nil {
		return all, nil
	}
	fitting := []T{}
	err = at.poppedTo(op, texts, &fitting)
	return fitting, err
}

// poppedTo appends those of the elements of texts that fit to the slice that a pointer points to.
func (k *keyRef) poppedTo(op string, texts []string, pointer any) error {
	all := reflect.ValueOf(pointer).Elem()
	var corrupt corruptElements
	for _, text := range texts {
		element := reflect.New(all.Type().Elem())
		if corrupt.none(text, k.elements().codec.DecodeTo(text, element.Interface())) {
			all.Set(reflect.Append(all, element.Elem()))
		}
	}
	return corrupt.of(k, op)
}

// corruptElements are those of the elements that were taken out that do not fit.
type corruptElements []error

// none reports whether a text is none of them.
func (c *corruptElements) none(text string, err error) bool {
	if err != nil {
		*c = append(*c, &CorruptElementError{Text: text, Err: err})
	}
	return err == nil
}

// of is the error of them all, or nil.
func (c *corruptElements) of(at *keyRef, op string) error {
	if len(*c) == 0 {
		return nil
	}
	return at.fail(op, errors.Join(*c...))
}

// awaitedOf is the one element that has been taken out, even where something went wrong after that.
func awaitedOf[T any](at *keyRef, op string, texts []string, err error) (element T, _ error) {
	if len(texts) == 0 {
		return element, err
	}
	taken, corrupt := poppedOf[T](at, op, texts, nil)
	if corrupt != nil {
		return element, corrupt
	}
	return taken[0], err
}

// eachOf goes through the elements of the texts that each goes through. One that does not fit is an
// error of its own, and ends nothing.
//
//go:noinline // with its closures, into all that the compiler makes of a method
func eachOf[T any](ctx context.Context, at keyRef, op string, each func(ctx context.Context, at keyRef, op string, yield func(string, error) bool)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		each(ctx, at, op, func(text string, err error) bool {
			place := at // which is on the stack
			return yield(elementOf[T](&place, op, text, err))
		})
	}
}

// changeElements executes a command that is given texts, if there are any, and answered with a number.
func (k *keyRef) changeElements(ctx context.Context, op string, cmd *drivers.Command, texts []string, err error) (int, error) {
	if len(texts) == 0 || err != nil {
		return 0, err
	}
	cmd.Values = texts
	return k.doInt(ctx, op, cmd)
}

func (k *keyRef) removeElements(ctx context.Context, remove drivers.Op, texts []string, err error) (int, error) {
	return k.changeElements(ctx, "Remove", &drivers.Command{Op: remove}, texts, err)
}

// texts executes a command that is answered with texts.
func (k *keyRef) texts(ctx context.Context, op string, cmd *drivers.Command) ([]string, error) {
	reply, err := k.do(ctx, op, cmd)
	return reply.Values, err
}
