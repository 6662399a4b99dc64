package oteldriver

import (
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/kvstore-go/kvstore/drivers"
)

const (
	// maxPrepared bounds what operations remembers, for callers whose patterns are
	// not those of a schema.
	maxPrepared = 1024
	// maxListed bounds the lists in the attributes of a batch.
	maxListed = 16
)

// shape is all of a batch that may be told, as far as its commands share it.
type shape struct {
	prefix  string // "BATCH", "MULTI" or "WAIT" in front; empty for a single command
	op      drivers.Op
	pattern string
}

func shapeOf(b *drivers.Batch) shape {
	var s shape
	switch {
	case b.Waits:
		s.prefix = "WAIT"
	case len(b.Items) != 1 && b.Atomic:
		s.prefix = "MULTI"
	case len(b.Items) != 1:
		s.prefix = "BATCH"
	}
	for i := range b.Items {
		switch cmd := &b.Items[i].Command; {
		case i == 0:
			s.op, s.pattern = cmd.Op, cmd.Pattern
		case cmd.Op != s.op:
			return shape{prefix: s.prefix}
		case cmd.Pattern != s.pattern:
			s.pattern = ""
		}
	}
	return s
}

// operation is how the spans of a shape begin, and how they are measured. It has everything a
// sampler may want to decide by.
type operation struct {
	name       string
	start      []trace.SpanStartOption
	attributes []attribute.KeyValue // of its metrics
	measured   sync.Map             // []metric.RecordOption by result
}

func (s shape) operation(common []attribute.KeyValue) *operation {
	name := s.prefix
	if s.op != drivers.OpInvalid || name == "" {
		name = join(name, s.op.String())
	}
	summary := join(name, s.pattern)
	attributes := append(slices.Clone(common), OperationNameKey.String(name))
	if s.pattern != "" {
		attributes = append(attributes, CollectionNameKey.String(s.pattern))
	}
	return &operation{name: summary, attributes: attributes, start: []trace.SpanStartOption{
		trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(append(slices.Clone(attributes), QuerySummaryKey.String(summary))...),
	}}
}

func join(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + " " + b
}

// operations remembers the operation of every shape, which are few, so that a span
// nobody records costs no text. Reading it takes no lock.
type operations struct {
	common   []attribute.KeyValue
	prepared atomic.Pointer[map[shape]*operation]
}

func newOperations(common []attribute.KeyValue) *operations {
	o := &operations{common: common}
	o.prepared.Store(&map[shape]*operation{})
	return o
}

func (o *operations) of(b *drivers.Batch) *operation {
	s := shapeOf(b)
	known := o.prepared.Load()
	if op, ok := (*known)[s]; ok {
		return op
	}
	op := s.operation(o.common)
	if len(*known) < maxPrepared {
		more := maps.Clone(*known)
		more[s] = op
		// Where another shape was added meanwhile, this one waits for its next time.
		o.prepared.CompareAndSwap(known, &more)
	}
	return op
}

// contents lists the first different Ops and patterns of a batch.
func contents(items []drivers.Item) (ops, patterns []string) {
	for i := range items {
		ops = include(ops, items[i].Command.Op.String())
		patterns = include(patterns, items[i].Command.Pattern)
	}
	return ops, patterns
}

func include(list []string, name string) []string {
	if name == "" || len(list) == maxListed || slices.Contains(list, name) {
		return list
	}
	return append(list, name)
}
