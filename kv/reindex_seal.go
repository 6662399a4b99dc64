package kv

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/samber/lo"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
)

// Who rebuilds a registry and its indexes gives those without a seal a mark of its own
// first, and makes seals of its marks in the end: what was lost meanwhile has none by then.
func newMark() int64 { return 1 + rand.Int64N(drivers.MaxMark) }

// seal is one of the two steps, and reports whether all are sealed after it. One round trip.
func (r ref) seal(ctx context.Context, step func(mark int64, indexes []string) drivers.Command, mark int64) (complete bool, err error) {
	cmd := step(mark, r.indexKeys())
	cmd.Key, cmd.Pattern = r.registry(), r.node.pattern
	reply, err := r.driver.Do(ctx, cmd)
	return !slices.Contains(reply.Ints, 0), err
}

// sealMarked makes seals of the marks. What was lost meanwhile is ErrIncomplete, but for an
// empty store, which has ended by itself.
func (r ref) sealMarked(ctx context.Context, mark int64) error {
	complete, err := r.seal(ctx, drivers.SealMarked, mark)
	if err != nil || complete {
		return err
	}
	if err = r.checkComplete(ctx, r.registryRead(drivers.Seal)); errors.Is(err, errBeganMeanwhile) {
		return ErrIncomplete // an index has none
	}
	return err
}

// dropOlder removes what an older layout has left of the registry and the indexes.
func (r ref) dropOlder(ctx context.Context) error {
	return r.deleteKeys(ctx, "Reindex", r.olderKeys())
}

// olderKeys are where the registry and the indexes of r lay before they left the place of
// its children.
func (r ref) olderKeys() []string {
	registry := r.path() + separator + dsl.IndexSegment
	return append([]string{registry}, lo.Map(r.node.index().Names, func(name string, _ int) string { return registry + separator + name })...)
}

// isOlder reports one of the olderKeys of a store at or below r.
func (r ref) isOlder(key string) bool {
	path, _, found := strings.Cut(key, separator+dsl.IndexSegment)
	at, err := r, error(nil)
	if path != r.path() {
		at, err = r.below(path)
	}
	return found && err == nil && at.node.index() != nil && slices.Contains(at.olderKeys(), key)
}
