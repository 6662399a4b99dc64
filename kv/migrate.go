package kv

import (
	"context"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
	"github.com/kvstore-go/kvstore/kv/internal/forms"
	"github.com/kvstore-go/kvstore/kv/internal/gotext"
)

// Migration is what Migrate has found and done. It counts values of types that have older
// forms: documents, structs in hashes, and elements.
type Migration struct {
	Seen      int // all of them
	Current   int // in the newest form
	Rewritten int // in an older form, and stored in the newest now; of a DryRun: would be
	Kept      int // in an older form, in which they stay: the entries of streams
	Refused   int // told to OnRefused
}

// MigrateOption is an option of Migrate: OnProgress, OnRefused, DryRun.
type MigrateOption interface{ migrate(*migration) }

func (o SubtreeOption) migrate(m *migration) { o(&m.subtree) }

type dryRun struct{}

// DryRun lets Migrate find out what there is to do, and write nothing.
var DryRun MigrateOption = dryRun{}

func (dryRun) migrate(m *migration) { m.dry = true }

// migration is a Migrate under way.
type migration struct {
	subtree

	dry    bool
	report Migration

	reading, swapping *documentPage // under way
}

// Migrate rewrites what is stored in an older form (Upgrade) into the newest, below a store or at a
// single field, and says what it found. When it has ended without Refused and Kept ones, and no
// program writes an older form any more, the upgrades can be deleted.
//
// It works online. Each value is replaced only if it is still what was read, with its TTL
// and, in the same atomic step, what indexes have of it; one that was changed meanwhile is
// looked at again. So writers lose nothing, whatever they write, and two migrations at once do no
// harm. Of sets and sorted sets a member takes the place of the older one; where it is there already, with its own
// score, only the older one goes. The jobs of a queue stay whose they are. An entry of a stream cannot be
// changed: it counts as Kept until it is trimmed.
//
// A value that fits no form, or whose newest form cannot be stored, such as one with a value of
// a unique index that another document has, ends it, or is told to OnRefused and left as it
// is. After an error a repetition finishes the job: what is done costs a read. While StoreAs is declared for anything
// below the store it is ErrInvalid, as that would go on writing an older form.
//
// It costs a scan, a round trip for 256 documents, and one more if any of them
// is to be rewritten; for 512 elements one, and three more if any is.
func Migrate[S any](ctx context.Context, store S, options ...MigrateOption) (Migration, error) {
	at, err := rootOf("Migrate", store)
	if err != nil {
		return Migration{}, err
	}
	m := &migration{subtree: *newSubtree(nil)}
	for option := range given(options) {
		option.migrate(m)
	}
	err = m.run(ctx, at)
	m.report.Seen = m.report.Current + m.report.Rewritten + m.report.Kept + m.report.Refused
	return m.report, err
}

// formed is what the handles of a field share whose values, or elements, may be documents.
type formed interface{ Document() *gotext.Document }

// forms are the forms of the values of a field, or nil if there is the declared one alone.
func (b *bound) forms() *forms.Forms {
	switch how := b.shared.(type) {
	case *hash:
		return how.Forms()
	case formed:
		return how.Document().Forms()
	}
	return nil
}

func (m *migration) run(ctx context.Context, at ref) error {
	if at.driver.isConfined() {
		return at.fail("Migrate", errSpent("a migration within a transaction or a batch"))
	}
	if err := at.node.checkStored(at.path()); err != nil {
		return err
	}
	defer m.end()
	var documents []place
	for p, err := range at.walk(ctx) {
		if err != nil {
			return at.fail("Migrate", err)
		}
		if p.node == nil || p.node.forms() == nil || stays[p.node.kind()] {
			continue
		}
		if p.node.kind() == dsl.JSON {
			if documents = append(documents, p); len(documents) < readPage {
				continue
			}
			err, documents = m.documents(ctx, at, documents), nil
		} else {
			err = m.value(ctx, keyRef{at.driver, p.node, p.key})
		}
		if err != nil {
			return err
		}
	}
	return m.lastDocuments(ctx, at, documents)
}

// checkStored refuses to migrate to a form that is not the newest.
func (b *bound) checkStored(path string) error {
	if older := b.forms().StoredAs(); older != nil {
		return fail("Migrate", path, drivers.Errorf(ErrInvalid, "%s is stored as %v: delete StoreAs first", b.pattern, older))
	}
	if b.element != nil {
		return b.element.checkStored(path)
	}
	for _, field := range b.node.Fields() {
		if err := b.fields[field.Name].checkStored(path); err != nil {
			return err
		}
	}
	return nil
}

// value migrates what is not a document.
func (m *migration) value(ctx context.Context, at keyRef) error {
	var err error
	if at.node.kind() == dsl.Hash {
		err = m.hash(ctx, at)
	} else {
		err = m.elements(ctx, at)
	}
	if err != nil {
		err = m.refused(at.key, err)
	}
	m.advance(1)
	return err
}

// refused counts and tells what cannot be migrated. An error that is not about one value it returns.
func (m *migration) refused(path string, err error) error {
	if err = fail("Migrate", path, err); ofOneValue(err) {
		err = m.refuse(path, err)
	}
	if err == nil {
		m.report.Refused++
	}
	return err
}
