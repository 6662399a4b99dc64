package kv

import (
	"context"
	"errors"
	"iter"
	"slices"

	"github.com/samber/lo"

	"github.com/kvstore-go/kvstore/drivers"
)

// differences tells of all differences of the collection r: first what is there too much, so that no unique index
// has what stands in the way of another document, then what the documents lack.
func (r ref) differences(ctx context.Context, s *subtree, report func(stale) error) error {
	if err := r.err(); err != nil {
		return err
	}
	if err := r.tellSurplus(ctx, report); err != nil {
		return err
	}
	ids := paging[string]{size: readPage, do: func(page []string) error {
		if err := r.tellLacking(ctx, page, report); err != nil {
			return err
		}
		s.advance(len(page))
		return nil
	}}
	for segment, err := range r.scan(ctx, drivers.OpScanLeaves) {
		if err != nil {
			return err
		}
		if r.checkSegment(segment) != nil {
			continue // foreign
		}
		if err := ids.add(segment); err != nil {
			return err
		}
	}
	return ids.flush()
}

// documents reads the documents of ids, with what the indexes should have of them.
func (r ref) documents(ctx context.Context, ids []string) ([]stale, error) {
	stored, err := r.stored(ctx, ids)
	if err != nil {
		return nil, err
	}
	found := make([]stale, len(ids))
	for i, id := range ids {
		reply, err := stored[i].Reply, stored[i].Err
		found[i] = stale{id: id, text: reply.Value, exists: err == nil && !reply.Nil, err: err}
		if found[i].exists {
			next, err := r.node.element.shared.(*document).validate(reply.Value)
			found[i].entries, found[i].err = next.entries, err
		}
		if err := found[i].err; err != nil && !ofOneValue(err) {
			return nil, err
		}
	}
	return found, nil
}

// tellLacking tells what the registry and the indexes lack of documents.
func (r ref) tellLacking(ctx context.Context, ids []string, report func(stale) error) error {
	documents, err := r.documents(ctx, ids)
	if err != nil {
		return err
	}
	var owners []stale
	batch := drivers.NewBatch()
	for _, found := range documents {
		switch {
		case found.err != nil:
			if err := report(found); err != nil {
				return err
			}
			continue
		case !found.exists:
			continue
		}
		for index, read := range entryReads(r.registry(), found.id, found.entries) {
			found.index, found.missing, read.Pattern = index, true, r.node.pattern
			owners = append(owners, found)
			batch.Add(read)
		}
	}
	if err := r.runBatch(ctx, "Check", batch); err != nil {
		return err
	}
	unregistered := "" // the registry and the index of ids are one to those who ask
	for i, found := range owners {
		switch {
		case !lacks(batch.Items[i], found.entries), found.index == "" && found.id == unregistered:
			continue
		case found.index == "":
			unregistered = found.id
		}
		if err := report(found); err != nil {
			return err
		}
	}
	return nil
}

// entryReads are the reads of what a registry and its indexes have of an id, each with the name of the index.
func entryReads(registry, id string, entries []drivers.Entry) iter.Seq2[string, drivers.Command] {
	return func(yield func(string, drivers.Command) bool) {
		member := func(index, member string) bool {
			return yield(index, drivers.Command{Op: drivers.OpZScore, Key: drivers.IndexKey(registry, index), Value: member})
		}
		if !yield("", drivers.Command{Op: drivers.OpHGet, Key: registry, Value: id}) || !member("", id) {
			return
		}
		for _, entry := range entries {
			if !member(entry.Name, entry.Member(id)) {
				return
			}
		}
	}
}

// lacks reports that one of entryReads has found nothing, or other entries.
func lacks(read drivers.Item, entries []drivers.Entry) bool {
	return read.Reply.Nil || read.Command.Op == drivers.OpHGet && read.Reply.Value != drivers.PackEntries(entries)
}

// seals reads those of the registry and of all indexes. One round trip.
func (r ref) seals(ctx context.Context, op string) ([]drivers.Item, error) {
	batch := drivers.NewBatch(r.registryRead(drivers.Seal))
	for _, name := range r.node.index().Stored() {
		batch.Add(r.indexRead(name, drivers.Seal))
	}
	return batch.Items, r.runBatch(ctx, op, batch)
}

