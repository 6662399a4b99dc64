package kv

import (
	"context"
	"errors"
	"maps"
	"strings"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
)

// auditRegistered tells what registries and indexes lack of keys that are there. One round trip for a page, and two more where
// they lack something: what is written meanwhile may seem so, and is looked at again.
func (a *auditing) auditRegistered(ctx context.Context, visits []*visit) error {
	rebuilt := maps.Clone(a.rebuilt)
	lacking, err := a.lacking(ctx, visits)
	if err == nil && len(lacking) > 0 {
		var again []*visit
		if again, err = a.visitAgain(ctx, lacking); err == nil {
			lacking, err = a.lacking(ctx, again)
		}
	}
	if err != nil {
		return err
	}
	for _, own := range lacking {
		if a.rebuilt[own.at.Registry] && !rebuilt[own.at.Registry] {
			continue // it was told, and repaired, since the page was read
		}
		found := difference{path: pathOfChild(own.at.Registry, own.visit.key), index: own.index, err: errors.New(stale{index: own.index, missing: true}.String())}
		found.cmd, found.guarded = a.registering(own)
		if err := a.tellDifference(ctx, own.at.Registry, found); err != nil {
			return err
		}
	}
	return nil
}

// lacking are those of whom registries or indexes lack something.
func (a *auditing) lacking(ctx context.Context, visits []*visit) (lacking []owner, err error) {
	batch, owners := drivers.NewBatch(), []owner(nil)
	asked := map[registeredID]bool{}
	for _, v := range visits {
		for n, ix := range v.node.indexes(v.key) {
			id := registeredID{ix.Registry, ix.ID}
			if asked[id] {
				continue
			}
			asked[id] = true
			own := owner{visit: v, at: ix, whole: n == 0 && v.known && isDocument(v.node)}
			for index, read := range entryReads(ix.Registry, ix.ID, own.entries()) {
				own.index, read.Pattern = index, v.node.pattern
				owners = append(owners, own)
				batch.Add(read)
			}
		}
	}
	if len(owners) == 0 {
		return nil, nil
	}
	if err := a.root.runBatch(ctx, "Audit", batch); err != nil {
		return nil, err
	}
	var last registeredID // the registry and the index of ids are one to those who ask
	for i, own := range owners {
		if read := batch.Items[i]; !read.Reply.Nil && (!own.whole || !lacks(read, own.entries())) {
			continue
		}
		if id := (registeredID{own.at.Registry, own.at.ID}); own.index != "" || id != last {
			lacking = append(lacking, own)
			if own.index == "" {
				last = id
			}
		}
	}
	return lacking, nil
}

// registeredID is an id of a store.
type registeredID struct{ registry, id string }

// visitAgain reads once more the keys of those who lack something, without those that are gone, or do not fit any more.
func (a *auditing) visitAgain(ctx context.Context, lacking []owner) (again []*visit, err error) {
	batch := drivers.NewBatch()
	for _, own := range lacking {
		if len(again) > 0 && again[len(again)-1] == own.visit {
			continue
		}
		again = append(again, own.visit)
		batch.Add(own.visit.addressed(own.visit.how.read), own.visit.addressed(drivers.Command{Op: drivers.OpExists}))
	}
	if err := a.root.driver.DoBatch(ctx, batch); err != nil {
		return nil, err
	}
	still := again[:0]
	for i, v := range again {
		read, exists := batch.Items[2*i], batch.Items[2*i+1]
		if exists.Err != nil {
			return nil, fail("Audit", v.key, exists.Err)
		}
		if exists.Reply.Int == 0 {
			continue
		}
		if v.known {
			if v.content, _, read.Err = v.how.whole(read.Reply); read.Err != nil {
				continue
			}
		}
		still = append(still, v)
	}
	return still, nil
}

// pathOfChild is the path of the child of a registry's store that a key lies in.
func pathOfChild(registry, key string) string {
	store := len(registry) - len(dsl.RegistryKey("")) + len(separator)
	id, _, _ := strings.Cut(key[store:], separator)
	return key[:store] + id
}

// owner is who a registry was asked for.
type owner struct {
	visit *visit
	at    drivers.Index
	index string
	whole bool // it is a document, whose entries are known
}

// entries are what the indexes should have of it, as far as that is known.
func (o owner) entries() []drivers.Entry {
	if !o.whole {
		return nil
	}
	return o.visit.content.entries
}

func isDocument(node *bound) bool {
	how, ok := node.shared.(*document)
	return ok && how.indexes != nil
}

// registering is the command that registers a key, and whether that is right only as long as the key is there: of a store
// around the root it is not known what else a child has.
func (a *auditing) registering(own owner) (cmd drivers.Command, guarded bool) {
	ix, key := own.at, own.visit.key
	if own.whole {
		ix.Entries = own.visit.content.entries
		text := own.visit.content.text
		return drivers.Command{Op: drivers.OpCompareAndSwap, Key: key, Value: text, Extra: &drivers.Extra{Expected: text, Indexes: []drivers.Index{ix}}}, false
	}
	if store, below := a.storeOf(ix.Registry); below {
		return store.reconciling(ix.ID), false
	}
	return drivers.Command{Op: drivers.OpReconcile, Key: key, Extra: &drivers.Extra{Indexes: []drivers.Index{ix}}}, true
}
