package kvtest

import (
	"bytes"
	"context"
	"io"
	"iter"
	"strings"
	"sync"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/dsl"
	"github.com/kvstore-go/kvstore/kv"
)

// ErrorOf is the error of what returns a value, too.
func ErrorOf[T any](_ T, err error) error { return err }

// Opening is what Open says of a schema.
func Opening[H any](schema kv.Schema[H]) error {
	_, err := kv.Open(schema, memory.New(), kv.At("opened"))
	return err
}

// Collect is what a listing lists, without a failure.
func Collect[K any](keys iter.Seq2[K, error]) (all []K) {
	ginkgo.GinkgoHelper()
	for key, err := range keys {
		gomega.Expect(err).NotTo(gomega.HaveOccurred())
		all = append(all, key)
	}
	return all
}

// KeysBelow is what is stored below a key.
func KeysBelow(ctx context.Context, driver drivers.Driver, key string) []string {
	ginkgo.GinkgoHelper()
	keys := Collect(drivers.Scan(ctx, driver, drivers.Command{Op: drivers.OpScanKeys, Key: key}))
	for _, kept := range Collect(drivers.Scan(ctx, driver, drivers.Command{Op: drivers.OpScanKeys, Key: dsl.IndexSegment})) {
		if path := strings.TrimPrefix(kept, dsl.RegistryKey("")); path == key || strings.HasPrefix(path, key+":") {
			keys = append(keys, kept)
		}
	}
	return keys
}

// Plant stores a string under a key, past the schema.
func Plant(ctx context.Context, driver drivers.Driver, keys ...string) {
	ginkgo.GinkgoHelper()
	for _, key := range keys {
		_, err := driver.Do(ctx, drivers.Command{Op: drivers.OpSet, Key: key, Value: "foreign"})
		gomega.Expect(err).NotTo(gomega.HaveOccurred())
	}
}

// Exporter is any store.
type Exporter interface {
	Export(ctx context.Context, w io.Writer, options ...kv.SubtreeOption) (kv.Transferred, error)
}

// Exported is the file that a store exports.
func Exported(ctx context.Context, store Exporter) string {
	ginkgo.GinkgoHelper()
	var file bytes.Buffer
	_, err := store.Export(ctx, &file)
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	return file.String()
}

// OnlyDo is a driver without any optional ability.
type OnlyDo struct{ drivers.Driver }

func (d OnlyDo) Do(ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
	return d.Driver.Do(ctx, cmd)
}

// Clock is moved by hand.
type Clock struct {
	mutex sync.Mutex
	now   time.Time
}

func NewClock() *Clock { return &Clock{now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)} }

func (c *Clock) Now() time.Time {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.now
}

func (c *Clock) Advance(d time.Duration) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.now = c.now.Add(d)
}
