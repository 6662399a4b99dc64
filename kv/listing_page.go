package kv

import (
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"iter"
	"math"
	"slices"
	"strings"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
)

// KeyPage is a part of the keys of a store.
type KeyPage[K any] struct {
	Keys []K // never nil: empty, it is [] in JSON
	// Next is what to ask for the page after this one with; empty where this is the last.
	Next string
}

// Page is up to size keys that hold something, in the order in which they are stored. The first page is that after
// ""; each further one is that after the Next of the page before it. A key that is there all the while comes on
// exactly one of the pages. An after that is no such Next, and a size that is not positive, are ErrInvalid. Keys that
// the schema does not declare are left out; the method Keys reports them.
//
// Where the schema declares IndexKeys, and in a collection, it is two round trips (ZRANGEBYLEX, pipelined EXISTS),
// and a few more where much has expired; else each page costs what Keys does.
func (s KeyedStore[K, H]) Page(ctx context.Context, size int, after string) (KeyPage[K], error) {
	return keyPageOf[K](ctx, s.at, size, after)
}

func keyPageOf[K any](ctx context.Context, at ref, size int, after string) (KeyPage[K], error) {
	page := KeyPage[K]{Keys: []K{}}
	ids, next, err := at.keyPage(ctx, size, after)
	for _, id := range ids {
		key, err := keyOf[K](at, id)
		if err != nil {
			return page, at.fail("Page", err)
		}
		page.Keys = append(page.Keys, key)
	}
	page.Next = next
	return page, err
}

func (r ref) keyPage(ctx context.Context, size int, after string) (ids []string, next string, err error) {
	if err := r.carried("Page"); err != nil {
		return nil, "", err
	}
	last := ""
	if after != "" {
		order, id, ok := parseCursor(after)
		if !ok || order != "" || r.checkID(id) != nil {
			return nil, "", r.fail("Page", fmt.Errorf("%w: %.100q is not the end of a page of keys", ErrInvalid, after))
		}
		last = id
	}
	if size < 1 {
		return nil, "", r.fail("Page", fmt.Errorf("%w: a page of %d", ErrInvalid, size))
	}
	want := min(size, math.MaxInt-1) + 1
	if r.node.index() != nil {
		ids, err = r.registeredAfter(ctx, last, want)
	} else {
		ids, err = r.scannedAfter(ctx, last, want)
	}
	if err != nil {
		return nil, "", r.fail("Page", err)
	}
	if len(ids) > size {
		ids = ids[:size]
		next = newCursor("", ids[size-1])
	}
	return ids, next, nil
}

// checkID reports an id that is none of the dynamic store r.
func (r ref) checkID(id string) error {
	text, err := dsl.UnescapeSegment(id)
	if err == nil {
		err = r.node.isKey(text)
	}
	return err
}

// registeredAfter is up to want ids after last that hold something, in their order, by the index of ids.
func (r ref) registeredAfter(ctx context.Context, last string, want int) (ids []string, err error) {
	for page, err := range r.idPages(ctx, last, min(want, scanPage)) {
		if err != nil {
			return nil, err
		}
		exists, err := r.existing(ctx, page)
		if err != nil {
			return nil, err
		}
		for i, id := range page {
			if exists[i] && r.checkID(id) == nil {
				ids = append(ids, id)
			}
		}
		if len(ids) >= want {
			return ids[:want], nil
		}
	}
	return ids, nil
}

// idPages goes through the index of ids, behind last. One round trip a page.
func (r ref) idPages(ctx context.Context, last string, size int) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		ids := r.membersAfter("", cmp.Or(last, drivers.Seal), size)
		for {
			reply, err := r.sealed(ctx, ids, r.indexRead("", drivers.Seal))
			page := reply.Values
			if !yield(page, err) || err != nil || len(page) < int(ids.Amount) {
				return
			}
			ids.OwnExtra().Min, ids.Amount = exclusive(page[len(page)-1]), scanPage
		}
	}
}

// scannedAfter is the same of a store without a registry: the first of all that a scan finds.
func (r ref) scannedAfter(ctx context.Context, last string, want int) (ids []string, err error) {
	shorten := func() {
		slices.Sort(ids)
		if ids = slices.Compact(ids); len(ids) > want {
			ids = ids[:want]
		}
	}
	for segment, err := range r.scanned(ctx) {
		if isUndeclared(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		id, err := r.node.element.node.UntagSegment(segment)
		if err != nil || id <= last || r.checkID(id) != nil {
			continue
		}
		if ids = append(ids, id); len(ids) >= scanPage && len(ids)/2 >= want {
			shorten()
		}
	}
	shorten()
	return ids, nil
}

// newCursor names a member of an order, which is that of ids if it has no name.
func newCursor(order, member string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(order + separator + member))
}

// parseCursor gives back what newCursor was given.
func parseCursor(cursor string) (order, member string, ok bool) {
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	order, member, found := strings.Cut(string(text), separator)
	return order, member, err == nil && found && member != ""
}
