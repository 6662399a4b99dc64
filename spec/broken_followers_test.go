package spec_test

import (
	"context"
	"errors"
	"iter"
	"strings"

	"github.com/kvstore-go/kvstore/drivers"
)

// followed is a driver that tells of changes through a hook.
type followed struct {
	able
	follow func(d drivers.Follower, ctx context.Context, keys []string, ready func()) iter.Seq2[string, error]
}

func (d followed) Follow(ctx context.Context, keys []string, ready func()) iter.Seq2[string, error] {
	return d.follow(d.able, ctx, keys, ready)
}

// filtered yields what a hook lets pass.
func filtered(keep func(key string, err error) bool) func(d drivers.Driver) drivers.Driver {
	return func(d drivers.Driver) drivers.Driver {
		return followed{d.(able), func(d drivers.Follower, ctx context.Context, keys []string, ready func()) iter.Seq2[string, error] {
			return func(yield func(string, error) bool) {
				for key, err := range d.Follow(ctx, keys, ready) {
					if keep(key, err) && !yield(key, err) {
						return
					}
				}
			}
		}}
	}
}

func brokenFollowers() []brokenDriver {
	widely := func(d drivers.Follower, ctx context.Context, keys []string, ready func()) iter.Seq2[string, error] {
		return d.Follow(ctx, append([]string{"kk"}, keys...), ready)
	}
	inherit := func(d drivers.Follower, ctx context.Context, keys []string, ready func()) iter.Seq2[string, error] {
		return d.Follow(context.WithoutCancel(ctx), keys, ready)
	}
	once := func(d drivers.Follower, ctx context.Context, keys []string, ready func()) iter.Seq2[string, error] {
		return d.Follow(ctx, keys, func() {
			if ready != nil {
				ready()
			}
			ready = nil
		})
	}
	hook := func(follow func(d drivers.Follower, ctx context.Context, keys []string, ready func()) iter.Seq2[string, error]) func(d drivers.Driver) drivers.Driver {
		return func(d drivers.Driver) drivers.Driver { return followed{d.(able), follow} }
	}
	return []brokenDriver{
		{"tells of keys that only begin alike", `^following tells of the keys below, and of no others`, hook(widely)},
		{"tells nothing of the keys below", `^following tells of the keys below, and of no others`, filtered(func(key string, _ error) bool { return !strings.Contains(key, ":a") })},
		{"hides that something was missed", `^following keeps nobody who writes waiting`, filtered(func(_ string, err error) bool { return !errors.Is(err, drivers.ErrMissed) })},
		{"does not say that it hears again", `^following keeps nobody who writes waiting`, hook(once)},
		{"follows on when its context ends", `^following ends with the error of the context`, hook(inherit)},
	}
}
