package subtrees_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"runtime"
	"strings"
	"unicode/utf8"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
	"github.com/kvstore-go/kvstore/spec/suite"
)

// A depository has a field of each kind whose values, or parts of them, may be large.
var depository = kv.Static("depository").
	String("text").Bytes("bytes").JSON[string]("document").BitSet("slots", kv.U8).
	Set("set").List("list").SortedSet("ranking").Map[string]("map").Stream[string]("stream")

// large is so many megabytes of text that begins with a name, in characters of several bytes.
func large(name string, megabytes int) string {
	return name + strings.Repeat("żó\n", megabytes<<20/5)
}

func fillDepository(ctx context.Context, store kv.StaticStore) {
	GinkgoHelper()
	text := large("text", 3)
	Expect(store.Take[kv.StringField]("text").Write(ctx, text)).To(Succeed())
	Expect(store.Take[kv.BytesField]("bytes").Write(ctx, []byte(strings.Repeat("\xff\x00\xc3", 1<<20)))).To(Succeed())
	Expect(store.Take[kv.JSONField[string]]("document").Write(ctx, text)).To(Succeed())
	Expect(store.Take[kv.BitSetField]("slots").Put(ctx, 5<<19, 7)).To(Succeed())
	elements := []string{"", large("a", 2), "b", large("c", 1), large("d", 1)[:1<<20], "e"}
	Expect(store.Take[kv.SetField]("set").Write(ctx, elements)).To(Succeed())
	Expect(store.Take[kv.ListField]("list").Write(ctx, elements)).To(Succeed())
	for i, element := range elements {
		Expect(kvtest.ErrorOf(store.Take[kv.SortedSetField]("ranking").Add(ctx, kv.Scored[string]{Member: element, Score: float64(i) + 0.5}))).To(Succeed())
		Expect(kvtest.ErrorOf(store.Take[kv.StreamField[string]]("stream").Append(ctx, element))).To(Succeed())
	}
	Expect(kvtest.ErrorOf(store.Take[kv.MapField[string, string]]("map").PutMany(ctx, map[string]string{
		"": elements[1], large("key", 1): "", large("both", 2): large("two", 2), "x": "y", large("exact", 1)[:1<<20]: "z",
	}))).To(Succeed())
}

// inDepository is all that is stored there.
func inDepository(ctx context.Context, store kv.StaticStore) map[string]any {
	GinkgoHelper()
	all := map[string]any{}
	value := func(name string, value any, err error) {
		GinkgoHelper()
		Expect(err).NotTo(HaveOccurred())
		all[name] = value
	}
	text, err := store.Take[kv.StringField]("text").Read(ctx)
	value("text", text, err)
	bytes, err := store.Take[kv.BytesField]("bytes").Read(ctx)
	value("bytes", string(bytes), err)
	document, err := store.Take[kv.JSONField[string]]("document").Read(ctx)
	value("document", document, err)
	slot, err := store.Take[kv.BitSetField]("slots").Get(ctx, 5<<19)
	value("slots", slot, err)
	set, err := store.Take[kv.SetField]("set").Read(ctx)
	members := map[string]bool{}
	for _, member := range set {
		members[member] = true
	}
	value("set", members, err)
	list, err := store.Take[kv.ListField]("list").Read(ctx)
	value("list", list, err)
	for member, err := range store.Take[kv.SortedSetField]("ranking").All(ctx) {
		value("ranking "+member.Member, member.Score, err)
	}
	fields, err := store.Take[kv.MapField[string, string]]("map").Read(ctx)
	value("map", fields, err)
	for entry, err := range store.Take[kv.StreamField[string]]("stream").Range("", "").All(ctx) {
		value("stream "+entry.ID, entry.Value, err)
	}
	return all
}

// measured counts what is read of a file, and looks at times how much memory is in use.
type measured struct {
	io.Reader
	read, looked int64
	most         uint64
}

func inUse() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

func (m *measured) Read(into []byte) (int, error) {
	n, err := m.Reader.Read(into)
	if m.read += int64(n); m.read-m.looked >= 4<<20 {
		m.most, m.looked = max(m.most, inUse()), m.read
	}
	return n, err
}

// repeating is a text that never ends.
type repeating string

func (r repeating) Read(into []byte) (int, error) {
	n := copy(into, r)
	for n < len(into) {
		n += copy(into[n:], into[:n])
	}
	return n, nil
}

func allocated() uint64 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.TotalAlloc
}

