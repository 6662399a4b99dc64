package golden_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/dsl"
	"github.com/kvstore-go/kvstore/spec/lockfile"
)

// update is the environment variable that has the files written anew: for a change that is meant.
const update = "KVSTORE_UPDATE_GOLDEN"

// expectFile compares a text with what is in a file of testdata.
func expectFile(g *WithT, name, text string) {
	path := filepath.Join("testdata", name)
	if os.Getenv(update) != "" {
		g.Expect(os.WriteFile(path, []byte(text), 0o644)).To(Succeed())
	}
	want, err := os.ReadFile(path)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(text).To(Equal(string(want)), "if that is meant: %s=1 go test ./spec/golden", update)
}

// atMidnight runs a test in a time that begins with the year 2000 and stands still, so that
// what is made of it is the same each time.
func atMidnight(t *testing.T, body func(ctx context.Context, g *WithT)) {
	synctest.Test(t, func(t *testing.T) { body(t.Context(), NewWithT(t)) })
}

func TestEveryKindIsWritten(t *testing.T) {
	g := NewWithT(t)
	var kinds []dsl.Kind
	for kind := dsl.Static; !strings.HasPrefix(kind.String(), "Kind("); kind++ {
		kinds = append(kinds, kind)
	}
	written := map[dsl.Kind]bool{}
	for _, w := range writings {
		written[w.kind] = true
	}
	g.Expect(slices.Sorted(maps.Keys(written))).To(Equal(kinds))
}

// What a lock file says of every kind.
func TestLock(t *testing.T) {
	g := NewWithT(t)
	text, err := lockfile.Of(schema.Tree()).Text()
	g.Expect(err).NotTo(HaveOccurred())
	expectFile(g, "lock.json", string(text))
}

// Where each value lies, in which type of Redis's, and as which text.
func TestLayout(t *testing.T) {
	atMidnight(t, func(ctx context.Context, g *WithT) {
		var text strings.Builder
		fmt.Fprintf(&text, "%v\n", schema.Tree())
		for _, w := range writings {
			driver := memory.New()
			all := open(driver)
			g.Expect(w.does(ctx, all)).To(Succeed(), w.says)
			fmt.Fprintf(&text, "\n%v: %s\n", w.kind, w.says)
			for _, line := range stored(ctx, g, driver) {
				fmt.Fprintf(&text, "    %s\n", line)
			}
		}
		expectFile(g, "layout.txt", text.String())
	})
}

func TestExport(t *testing.T) {
	atMidnight(t, func(ctx context.Context, g *WithT) {
		all := open(memory.New())
		for _, w := range writings {
			if w.says != `the id "a:b c é": Write "x"` && w.kind != dsl.Queue { // children come in no order, and so do the two members of a job
				g.Expect(w.does(ctx, all)).To(Succeed(), w.says)
			}
		}
		var file strings.Builder
		g.Expect(all.Export(ctx, &file)).To(HaveField("Values", BeNumerically(">=", len(writings)-5)), "but for topic, lock and limiter, which stay")
		expectFile(g, "export.jsonl", file.String())
	})
}

func TestImport(t *testing.T) {
	atMidnight(t, func(ctx context.Context, g *WithT) {
		text, err := os.ReadFile("testdata/export.jsonl")
		g.Expect(err).NotTo(HaveOccurred())
		driver := memory.New()
		all := open(driver)
		g.Expect(all.Import(ctx, strings.NewReader(string(text)))).To(HaveField("Records", strings.Count(string(text), "\n")-2))

		var again strings.Builder
		g.Expect(all.Export(ctx, &again)).NotTo(BeZero())
		g.Expect(again.String()).To(Equal(string(text)))
		g.Expect(all.Collection.Find(byPages.Is(7)).First(ctx)).To(HaveField("Key", "a:b"))
		for key, err := range all.Registered.Keys(ctx) {
			g.Expect(key, err).To(Equal("a:b"))
		}
	})
}

// stored is all that a driver has: keys, types, values and times to live.
func stored(ctx context.Context, g *WithT, driver drivers.Driver) (lines []string) {
	for _, root := range []string{"all", dsl.IndexSegment} {
		for key, err := range drivers.Scan(ctx, driver, drivers.Command{Op: drivers.OpScanKeys, Key: root}) {
			g.Expect(err).NotTo(HaveOccurred())
			line := key + "  " + valueOf(ctx, g, driver, key)
			ttl, err := driver.Do(ctx, drivers.Command{Op: drivers.OpTTL, Key: key})
			g.Expect(err).NotTo(HaveOccurred())
			if ttl.Int > 0 {
				line += fmt.Sprintf("  for %d ms", ttl.Int)
			}
			lines = append(lines, line)
		}
	}
	slices.Sort(lines)
	if lines == nil {
		return []string{"nothing"}
	}
	return lines
}

// valueOf is the type of what a key holds, and its value.
func valueOf(ctx context.Context, g *WithT, driver drivers.Driver, key string) string {
	for _, read := range []struct {
		name    string
		command drivers.Command
	}{
		{"string", drivers.Command{Op: drivers.OpGet}},
		{"set", drivers.Command{Op: drivers.OpSMembers}},
		{"list", drivers.Command{Op: drivers.OpLRange, Stop: -1}},
		{"zset", drivers.Command{Op: drivers.OpZRange, Stop: -1}},
		{"hash", drivers.Command{Op: drivers.OpHGetAll}},
		{"stream", drivers.Command{Op: drivers.OpXRange}},
	} {
		read.command.Key = key
		reply, err := driver.Do(ctx, read.command)
		if err != nil {
			continue // it is of another type
		}
		switch read.name {
		case "string":
			return fmt.Sprintf("string %q", reply.Value)
		case "zset":
			return fmt.Sprintf("zset %q %v", reply.Values, reply.Floats)
		case "hash":
			return "hash " + inOrder(reply.Values)
		default:
			return fmt.Sprintf("%s %q", read.name, reply.Values)
		}
	}
	g.Expect(key).To(BeEmpty(), "it has no type")
	return ""
}

// inOrder are fields with their values. The owner of a lock is a name drawn at random.
func inOrder(pairs []string) string {
	var fields []string
	for pair := range slices.Chunk(pairs, 2) {
		if pair[0] == "owner" {
			pair[1] = "…"
		}
		fields = append(fields, fmt.Sprintf("%q: %q", pair[0], pair[1]))
	}
	slices.Sort(fields)
	return strings.Join(fields, ", ")
}
