package kv

import (
	"context"
	"errors"
	"slices"

	"github.com/samber/lo"

	"github.com/kvstore-go/kvstore/drivers"
)

// finding is a difference, or a document that cannot be indexed.
type finding struct {
	id      string
	index   string
	missing bool
	lost    bool // of the registry or the index as a whole
	dropped bool // of an index that is not declared
	err     error

	text    string          // the document, if there is one
	exists  bool            // whether there is
	entries []drivers.Entry // what the indexes should have of it
	stray   drivers.Entry   // what an index has and should not have
}

// audit tells of all differences of the collection r: first what is there too much, so that no unique index
// has what stands in the way of another document, then what the documents lack.
func (r ref) audit(ctx context.Context, s *subtree, report func(finding) error) error {
	if err := r.err(); err != nil {
		return err
	}
	if err := r.auditIndexes(ctx, report); err != nil {
		return err
	}
	var page []string
	for segment, err := range r.scan(ctx, drivers.OpScanLeaves) {
		if err != nil {
			return err
		}
		if r.checkSegment(segment) != nil {
			continue // foreign
		}
		if page = append(page, segment); len(page) == readPage {
			if err := r.auditDocuments(ctx, page, report); err != nil {
				return err
			}
			s.advance(len(page))
			page = page[:0]
		}
	}
	err := r.auditDocuments(ctx, page, report)
	if err == nil {
		s.advance(len(page))
	}
	return err
}

// documents reads the documents of ids, with what the indexes should have of them.
func (r ref) documents(ctx context.Context, ids []string) ([]finding, error) {
	stored, err := r.stored(ctx, ids)
	if err != nil {
		return nil, err
	}
	found := make([]finding, len(ids))
	for i, id := range ids {
		reply, err := stored[i].Reply, stored[i].Err
		found[i] = finding{id: id, text: reply.Value, exists: err == nil && !reply.Nil, err: err}
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

// auditDocuments tells what the registry and the indexes lack of documents.
func (r ref) auditDocuments(ctx context.Context, ids []string, report func(finding) error) error {
	documents, err := r.documents(ctx, ids)
	if err != nil {
		return err
	}
	registry := r.registry()
	var owners []finding
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
		ask := func(index string, cmd drivers.Command) {
			found.index, found.missing, cmd.Pattern = index, true, r.node.pattern
			owners = append(owners, found)
			batch.Add(cmd)
		}
		ask("", drivers.Command{Op: drivers.OpHGet, Key: registry, Value: found.id})
		ask("", drivers.Command{Op: drivers.OpZScore, Key: drivers.IndexKey(registry, ""), Value: found.id})
		for _, entry := range found.entries {
			ask(entry.Name, drivers.Command{Op: drivers.OpZScore, Key: drivers.IndexKey(registry, entry.Name), Value: entry.Member(found.id)})
		}
	}
	if err := r.runBatch(ctx, "Check", batch); err != nil {
		return err
	}
	unregistered := "" // the registry and the index of ids are one to those who ask
	for i, found := range owners {
		reply, record := batch.Items[i].Reply, batch.Items[i].Command.Op == drivers.OpHGet
		switch {
		case !reply.Nil && (!record || reply.Value == drivers.PackEntries(found.entries)), found.index == "" && found.id == unregistered:
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

// auditSeals tells of the registry and the indexes that may have lost what they had.
func (r ref) auditSeals(ctx context.Context, report func(finding) error) error {
	if err := r.err(); err != nil {
		return err
	}
	batch := drivers.NewBatch(drivers.Command{Op: drivers.OpHGet, Key: r.registry(), Value: drivers.Seal, Pattern: r.node.pattern})
	for _, key := range r.indexKeys() {
		batch.Add(drivers.Command{Op: drivers.OpZScore, Key: key, Value: drivers.Seal, Pattern: r.node.pattern})
	}
	if err := r.runBatch(ctx, "Check", batch); err != nil {
		return err
	}
	names := append([]string{""}, r.node.index().Stored()...)
	var lost []finding
	for i, item := range batch.Items[:len(names)] {
		if !item.Reply.Sealed() {
			switch err := r.checkComplete(ctx, item.Command); {
			case err == nil || errors.Is(err, errBeganMeanwhile): // nothing was stored when it was asked
			case errors.Is(err, ErrIncomplete):
				if found := (finding{index: names[i], lost: true}); len(lost) == 0 || lost[len(lost)-1].index != found.index {
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

// auditIndexes tells what the registry and the indexes have and no document accounts for.
func (r ref) auditIndexes(ctx context.Context, report func(finding) error) error {
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
		cmd := drivers.Command{
			Op: drivers.OpZRangeByLex, Key: drivers.IndexKey(r.registry(), name), Pattern: r.node.pattern,
			Extra: &drivers.Extra{Min: "(" + drivers.Seal, Max: "+"}, Amount: readPage,
		}
		for more := true; more; {
			reply, err := r.driver.Do(ctx, cmd)
			if err != nil {
				return err
			}
			if more = len(reply.Values) == readPage; more {
				cmd.OwnExtra().Min = "(" + reply.Values[readPage-1]
			}
			if err := r.auditMembers(ctx, name, reply.Values, report); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r ref) auditMembers(ctx context.Context, name string, members []string, report func(finding) error) error {
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
	var strays []finding
	registered := drivers.NewBatch()
	for i, found := range documents {
		if found.err != nil || entries[i].In(found.entries) || name == "" && found.exists {
			continue
		}
		found.index, found.stray = name, entries[i]
		strays = append(strays, found)
		registered.Add(drivers.Command{Op: drivers.OpHGet, Key: r.registry(), Value: found.id, Pattern: r.node.pattern})
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
	if err != nil || len(names) == 0 {
		return err
	}
	return r.runBatch(ctx, "Reindex", drivers.NewBatch(lo.Map(names, func(name string, _ int) drivers.Command {
		return drivers.Command{Op: drivers.OpDelete, Key: drivers.IndexKey(r.registry(), name), Pattern: r.node.pattern}
	})...))
}

// auditDropped tells of the indexes that are stored and not declared.
func (r ref) auditDropped(ctx context.Context, report func(finding) error) error {
	names, err := r.droppedIndexes(ctx)
	if err != nil {
		return err
	}
	slices.Sort(names)
	for _, name := range names {
		if err := report(finding{index: name, dropped: true}); err != nil {
			return err
		}
	}
	return nil
}