var _ = Describe("Large values", Label(suite.Slow), func() {
	kvtest.OnAllDrivers(func(open func(context.Context) kvtest.Backend) {
		It("are exported in lines of bounded length, and come back as they were", func(ctx context.Context) {
			store := kv.MustOpen(depository, open(ctx).Driver)
			fillDepository(ctx, store)
			want := inDepository(ctx, store)
			file := kvtest.Exported(ctx, store)
			longest, records := 0, 0
			for line := range strings.Lines(file) {
				longest = max(longest, len(line))
				if !strings.Contains(line[max(len(line)-200, 0):], `"rest":`) {
					records++
				}
			}
			Expect(longest).To(BeNumerically("<", 8<<20))
			Expect(store.Erase(ctx)).To(Equal(9))
			Expect(store.Import(ctx, strings.NewReader(file), kv.MaxRecord(8<<20))).To(HaveField("Records", records-2))
			found := inDepository(ctx, store)
			Expect(found).To(HaveLen(len(want)))
			for name, value := range want {
				Expect(reflect.DeepEqual(found[name], value)).To(BeTrue(), name[:min(len(name), 20)])
			}
		})
	})

	Describe("of a single key", func() {
		var (
			source kv.StaticStore
			text   string
			lines  []string
		)
		BeforeEach(func(ctx context.Context) {
			source = kv.MustOpen(Town, memory.New()).Take(TownHall)
			text = large("onwards", 3)
			Expect(source.Take(TownMotto).Write(ctx, text)).To(Succeed())
			lines = strings.SplitAfter(kvtest.Exported(ctx, source), "\n") // a heading, four pieces, the ending
			Expect(lines).To(HaveLen(7))
		})
		importing := func(ctx context.Context, options []kv.SubtreeOption, lines ...string) (kv.StringField, int, error) {
			hall := kv.MustOpen(Town, memory.New()).Take(TownHall)
			Expect(hall.Take(TownMotto).Write(ctx, "old")).To(Succeed())
			imported, err := hall.Import(ctx, strings.NewReader(strings.Join(lines, "")), options...)
			return hall.Take(TownMotto), imported.Records, err
		}

		It("are pieces that say how much is to come, divided between characters", func() {
			rest := len(text)
			for i, line := range lines[1:5] {
				var piece struct {
					Values       []string
					Rest         int
					More, Base64 bool
				}
				Expect(json.Unmarshal([]byte(line), &piece)).To(Succeed())
				Expect(piece.Values).To(HaveLen(1))
				rest -= len(piece.Values[0])
				Expect(piece.Rest).To(Equal(rest))
				Expect([]bool{piece.More, piece.Base64, utf8.ValidString(piece.Values[0])}).To(Equal([]bool{i > 0, false, true}))
			}
			Expect(rest).To(BeZero())
			Expect(lines[5]).To(Equal(fmt.Sprintf(ending, 1) + "\n"))
		})

		It("are one record, which is stored when all of it is there, and not before", func(ctx context.Context) {
			for kept := 2; kept < 6; kept++ {
				for _, cut := range []string{"", lines[kept][:10]} {
					motto, records, err := importing(ctx, nil, strings.Join(lines[:kept], ""), cut)
					Expect(err).To(MatchError(io.ErrUnexpectedEOF))
					if kept < 5 {
						Expect(records).To(BeZero())
						Expect(motto.Read(ctx)).To(Equal("old"))
					}
				}
			}
			motto, records, err := importing(ctx, nil, lines...)
			Expect(err).NotTo(HaveOccurred())
			Expect(records).To(Equal(1))
			read, err := motto.Read(ctx)
			Expect(err).NotTo(HaveOccurred())
			Expect(read == text).To(BeTrue())
		})

		It("are ErrInvalid where a piece is missing, doubled, out of order, or another's", func(ctx context.Context) {
			another := func(line, old, with string) string {
				GinkgoHelper()
				Expect(line).To(ContainSubstring(old))
				return strings.Replace(line, old, with, 1)
			}
			for damage, pieces := range map[string][]string{
				"the first is missing":     {lines[2], lines[3], lines[4]},
				"one is missing":           {lines[1], lines[3], lines[4]},
				"the last is missing":      {lines[1], lines[2], lines[3]},
				"one comes twice":          {lines[1], lines[2], lines[2], lines[3], lines[4]},
				"two are exchanged":        {lines[1], lines[3], lines[2], lines[4]},
				"it begins again":          {lines[1], lines[2], lines[1], lines[2], lines[3], lines[4]},
				"one is another's":         {lines[1], another(lines[2], `["motto"]`, `["morals"]`), lines[3], lines[4]},
				"one is of another kind":   {lines[1], another(lines[2], `"kind":"string"`, `"kind":"set"`), lines[3], lines[4]},
				"less than nothing":        {another(lines[1], `"rest":`, `"rest":-`), lines[2], lines[3], lines[4]},
				"more than there is":       {another(lines[1], `"rest":`, `"rest":1`), lines[2], lines[3], lines[4]},
				"more than any value":      {another(lines[1], `"rest":`, `"rest":9000000000`), lines[2], lines[3], lines[4]},
				"a piece without anything": {`{"path":["motto"],"kind":"string","values":[],"rest":7}` + "\n"},
				"an empty piece":           {`{"path":["motto"],"kind":"string","values":[""],"rest":7}` + "\n"},
				"no base64":                {`{"path":["motto"],"kind":"string","values":["?"],"base64":true,"rest":7}` + "\n"},
				"no base64 further on":     {lines[1], another(lines[2], `"more":true`, `"more":true,"base64":true`)},
			} {
				motto, records, err := importing(ctx, nil, append(append([]string{lines[0]}, pieces...), lines[5])...)
				Expect(err).To(MatchError(kv.ErrInvalid), damage)
				Expect(err).To(MatchError(MatchRegexp(`line \d`)), damage)
				Expect(records).To(BeZero(), damage)
				Expect(motto.Read(ctx)).To(Equal("old"), damage)
			}
		})

		It("are refused beyond MaxRecord, put together as in one line, and taken up to it", func(ctx context.Context) {
			line, err := json.Marshal(map[string]any{"path": []string{"motto"}, "kind": "string", "values": []string{text}})
			Expect(err).NotTo(HaveOccurred())
			old := []string{lines[0], string(line) + "\n", lines[5]}
			for _, file := range [][]string{lines, old} {
				size := len(text)
				if len(file) == 3 {
					size = len(line) + 1
				}
				motto, records, err := importing(ctx, []kv.SubtreeOption{kv.MaxRecord(size - 1)}, file...)
				Expect(err).To(MatchError(kv.ErrInvalid))
				Expect(err).To(MatchError(And(HavePrefix("kv: Import town:hall: "), ContainSubstring("line 2: "), ContainSubstring("MaxRecord"))))
				Expect(records).To(BeZero())
				Expect(motto.Read(ctx)).To(Equal("old"))
				for _, options := range [][]kv.SubtreeOption{{kv.MaxRecord(size)}, nil} {
					motto, records, err = importing(ctx, options, file...)
					Expect(err).NotTo(HaveOccurred())
					Expect(records).To(Equal(1))
					Expect(motto.Len(ctx)).To(Equal(len(text)))
				}
			}
		})
	})

	It("are imported in less than twice their size of memory", func(ctx context.Context) {
		const size = 64 << 20
		source, target := kv.MustOpen(Town, memory.New()).Take(TownHall), kv.MustOpen(Town, memory.New()).Take(TownHall)
		Expect(source.Take(TownMotto).Write(ctx, strings.Repeat("x", size))).To(Succeed())
		before := inUse()
		reader, writer := io.Pipe()
		go func() {
			_, err := source.Export(ctx, writer)
			writer.CloseWithError(err)
		}()
		file := &measured{Reader: reader}
		Expect(target.Import(ctx, file)).To(HaveField("Records", 1))
		Expect(target.Take(TownMotto).Len(ctx)).To(Equal(size))
		Expect(file.most - before).To(And(BeNumerically(">", size), BeNumerically("<", 2*size)))
		runtime.KeepAlive(source)
	})
})

