package peers

import (
	"testing"

	"github.com/kvstore-go/kvstore/spec/bench/fixture"
)

// objects is a store of Go values, which it encodes itself.
type objects interface {
	get(key string, into any) error
	set(key string, value any) error
}

// objectTasks are what is done with Go values.
func objectTasks(b *testing.B, s objects, name string) operations {
	b.Helper()
	stored, written := name+":documents:held", name+":documents:written"
	must(b, s.set(stored, document))
	read := func(key string) func() (fixture.Game, error) {
		return func() (game fixture.Game, err error) {
			err = s.get(key, &game)
			return game, err
		}
	}
	return textTasks(b, textsOf{s}, name).with(operations{
		readDocument:  reads(document, read(stored)),
		writeDocument: writes(document, func() error { return s.set(written, document) }, read(written)),
	})
}

// textsOf is a store of Go values that are strings.
type textsOf struct{ objects }

func (s textsOf) get(key string) (text string, err error) {
	err = s.objects.get(key, &text)
	return text, err
}

func (s textsOf) set(key, value string) error { return s.objects.set(key, value) }

// objectsInMemory is a side of Go values.
func objectsInMemory(name string, make func() objects) side {
	return side{
		name: name,
		open: func(b *testing.B) operations {
			s := make()
			fillTexts(b, textsOf{s}, otherCount)
			return objectTasks(b, s, name)
		},
		fill: func(b *testing.B, count int) any {
			s := make()
			fillTexts(b, textsOf{s}, count)
			return s
		},
		lacks: valuesAlone,
	}
}

// valuesAlone is what stores of Go values lack.
var valuesAlone = map[task]string{
	readValidated: "no validation", writeValidated: "no validation",
	addMember: "no sets", hasMember: "no sets", addScored: "no sorted sets", rangeScored: "no sorted sets",
	sumSlots: "no bitsets",
	batch:    "no batches", readMany: "no bulk reads", listChildren: "no listing", listIndexed: "no listing",
}
