package kv

import (
	"github.com/kvstore-go/kvstore/jsonval"
	"github.com/kvstore-go/kvstore/kv/internal/forms"
	"github.com/kvstore-go/kvstore/kv/internal/gotext"
)

// FormOption says which other forms the values of a field have: Upgrade, StoreAs. It can be given for documents, for
// structs stored as hashes, and for elements that are documents: members, list elements, map values, stream entries,
// jobs, messages.
type FormOption func(*gotext.Older)

func (o FormOption) declare(d *declaration) { o(&d.older) }
func (o FormOption) json()                  {}
func (o FormOption) element()               {}
func (o FormOption) mapped()                {}
func (o FormOption) list()                  {}
func (o FormOption) stream()                {}

// Upgrade declares an older form of a value, and how it becomes a newer one, so that what older
// programs have stored, and go on storing, can be read:
//
//	kv.JSON[User](
//		kv.Upgrade(func(old UserV2) (User, error) { … }),
//		kv.Upgrade(func(old UserV1) (UserV2, error) { … }),
//	)
//
// Upgrades make a chain, or a tree, that ends in the type that is declared. One that does not, that
// begins where another does, or that leads in a circle is a mistake of the schema, reported by
// Open. Validation is for the older form; without any it is judged by its type and its
// jsonschema tags.
//
// A stored text has the newest form that it satisfies without a member that is unknown to that form;
// if there is none, the newest that it satisfies. A form is newer the fewer upgrades lead
// from it to the declared type, then the earlier it was declared. So that no text can be taken for
// another form, give each a member with a fixed value, such as Version int `jsonschema:"const=2"`.
// A text that fits no form is ErrCorrupt, with the violations against the newest.
//
// Reading changes nothing that is stored. What is written is the newest form (but see StoreAs): by Write and by whatever
// else stores a whole value, and by Update, Upsert and Swap of what was older. Migrate rewrites the rest. Indexes of
// a collection are computed of the newest form, whatever is stored.
//
// What an upgrade returns is validated like any value. If it is refused, or the upgrade fails
// or panics, what is stored is ErrCorrupt, with an *UpgradeError. An upgrade may run any
// number of times, by several goroutines at once, and should give the same every time.
//
// Members of sets and sorted sets are told apart by the text that is stored: until they are
// migrated, an operation that is given a member knows it in the form that is written.
// Single fields of a hash: see HashField.
//
// A value of the newest form costs what it costs without upgrades. An older one is decoded by each newer form, then by its
// own, and what it becomes is validated at each step.
func Upgrade[Old, New any](upgrade func(old Old) (New, error), validation ...jsonval.Option) FormOption {
	return func(o *gotext.Older) {
		o.Upgrades = append(o.Upgrades, gotext.Upgrade{Step: forms.StepBy(upgrade), Validation: validation})
	}
}

// StoreAs goes on writing an older form, until every program can read the newer one: a program
// that knows nothing of the newer form can run beside this one. Old has to be a form from which
// Upgrades lead back. What is written has to be valid in both forms; if the function fails or panics, or
// what it makes is refused, the write is ErrInvalid, with an *UpgradeError, and nothing is changed.
//
// When all programs know the newer form the option is deleted, and then, program by program, the
// newer form is written. To those that still have the option nothing is lost by that: Update, Upsert and Swap leave a value that
// they find in the newest form in it. A Write, which looks at nothing, stores the older form, without what
// that has no place for.
func StoreAs[New, Old any](downgrade func(New) (Old, error)) FormOption {
	return func(o *gotext.Older) {
		step := forms.StepBy(downgrade)
		o.StoreAs = &step
	}
}

// UpgradeError is the failure of a function handed to Upgrade or StoreAs: it returned an
// error, panicked, or made a value that the schema refuses. Err is which.
type UpgradeError = forms.Error