// tellLost tells of the registry and the indexes that may have lost what they had.
func (r ref) tellLost(ctx context.Context, report func(stale) error) error {
	if err := r.err(); err != nil {
		return err
	}
	seals, err := r.seals(ctx, "Check")
	if err != nil {
		return err
	}
	names := append([]string{""}, r.node.index().Stored()...)
	var lost []stale
	for i, item := range seals {
		if !item.Reply.Sealed() {
			switch err := r.checkComplete(ctx, item.Command); {
			case err == nil || errors.Is(err, errBeganMeanwhile): // nothing was stored when it was asked
			case errors.Is(err, ErrIncomplete):
				if found := (stale{index: names[i], lost: true}); len(lost) == 0 || lost[len(lost)-1].index != found.index {
					lost = append(lost, found)
				}
			default:
				return err
			}
		}
	}
	for _, found := range lost {
		if err := report(found); err != nil {
			return err
		}
	}
	return nil
}

// tellSurplus tells what the registry and the indexes have and no document accounts for.
func (r ref) tellSurplus(ctx context.Context, report func(stale) error) error {
	for page, err := range r.registryPages(ctx) {
		if err != nil {
			return err
		}
		documents, err := r.documents(ctx, page.ids)
		if err != nil {
			return err
		}
		for _, found := range documents {
			if !found.exists && found.err == nil {
				if err := report(found); err != nil {
					return err
				}
			}
		}
	}
	for _, name := range r.node.index().Stored() {
		for members, err := range r.memberPages(ctx, name) {
			if err == nil {
				err = r.tellStrays(ctx, name, members, report)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// memberPages goes through what an index has, whether that is all that it should have or not. One round trip a page.
func (r ref) memberPages(ctx context.Context, index string) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		cmd := r.membersAfter(index, drivers.Seal, readPage)
		for {
			reply, err := r.driver.Do(ctx, cmd)
			if !yield(reply.Values, err) || len(reply.Values) < readPage {
				return
			}
			cmd.OwnExtra().Min = exclusive(reply.Values[readPage-1])
		}
	}
}

func (r ref) tellStrays(ctx context.Context, name string, members []string, report func(stale) error) error {
	var ids []string
	var entries []drivers.Entry
	for _, member := range members {
		if entry, id, ok := entryOf(name, member); ok {
			ids, entries = append(ids, id), append(entries, entry)
		}
	}
	documents, err := r.documents(ctx, ids)
	if err != nil {
		return err
	}
	var strays []stale
	registered := drivers.NewBatch()
	for i, found := range documents {
		if found.err != nil || entries[i].In(found.entries) || name == "" && found.exists {
			continue
		}
		found.index, found.stray = name, entries[i]
		strays = append(strays, found)
		registered.Add(r.registryRead(found.id))
	}
	if err := r.runBatch(ctx, "Check", registered); err != nil {
		return err
	}
	for i, found := range strays {
		if name == "" && !registered.Items[i].Reply.Nil {
			continue // the registry has told
		}
		// What it lacks is put in later, when nothing stands in its way any more.
		has, _ := drivers.UnpackEntries(registered.Items[i].Reply.Value) //nolint:errcheck // then it has nothing
		found.entries = slices.DeleteFunc(found.entries, func(e drivers.Entry) bool { return !e.In(has) })
		if err := report(found); err != nil {
			return err
		}
	}
	return nil
}

// droppedIndexes are the names of indexes of r that are stored and not declared: any longer, or by this program.
func (r ref) droppedIndexes(ctx context.Context) (names []string, err error) {
	declared := r.node.index().Stored()
	for name, err := range r.scanAt(ctx, drivers.OpScanLeaves, r.registry()+separator) {
		if err != nil {
			return nil, err
		}
		if !slices.Contains(declared, name) {
			names = append(names, name)
		}
	}
	return names, nil
}

// eraseDropped removes the indexes that are stored and not declared.
func (r ref) eraseDropped(ctx context.Context) error {
	names, err := r.droppedIndexes(ctx)
	if err != nil {
		return err
	}
	return r.deleteKeys(ctx, "Reindex", lo.Map(names, func(name string, _ int) string { return drivers.IndexKey(r.registry(), name) }))
}

// tellDropped tells of the indexes that are stored and not declared.
func (r ref) tellDropped(ctx context.Context, report func(stale) error) error {
	names, err := r.droppedIndexes(ctx)
	if err != nil {
		return err
	}
	slices.Sort(names)
	for _, name := range names {
		if err := report(stale{index: name, dropped: true}); err != nil {
			return err
		}
	}
	return nil
}
