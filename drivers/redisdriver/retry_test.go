package redisdriver_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
)

// moving are what a cluster says whose keys or masters are on the move.
var moving = []string{
	"TRYAGAIN Multiple keys request during rehashing of slot",
	"CLUSTERDOWN Hash slot not served",
	"ERR Script attempted to access a non local key in a cluster node script: 5a1, on @user_script:2.",
}

// refusingFor is a server that refuses SET the first times that it comes.
func refusingFor(times int, with string) *answering {
	return &answering{answer: func(name string) string {
		if name == "set" && times != 0 {
			times--
			return "-" + with
		}
		return ""
	}}
}

func TestWhatAClusterOnTheMoveRefusesIsTriedAgain(t *testing.T) {
	redis.SetLogger(silence{})
	write := drivers.Command{Op: drivers.OpSet, Key: "k", Value: "v"}
	for how, attempt := range map[string]func(ctx context.Context, d drivers.Driver) error{
		"alone": func(ctx context.Context, d drivers.Driver) error { _, err := d.Do(ctx, write); return err },
		"in a batch": func(ctx context.Context, d drivers.Driver) error {
			b := drivers.NewBatch(drivers.Command{Op: drivers.OpDelete, Key: "other"}, write)
			return errors.Join(drivers.DoBatch(ctx, d, b), b.Items[0].Err, b.Items[1].Err)
		},
		"in an atomic batch": func(ctx context.Context, d drivers.Driver) error {
			b := drivers.NewBatch(write)
			b.Atomic = true
			return errors.Join(drivers.DoBatch(ctx, d, b), b.Items[0].Err)
		},
	} {
		for _, answer := range moving {
			run := func(times int, body func(server *answering, d drivers.Driver)) {
				synctest.Test(t, func(t *testing.T) {
					server := refusingFor(times, answer)
					client := server.client()
					defer client.Close()
					body(server, redisdriver.New(client))
				})
			}
			run(5, func(server *answering, d drivers.Driver) {
				if err := attempt(ctx, d); err != nil || server.was("set") != 6 {
					t.Errorf("%s, %q: %v after %d tries", how, answer, err, server.was("set"))
				}
				if retries := d.(*redisdriver.Driver).Pool().Retries; retries != 5 {
					t.Errorf("%s, %q: %d retries are told", how, answer, retries)
				}
				if how == "in a batch" && server.was("unlink") != 1 {
					t.Errorf("%q: what was executed was sent again", answer)
				}
			})
			run(-1, func(server *answering, d drivers.Driver) {
				began := time.Now()
				err := attempt(ctx, d)
				if !errors.Is(err, drivers.ErrUnavailable) || !redis.HasErrorPrefix(err, answer[4:12]) && !redis.HasErrorPrefix(err, answer[:6]) {
					t.Errorf("%s, %q: %v", how, answer, err)
				}
				if tries, took := server.was("set"), time.Since(began); tries < 10 || tries > 50 || took > 6*time.Second {
					t.Errorf("%s, %q: %d tries in %v", how, answer, tries, took)
				}
			})
			run(-1, func(server *answering, d drivers.Driver) {
				short, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
				defer cancel()
				began := time.Now()
				if err := attempt(short, d); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, drivers.ErrIndeterminate) {
					t.Errorf("%s, %q, with a deadline: %v", how, answer, err)
				}
				if took := time.Since(began); took != 100*time.Millisecond {
					t.Errorf("%s, %q: it outlasted its deadline by %v", how, answer, took-100*time.Millisecond)
				}
			})
		}
	}
}

func TestOtherRefusalsAreNotTriedAgain(t *testing.T) {
	redis.SetLogger(silence{})
	tried := map[string]bool{}
	for _, answer := range moving {
		tried[answer[:8]] = true
	}
	for answer := range refusals {
		if tried[answer[:8]] {
			continue
		}
		synctest.Test(t, func(t *testing.T) {
			server := refusingFor(-1, answer)
			client := server.client()
			defer client.Close()
			_, _ = redisdriver.New(client).Do(ctx, drivers.Command{Op: drivers.OpSet, Key: "k"})
			if server.was("set") != 1 {
				t.Errorf("%q: %d times", answer, server.was("set"))
			}
		})
	}
}

func TestTheOrderOfABatchIsKeptWhereItMatters(t *testing.T) {
	redis.SetLogger(silence{})
	refused := drivers.Command{Op: drivers.OpSet, Key: "k", Value: "1"}
	for name, row := range map[string]struct {
		after drivers.Command
		again bool
	}{
		"a write of the same key":   {drivers.Command{Op: drivers.OpAppend, Key: "k", Value: "2"}, false},
		"a read of the same key":    {drivers.Command{Op: drivers.OpStrLen, Key: "k"}, false},
		"a write of another":        {drivers.Command{Op: drivers.OpAppend, Key: "other", Value: "2"}, true},
		"one that takes it from it": {drivers.Command{Op: drivers.OpSUnion, Key: "other", Extra: &drivers.Extra{Keys: []string{"k"}}}, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			server := refusingFor(1, moving[0])
			client := server.client()
			defer client.Close()
			b := drivers.NewBatch(refused, row.after)
			_ = redisdriver.New(client).DoBatch(ctx, b)
			if again := b.Items[0].Err == nil; again != row.again {
				t.Errorf("%s came after it, and was executed: %s", name, fmt.Sprint(b.Items[0].Err))
			}
		})
	}
}
