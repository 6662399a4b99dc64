package peers

import (
	"fmt"
	"maps"
	"reflect"
	"testing"

	"github.com/kvstore-go/kvstore/spec/bench/interleave"
)

// task is what the sides of a row do.
type task int

const (
	readText task = iota
	writeText
	readDocument
	writeDocument
	readValidated
	writeValidated
	addMember
	hasMember
	addScored
	rangeScored
	sumSlots
	readTogether
	writeTogether
	batch
	readMany
	listChildren
	listIndexed
	taskCount
)

// operation is how a side does a task.
type operation struct {
	runs  []interleave.Op // one for each goroutine
	check func() error    // does it once and says what is wrong with what came of it
}

// reads is an operation that answers want.
func reads[T any](want T, read func() (T, error)) operation {
	return operation{
		runs: []interleave.Op{func() error { _, err := read(); return err }},
		check: func() error {
			got, err := read()
			if err == nil && !reflect.DeepEqual(got, want) {
				err = fmt.Errorf("the answer is %v, not %v", got, want)
			}
			return err
		},
	}
}

// writes is an operation after which read answers want, and before which it does not.
func writes[T any](want T, write func() error, read func() (T, error)) operation {
	return operation{
		runs: []interleave.Op{write},
		check: func() error {
			if before, err := read(); err == nil && reflect.DeepEqual(before, want) {
				return fmt.Errorf("%v is there before it is written", want)
			}
			if err := write(); err != nil {
				return err
			}
			return reads(want, read).check()
		},
	}
}

// together are operations that so many goroutines do at once, each its own.
func together(each func(i int) (reading, writing operation)) (reading, writing operation) {
	for i := range goroutines {
		r, w := each(i)
		reading, writing = reading.and(r), writing.and(w)
	}
	return reading, writing
}

func (o operation) and(other operation) operation {
	return operation{
		runs: append(o.runs, other.runs...),
		check: func() error {
			if o.check != nil {
				if err := o.check(); err != nil {
					return err
				}
			}
			return other.check()
		},
	}
}

// operations are what a side does.
type operations map[task]operation

func (o operations) with(more operations) operations {
	maps.Copy(o, more)
	return o
}

// side is a column of a table.
type side struct {
	name string
	// open makes a side ready, with the data that its operations work on.
	open func(b *testing.B) operations
	// fill puts so many strings of 16 bytes under keys of 16 bytes into something new,
	// which it returns to be kept until it is measured.
	fill func(b *testing.B, count int) any
	// lacks says why there are tasks that a side does not do.
	lacks map[task]string
}