var _ = Describe("A file without an end of its line", func() {
	const limit = 16 << 20
	heading, _, _ := strings.Cut(townFileOf(), "\n")
	piece := `{"path":["hall","motto"],"kind":"string","values":["x"],"rest":%d}`

	DescribeTable("is refused when it is read as far as MaxRecord allows, in less than twice that of memory",
		func(ctx context.Context, begins, goesOn, message string) {
			town := kv.MustOpen(Town, memory.New())
			file := &measured{Reader: io.MultiReader(strings.NewReader(begins), repeating(goesOn)), looked: 1 << 62}
			before := allocated()
			_, err := town.Import(ctx, file, kv.MaxRecord(limit))
			used := allocated() - before
			Expect(err).To(MatchError(kv.ErrInvalid))
			Expect(err).To(MatchError(And(HavePrefix("kv: Import town: "), ContainSubstring(message))))
			Expect(file.read).To(BeNumerically("<=", limit+3<<20))
			Expect(used).To(BeNumerically("<", 2*limit), "all that was ever allocated")
			Expect(town.Count(ctx)).To(BeZero())
		},
		Entry("at its beginning", "", "x", "not an export: "),
		Entry("in a record", heading+"\n"+`{"path":["hall","motto"],"kind":"string","values":["`, "x", "line 2: invalid value: a line of more than 16777216 bytes"),
		Entry("in a path", heading+"\n"+`{"path":["hall"`, `,"hall"`, "line 2: invalid value: a line of more than"),
		Entry("in a piece", heading+"\n"+fmt.Sprintf(piece, 7)+"\n"+`{"path":["hall","motto"],"more":true,"values":["`, "x", "line 3: invalid value: a line of more than"),
		Entry("behind its ending", heading+"\n"+fmt.Sprintf(ending, 0)+"\n", " ", "line 3: invalid value: a line of more than"),
	)

	It("is refused by default, too, before it has read 67 MB", func(ctx context.Context) {
		file := &measured{Reader: repeating("x"), looked: 1 << 62}
		before := allocated()
		Expect(kvtest.ErrorOf(kv.MustOpen(Town, memory.New()).Import(ctx, file))).To(MatchError(kv.ErrInvalid))
		Expect(file.read).To(BeNumerically("<", 67<<20))
		Expect(allocated() - before).To(BeNumerically("<", 2*64<<20))
	})
})

// townFileOf is a file of an empty town.
func townFileOf() string {
	var file bytes.Buffer
	if _, err := kv.MustOpen(Town, memory.New()).Export(context.Background(), &file); err != nil {
		panic(err)
	}
	return file.String()
}
