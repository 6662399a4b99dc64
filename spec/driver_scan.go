package spec

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
)

// list runs a listing Op to its end, below the key itself and not its short name.
// It ends after an error, and fails where something follows it.
func (t *trial) list(op drivers.Op, prefix string) (names []string, failed error) {
	for name, err := range drivers.Scan(t.ctx, t.Driver, drivers.Command{Op: op, Key: prefix}) {
		t.Expect(failed).NotTo(gomega.HaveOccurred(), "the scan went on after its error")
		if failed = err; err == nil {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, failed
}

// lists expects a listing Op to yield exactly names, each once.
func (t *trial) lists(op drivers.Op, prefix string, names ...string) {
	got, err := t.list(op, prefix)
	t.Expect(err).NotTo(gomega.HaveOccurred())
	slices.Sort(names)
	t.Expect(got).To(gomega.HaveExactElements(names), "%v %q", op, prefix)
}

// store puts something under keys that are not moved together.
func (t *trial) store(keys ...string) {
	for _, key := range keys {
		_, err := t.Driver.Do(t.ctx, put(key, "v"))
		t.Expect(err).NotTo(gomega.HaveOccurred())
	}
}

var listingOps = []drivers.Op{drivers.OpScanKeys, drivers.OpScanLeaves, drivers.OpScanBranches}

// scanChecks are about listing keys.
func scanChecks(h Harness) []check {
	var checks []check
	for _, op := range drivers.Ops() {
		if op.Effect() != drivers.Lists {
			checks = append(checks, about(op, "lists no keys: to scan with it is ErrInvalid", func(t *trial) {
				_, err := t.list(op, "users")
				t.fails(err, drivers.ErrInvalid)
			}))
		}
	}
	for _, op := range listingOps {
		if !h.Scan {
			checks = append(checks, about(op, "is errors.ErrUnsupported", func(t *trial) {
				t.store("users:1", "users:1:a")
				names, err := t.list(op, "users")
				t.fails(err, unsupported)
				t.Expect(names).To(gomega.BeEmpty())
			}))
			continue
		}
		checks = append(checks,
			about(op, "yields nothing where there is nothing", func(t *trial) {
				t.lists(op, "users")
				t.store("users", "users2", "users2:1:a", "user:1:a", "xusers:1:a")
				t.lists(op, "users")
			}),
			about(op, "yields each of a thousand once", func(t *trial) { t.listsMany(op) }),
			about(op, "stops where the loop breaks, and the driver goes on", func(t *trial) { t.breaksOff(op) }),
			about(op, "lets the loop delete what it yields", func(t *trial) { t.deletesInLoop(op) }),
			about(op, "yields what stays once while other keys come and go", func(t *trial) { t.churns(op) }),
			about(op, "does not yield what has expired", func(t *trial) { t.doesNotListExpired(op) }),
			about(op, "ends with the context's error where that ends meanwhile", func(t *trial) { t.cancelledMeanwhile(op) }),
			about(op, "may be ranged over again", func(t *trial) { t.rangedTwice(op) }),
		)
	}
	if !h.Scan {
		return checks
	}
	return append(checks,
		about(drivers.OpScanKeys, "yields every key below, however far, of whatever type", func(t *trial) {
			t.store("users", "users:1", "users:1:name", "users:1:a:b:c", "users:2", "other:1")
			_, err := t.Driver.Do(t.ctx, fill("users:set", "a"))
			t.Expect(err).NotTo(gomega.HaveOccurred())
			t.lists(drivers.OpScanKeys, "users", "users:1", "users:1:name", "users:1:a:b:c", "users:2", "users:set")
			t.lists(drivers.OpScanKeys, "users:1", "users:1:name", "users:1:a:b:c")
			t.lists(drivers.OpScanKeys, "users:1:a:b", "users:1:a:b:c")
		}),
		about(drivers.OpScanKeys, "yields what lies below any of several keys, each key once", func(t *trial) {
			t.store("users", "users:1", "users:1:a", "%index:users:1", "%index:users::mail", "%index:users", "xusers:1", "x:users:1", "other:1")
			for _, others := range [][]string{{"%index:users"}, {"%index:users", "users:1", "users"}} {
				cmd := drivers.Command{Op: drivers.OpScanKeys, Key: "users", Extra: &drivers.Extra{Keys: others}}
				var names []string
				for name, err := range drivers.Scan(t.ctx, t.Driver, cmd) {
					t.Expect(err).NotTo(gomega.HaveOccurred())
					names = append(names, name)
				}
				t.Expect(names).To(gomega.ConsistOf("users:1", "users:1:a", "%index:users:1", "%index:users::mail"))
			}
		}),
		about(drivers.OpScanLeaves, "yields the last segments of the keys one segment below", func(t *trial) {
			t.store("users", "users:1", "users:1:name", "users:2:name", "users:3", "users:3:a:b")
			t.lists(drivers.OpScanLeaves, "users", "1", "3")
			t.lists(drivers.OpScanLeaves, "users:1", "name")
			t.lists(drivers.OpScanLeaves, "users:3")
		}),
		about(drivers.OpScanBranches, "yields the next segments that have keys below them", func(t *trial) {
			t.store("users", "users:1", "users:1:name", "users:2:name", "users:2:age", "users:3", "users:4:a:b")
			t.lists(drivers.OpScanBranches, "users", "1", "2", "4")
			t.lists(drivers.OpScanBranches, "users:4", "a")
			t.lists(drivers.OpScanBranches, "users:1")
		}),
		about(drivers.OpScanKeys, "forgets keys that were deleted and sets that were emptied", func(t *trial) {
			t.store("users:1", "users:2:a")
			for _, cmd := range []drivers.Command{fill("users:3", "a"), {Op: drivers.OpSRem, Key: "users:3", Values: []string{"a"}}, {Op: drivers.OpDelete, Key: "users:2:a"}} {
				_, err := t.Driver.Do(t.ctx, cmd)
				t.Expect(err).NotTo(gomega.HaveOccurred())
			}
			t.lists(drivers.OpScanKeys, "users", "users:1")
			t.lists(drivers.OpScanBranches, "users")
		}),
	)
}

// crowd stores keys of which op lists n, and returns the key of a listed name.
func (t *trial) crowd(op drivers.Op, n int) (names []string, keyOf func(name string) string) {
	suffix := ""
	if op == drivers.OpScanBranches {
		suffix = ":leaf"
	}
	var commands []drivers.Command
	for i := range n {
		names = append(names, fmt.Sprint("n", i))
		commands = append(commands, put("users:"+names[i]+suffix, "v"), put(fmt.Sprint("users2:n", i, suffix), "v"))
	}
	b := drivers.NewBatch(commands...)
	t.Expect(firstError(b, drivers.DoBatch(t.ctx, t.Driver, b))).To(gomega.Succeed())
	if op == drivers.OpScanKeys {
		for i, name := range names {
			names[i] = "users:" + name
		}
		return names, func(name string) string { return name }
	}
	return names, func(name string) string { return "users:" + name + suffix }
}

func (t *trial) listsMany(op drivers.Op) {
	names, _ := t.crowd(op, 1000)
	t.lists(op, "users", names...)
}

func (t *trial) breaksOff(op drivers.Op) {
	names, _ := t.crowd(op, 300)
	for _, stop := range []int{1, 2, 150} {
		seen := 0
		for _, err := range drivers.Scan(t.ctx, t.Driver, drivers.Command{Op: op, Key: "users"}) {
			t.Expect(err).NotTo(gomega.HaveOccurred())
			if seen++; seen == stop {
				break
			}
		}
		t.Expect(seen).To(gomega.Equal(stop))
	}
	t.store("users:late:late")
	t.lists(drivers.OpScanKeys, "users:late", "users:late:late")
	_, err := t.Driver.Do(t.ctx, drivers.Command{Op: drivers.OpDelete, Key: "users:late:late"})
	t.Expect(err).NotTo(gomega.HaveOccurred())
	t.lists(op, "users", names...)
}

func (t *trial) deletesInLoop(op drivers.Op) {
	names, keyOf := t.crowd(op, 300)
	var seen []string
	for name, err := range drivers.Scan(t.ctx, t.Driver, drivers.Command{Op: op, Key: "users"}) {
		t.Expect(err).NotTo(gomega.HaveOccurred())
		seen = append(seen, name)
		reply, err := t.Driver.Do(t.ctx, drivers.Command{Op: drivers.OpDelete, Key: keyOf(name)})
		t.Expect(err).NotTo(gomega.HaveOccurred())
		t.replies(reply, drivers.Reply{Int: 1}, "deleting %q", keyOf(name))
	}
	slices.Sort(seen)
	slices.Sort(names)
	t.Expect(seen).To(gomega.Equal(names))
	t.lists(op, "users")
}

func (t *trial) churns(op drivers.Op) {
	names, keyOf := t.crowd(op, 300)
	seen := map[string]int{}
	for name, err := range drivers.Scan(t.ctx, t.Driver, drivers.Command{Op: op, Key: "users"}) {
		t.Expect(err).NotTo(gomega.HaveOccurred())
		if seen[name]++; strings.Contains(name, "visitor") {
			continue
		}
		visitor := strings.Replace(keyOf(name), "users:", "users:visitor", 1)
		t.store(visitor)
		if len(seen)%2 == 0 {
			_, err := t.Driver.Do(t.ctx, drivers.Command{Op: drivers.OpDelete, Key: visitor})
			t.Expect(err).NotTo(gomega.HaveOccurred())
		}
	}
	t.Expect(seen).To(gomega.HaveEach(1), "how often each was yielded")
	for _, name := range names {
		t.Expect(seen).To(gomega.HaveKey(name))
	}
}

func (t *trial) doesNotListExpired(op drivers.Op) {
	names, _ := t.crowd(op, 3)
	prefix := t.harness.Prefix
	t.given(put("users:gone", "v"), put("users:gone2:leaf", "v"))
	t.expire("users:gone", "users:gone2:leaf")
	if prefix == "" {
		t.lists(op, "users", names...)
		return
	}
	t.lists(op, prefix+"users")
}

func (t *trial) cancelledMeanwhile(op drivers.Op) {
	t.crowd(op, 300)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var failed error
	seen := 0
	for _, err := range drivers.Scan(ctx, t.Driver, drivers.Command{Op: op, Key: "users"}) {
		t.Expect(failed).NotTo(gomega.HaveOccurred(), "the scan went on after its error")
		if failed = err; err == nil {
			seen++
		}
		cancel()
	}
	if failed != nil {
		t.fails(failed, context.Canceled)
		return
	}
	t.Expect(seen).To(gomega.Equal(300), "a scan without an error is complete")
}

func (t *trial) rangedTwice(op drivers.Op) {
	names, _ := t.crowd(op, 3)
	scan := drivers.Scan(t.ctx, t.Driver, drivers.Command{Op: op, Key: "users"})
	for range 2 {
		seen := 0
		for _, err := range scan {
			t.Expect(err).NotTo(gomega.HaveOccurred())
			seen++
		}
		t.Expect(seen).To(gomega.Equal(len(names)))
	}
}
