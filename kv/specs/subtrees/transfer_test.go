package subtrees_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/jsonval"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
	"github.com/kvstore-go/kvstore/spec/suite"
)

// exportedValue is what a file says of a value, its parts put together.
type exportedValue struct {
	Kind    string
	Values  []string
	Expires time.Time
}

// valuesIn are the values of a file by their paths, whatever their order and their parts.
func valuesIn(file string) map[string]exportedValue {
	GinkgoHelper()
	all := map[string]exportedValue{}
	lines := strings.Split(strings.TrimSuffix(file, "\n"), "\n")
	for _, text := range lines[1 : len(lines)-1] {
		var line struct {
			Path, Values []string
			Kind         string
			Base64, More bool
			Expires      time.Time
		}
		Expect(json.Unmarshal([]byte(text), &line)).To(Succeed())
		path := fmt.Sprintf("%q", line.Path)
		value, goesOn := all[path]
		Expect(goesOn).To(Equal(line.More), path)
		value.Kind, value.Expires = line.Kind, line.Expires.Round(time.Minute)
		for _, member := range line.Values {
			if line.Base64 {
				plain, err := base64.StdEncoding.DecodeString(member)
				Expect(err).NotTo(HaveOccurred())
				member = string(plain)
			}
			value.Values = append(value.Values, member)
		}
		slices.Sort(value.Values)
		all[path] = value
	}
	Expect(lines[len(lines)-1]).To(Equal(fmt.Sprintf(`{"path":[],"values":[],"records":%d}`, len(lines)-2)))
	return all
}

// settleAtRandom fills a town with whatever comes.
func settleAtRandom(ctx context.Context, town kv.StaticStore, random *rand.Rand) (values int) {
	GinkgoHelper()
	text := func() string {
		runes := []string{"a", "7", ":", "%", "{", "}", "*", "ż", "\n", `"`, "\\", "\u2028", "<", " "}
		var text strings.Builder
		for range 1 + random.IntN(5) {
			text.WriteString(runes[random.IntN(len(runes))])
		}
		return text.String()
	}
	value := func() string { return []string{"", "\xff\x00", "\xc3", text()}[random.IntN(4)] }
	members := func() []string {
		all := []string{value()}
		for range []int{0, 3, 700, 1100}[random.IntN(4)] {
			all = append(all, value()+strconv.Itoa(random.IntN(1e6)))
		}
		return all
	}
	lifetime := func() []kv.WriteOption {
		if random.IntN(2) == 0 {
			return nil
		}
		return []kv.WriteOption{kv.ExpireIn(time.Duration(1+random.IntN(100))*time.Hour + 30*time.Second)}
	}
	chosen := func() bool { return random.IntN(3) > 0 }
	for range random.IntN(12) {
		Expect(town.Take(TownHouses2).Take(text()).Write(ctx, value(), lifetime()...)).To(Succeed())
		house := town.Take(TownHouses).Take(random.IntN(100) - 50)
		if chosen() {
			Expect(house.Deed.Write(ctx, TownDeed{text()}, lifetime()...)).To(Succeed())
			Expect(house.Guests.Write(ctx, members(), lifetime()...)).To(Succeed())
			Expect(kvtest.ErrorOf(house.Lamps.Increment(ctx, random.Int64N(30), 1))).To(Succeed())
		}
		name := text()
		Expect(town.Take(TownCitizens).Take(name).Write(ctx, TownCitizen{name, name, text()}, lifetime()...)).To(Succeed())
		club := town.Take(TownClubs).Take(text())
		Expect(club.Take(TownClubMinutes).Take(text()).Write(ctx, value(), lifetime()...)).To(Succeed())
		if chosen() {
			Expect(club.Take(TownClubMembers).Write(ctx, members(), lifetime()...)).To(Succeed())
		}
	}
	if chosen() {
		Expect(town.Take(TownHall).Take(TownMotto).Write(ctx, value(), lifetime()...)).To(Succeed())
	}
	values, err := town.Count(ctx)
	Expect(err).NotTo(HaveOccurred())
	return values
}

// lineBut is a file of which the line with the number is another, or is left out.
func lineBut(file string, number int, line ...string) string {
	lines := strings.Split(strings.TrimSuffix(file, "\n"), "\n")
	return strings.Join(slices.Replace(lines, number-1, number, line...), "\n") + "\n"
}

const ending = `{"path":[],"values":[],"records":%d}`

// townFile is a file with the given lines.
func townFile(lines ...string) string {
	GinkgoHelper()
	empty := kvtest.Exported(context.Background(), kv.MustOpen(Town, memory.New()))
	heading, _, _ := strings.Cut(empty, "\n")
	return strings.Join(append(append([]string{heading}, lines...), fmt.Sprintf(ending, len(lines))), "\n") + "\n"
}

var _ = Describe("Export", func() {
	kvtest.OnAllDrivers(func(open func(context.Context) kvtest.Backend) {
		var (
			store kvtest.Backend
			town  kv.StaticStore
		)
		BeforeEach(func(ctx context.Context) {
			store = open(ctx)
			town = kv.MustOpen(Town, store.Driver)
		})

		It("writes a heading with the schema, a line for every value, and an ending with their number", func(ctx context.Context) {
			hall := town.Take(TownHall)
			Expect(hall.Take(TownMotto).Write(ctx, "<onwards & \"up\">")).To(Succeed())
			Expect(hall.Take(TownWards).Add(ctx, "\xff")).To(Equal(1))
			Expect(kvtest.Exported(ctx, hall)).To(Equal(strings.Join([]string{
				`{"format":"kvstore/1","fields":[{"path":"motto","kind":"string"},{"path":"wards","kind":"set"}]}`,
				`{"path":["motto"],"kind":"string","values":["<onwards & \"up\">"]}`,
				`{"path":["wards"],"kind":"set","values":["/w=="],"base64":true}`,
				`{"path":[],"values":[],"records":2}`,
				"",
			}, "\n")))
			Expect(town.Take(TownHouses).Take(7).Lamps.Put(ctx, 0, 65)).To(BeZero())
			Expect(kvtest.Exported(ctx, town.Take(TownHouses))).To(HavePrefix(`{"format":"kvstore/1","fields":[` +
				`{"path":"*:deed","kind":"JSON"},{"path":"*:guests","kind":"set"},{"path":"*:lamps","kind":"bitset u8"},{"path":"*:plate","kind":"string"}]}` +
				"\n" + `{"path":["7","lamps"],"kind":"bitset","values":["A"]}` + "\n"))
		})

		It("writes ids as they are, wherever the schema puts their values", func(ctx context.Context) {
			settle(ctx, town)
			values := valuesIn(kvtest.Exported(ctx, town))
			Expect(values).To(HaveLen(inATown))
			for _, id := range oddIDs {
				Expect(values).To(HaveKeyWithValue(fmt.Sprintf("%q", []string{"houses2", id}), HaveField("Values", ConsistOf("<the house of "+id+" & co.>"))))
			}
			Expect(values).To(HaveKey(`["houses" "-12" "plate"]`))
			Expect(values).To(HaveKeyWithValue(`["clubs" "chess" "members"]`, HaveField("Values", HaveLen(1300))))
		})

		It("writes when a value ends", func(ctx context.Context) {
			settle(ctx, town)
			values := valuesIn(kvtest.Exported(ctx, town))
			Expect(values[`["clubs" "chess" "members"]`].Expires).To(BeTemporally("~", time.Now().Add(2*time.Hour), time.Minute))
			Expect(values[`["hall" "motto"]`].Expires).To(BeZero())
		})

		It("writes documents as they are, whether they fit or not", func(ctx context.Context) {
			settle(ctx, town)
			kvtest.Plant(ctx, store.Raw, "town:{citizens}:eve")
			values := valuesIn(kvtest.Exported(ctx, town))
			Expect(values).To(HaveLen(inATown + 1))
			Expect(values).To(HaveKeyWithValue(`["citizens" "eve"]`, HaveField("Values", ConsistOf("foreign"))))
		})

		It("ends at a value of a wrong type, or leaves it out and says so", func(ctx context.Context) {
			settle(ctx, town)
			kvtest.Plant(ctx, store.Raw, "town:hall:wards")
			_, err := town.Export(ctx, io.Discard)
			Expect(err).To(MatchError(kv.ErrWrongType))
			Expect(err).To(MatchError(HavePrefix("kv: Export town:hall:wards: ")))
			var refused []string
			Expect(town.Export(ctx, io.Discard, kv.OnRefused(func(path string, err error) {
				Expect(err).To(MatchError(kv.ErrWrongType))
				refused = append(refused, path)
			}))).To(HaveField("Values", inATown-1))
			Expect(refused).To(Equal([]string{"town:hall:wards"}))
		})

		It("costs round trips by the page, tells its progress, and ends with its context", func(ctx context.Context) {
			for i := range 1200 {
				kvtest.Plant(ctx, store.Raw, fmt.Sprint("town:houses2:", i))
			}
			store.Trips.Reset()
			var told []int
			Expect(town.Take(TownHouses2).Export(ctx, io.Discard, kv.OnProgress(func(p kv.Progress) { told = append(told, p.Keys) }))).To(HaveField("Values", 1200))
			Expect(store.Trips.Taken()).To(Equal(1+3), "a scan, and three pages of 512")
			Expect(told).To(Equal([]int{512, 1024, 1200}))

			half, cancel := context.WithCancel(ctx)
			written, err := town.Take(TownHouses2).Export(half, io.Discard, kv.OnProgress(func(kv.Progress) { cancel() }))
			Expect(err).To(MatchError(context.Canceled))
			Expect(written.Values).To(Equal(512))
		})
	})

	It("refuses nothing in place of a file", func(ctx context.Context) {
		town := kv.MustOpen(Town, memory.New())
		Expect(kvtest.ErrorOf(town.Export(ctx, nil))).To(MatchError("kv: Export town: invalid value: the writer is nil"))
		Expect(kvtest.ErrorOf(town.Import(ctx, nil))).To(MatchError("kv: Import town: invalid value: the reader is nil"))
	})

	It("ends where the file cannot be written", func(ctx context.Context) {
		town := kv.MustOpen(Town, memory.New())
		settle(ctx, town)
		reader, writer := io.Pipe()
		Expect(reader.CloseWithError(errors.New("the disk is full"))).To(Succeed())
		_, err := town.Export(ctx, writer)
		Expect(err).To(MatchError("kv: Export town: the disk is full"))
		for _, broken := range []kv.StaticStore{{}, town.Take[kv.StaticStore]("nowhere")} {
			Expect(kvtest.ErrorOf(broken.Export(ctx, io.Discard))).To(MatchError(kv.ErrUndeclared))
		}
	})

	It("says of all parts of a set that they end at one moment, however long writing takes", func(ctx context.Context) {
		wards := kv.MustOpen(Town, memory.New())
		Expect(wards.Take(TownHall).Take(TownWards).Write(ctx, numbers(1500), kv.ExpireIn(time.Minute))).To(Succeed())
		var slow slowWriter
		Expect(wards.Export(ctx, &slow)).To(HaveField("Values", 1))
		moments := map[string]bool{}
		for _, line := range strings.Split(slow.String(), "\n")[1:4] {
			_, moment, _ := strings.Cut(line, `"expires":`)
			moments[moment] = true
		}
		Expect(moments).To(HaveLen(1))
	})

	It("has a notation for moments that JSON has none for", func(ctx context.Context) {
		town, later := kv.MustOpen(Town, memory.New()), kv.MustOpen(Town, memory.New())
		Expect(town.Take(TownHall).Take(TownMotto).Write(ctx, "", kv.ExpireAt(time.Date(20000, 1, 1, 0, 0, 0, 0, time.UTC)))).To(Succeed())
		file := kvtest.Exported(ctx, town)
		Expect(file).To(ContainSubstring(`"expires":"9999-12-31T23:59:59.999Z"`))
		Expect(later.Import(ctx, strings.NewReader(file))).To(HaveField("Records", 1))
		Expect(later.Take(TownHall).Take(TownMotto).Exists(ctx)).To(BeTrue())
	})
})

type slowWriter struct{ bytes.Buffer }

func (w *slowWriter) Write(text []byte) (int, error) {
	time.Sleep(3 * time.Millisecond)
	return w.Buffer.Write(text)
}

var _ = Describe("Import", func() {
	settled := func(ctx context.Context) string {
		GinkgoHelper()
		town := kv.MustOpen(Town, memory.New())
		settle(ctx, town)
		return kvtest.Exported(ctx, town)
	}

	kvtest.OnAllDrivers(func(open func(context.Context) kvtest.Backend) {
		var (
			store kvtest.Backend
			town  kv.StaticStore
		)
		BeforeEach(func(ctx context.Context) {
			store = open(ctx)
			town = kv.MustOpen(Town, store.Driver)
		})

		It("stores what was exported, with its indexes and what time it has left", func(ctx context.Context) {
			driver := memory.New()
			settle(ctx, kv.MustOpen(ScatteredTown, driver))
			file := kvtest.Exported(ctx, kv.MustOpen(ScatteredTown, driver))
			Expect(town.Import(ctx, strings.NewReader(file))).To(HaveField("Records", strings.Count(file, "\n")-2))
			Expect(contents(ctx, store.Raw)).To(Equal(contents(ctx, driver)))
			Expect(town.Take(TownHouses).Take(-12).Plate.TTL(ctx)).To(BeNumerically("~", time.Hour, 10*time.Second))
			Expect(kvtest.Collect(town.Take(TownCitizens).Check(ctx))).To(BeEmpty())
			Expect(town.Take(TownCitizens).Find(TownByEmail.Is("b:o@town")).First(ctx)).To(HaveField("Key", "b:o"))
			Expect(kvtest.Collect(town.Take(TownClubs).Keys(ctx))).To(ConsistOf("chess", "{go}"))
			Expect(valuesIn(kvtest.Exported(ctx, town))).To(Equal(valuesIn(file)))
		})

		It("stores it below any node of the same schema", func(ctx context.Context) {
			settle(ctx, town)
			houses, clubs := town.Take(TownHouses), town.Take(TownClubs)
			for _, pair := range []struct {
				from kvtest.Exporter
				to   interface {
					Import(ctx context.Context, from io.Reader, options ...kv.SubtreeOption) (kv.Transferred, error)
					Count(ctx context.Context) (int, error)
				}
				values int
			}{
				{houses.Take(7), houses.Take(8), 4},
				{clubs.Take("chess"), clubs.Take("a:b"), 2},
				{clubs.Take("chess").Take(TownClubMinutes), clubs.Take("c").Take(TownClubMinutes), 1},
				{town.Take(TownCitizens), kv.MustOpen(Town, store.Driver, kv.At("twin")).Take(TownCitizens), 3},
				{town.Take(TownHouses2), kv.MustOpen(kv.Dynamic(kv.String()), store.Driver, kv.At("elsewhere")), 6},
			} {
				Expect(kvtest.ErrorOf(pair.to.Import(ctx, strings.NewReader(kvtest.Exported(ctx, pair.from))))).To(Succeed())
				Expect(pair.to.Count(ctx)).To(Equal(pair.values))
			}
			Expect(houses.Take(8).Deed.Read(ctx)).To(Equal(TownDeed{"ann"}))
			Expect(kvtest.Collect(clubs.Keys(ctx))).To(ConsistOf("chess", "{go}", "a:b", "c"))
		})

		It("replaces values, and leaves what is not in the file", func(ctx context.Context) {
			Expect(town.Take(TownHall).Take(TownMotto).Write(ctx, "backwards", kv.ExpireIn(time.Minute))).To(Succeed())
			Expect(town.Take(TownClubs).Take("chess").Take(TownClubMembers).Add(ctx, "stranger")).To(Equal(1))
			Expect(town.Take(TownHouses2).Take("9").Write(ctx, "stays")).To(Succeed())
			Expect(kvtest.ErrorOf(town.Import(ctx, strings.NewReader(settled(ctx))))).To(Succeed())
			Expect(town.Take(TownHall).Take(TownMotto).TTL(ctx)).To(Equal(kv.NoTTL))
			Expect(town.Take(TownClubs).Take("chess").Take(TownClubMembers).Len(ctx)).To(Equal(1300))
			Expect(town.Count(ctx)).To(Equal(inATown + 1))
		})

		It("costs a round trip for a page and tells its progress", func(ctx context.Context) {
			var lines []string
			for i := range 1200 {
				lines = append(lines, fmt.Sprintf(`{"path":["houses2","%d"],"kind":"string","values":["x"]}`, i))
			}
			var told []int
			progress := kv.OnProgress(func(p kv.Progress) { told = append(told, p.Keys) })
			Expect(town.Import(ctx, strings.NewReader(townFile(lines...)), progress)).To(HaveField("Records", 1200))
			Expect(store.Trips.Taken()).To(Equal(3))
			Expect(told).To(Equal([]int{512, 1024, 1200}))
			Expect(town.Count(ctx)).To(Equal(1200))
		})

		It("ends half-way with its context, and goes on after the records it returned", func(ctx context.Context) {
			var lines []string
			for i := range 1200 {
				lines = append(lines, fmt.Sprintf(`{"path":["houses2","%d"],"kind":"string","values":["x"]}`, i))
			}
			half, cancel := context.WithCancel(ctx)
			imported, err := town.Import(half, strings.NewReader(townFile(lines...)), kv.OnProgress(func(kv.Progress) { cancel() }))
			Expect(err).To(MatchError(context.Canceled))
			Expect(imported.Records).To(Equal(512))
			Expect(town.Take(TownHouses2).Take("0").Erase(ctx)).To(BeTrue())
			store.Trips.Reset()
			Expect(town.Import(ctx, strings.NewReader(townFile(lines...)), kv.ResumeAfter(imported.Records))).To(HaveField("Records", 1200))
			Expect(store.Trips.Taken()).To(Equal(2))
			Expect(town.Count(ctx)).To(Equal(1199), "what was settled is passed over")
		})
	})

	It("gives back the same lines from driver to driver, whatever they are", func(ctx context.Context) {
		seed := uint64(GinkgoRandomSeed())
		for round := range uint64(12) {
			driver := memory.New()
			values := settleAtRandom(ctx, kv.MustOpen(Town, driver), rand.New(rand.NewPCG(seed, round)))
			first := kvtest.Exported(ctx, kv.MustOpen(Town, driver))
			Expect(valuesIn(first)).To(HaveLen(values))
			file := first
			for _, next := range []drivers.Driver{kvtest.Redis(ctx), kvtest.Cluster(ctx), memory.New()} {
				town := kv.MustOpen(Town, next)
				Expect(town.Import(ctx, strings.NewReader(file))).To(HaveField("Records", strings.Count(file, "\n")-2))
				file = kvtest.Exported(ctx, town)
				Expect(valuesIn(file)).To(Equal(valuesIn(first)), "seed %d, round %d", seed, round)
				Expect(kvtest.Collect(town.Take(TownCitizens).Check(ctx))).To(BeEmpty())
			}
		}
	})

	It("leaves out values whose time is over", func(ctx context.Context) {
		town := kv.MustOpen(Town, memory.New())
		moment := func(d time.Duration) string { return time.Now().Add(d).UTC().Format(time.RFC3339Nano) }
		file := townFile(
			`{"path":["houses2","old"],"kind":"string","values":["x"],"expires":"`+moment(-time.Millisecond)+`"}`,
			`{"path":["houses2","new"],"kind":"string","values":["x"],"expires":"`+moment(time.Hour)+`"}`,
			`{"path":["hall","wards"],"kind":"set","values":["x"],"expires":"1969-01-01T00:00:00Z"}`,
			`{"path":["hall","wards"],"kind":"set","values":["y"],"more":true,"expires":"1969-01-01T00:00:00Z"}`)
		Expect(town.Import(ctx, strings.NewReader(file))).To(HaveField("Records", 4), "they are settled all the same")
		Expect(town.Count(ctx)).To(Equal(1))
		Expect(town.Take(TownHouses2).Take("new").TTL(ctx)).To(BeNumerically("~", time.Hour, time.Minute))
	})

	It("lets the later of two lines for one path stand", func(ctx context.Context) {
		town := kv.MustOpen(Town, memory.New())
		Expect(town.Import(ctx, strings.NewReader(townFile(
			`{"path":["hall","wards"],"kind":"set","values":["a","b"]}`,
			`{"path":["hall","motto"],"kind":"string","values":["1"]}`,
			`{"path":["hall","wards"],"kind":"set","values":["c"]}`,
			`{"path":["hall","motto"],"kind":"string","values":["2"]}`)))).To(HaveField("Records", 4))
		Expect(town.Take(TownHall).Take(TownMotto).Read(ctx)).To(Equal("2"))
		Expect(kvtest.Collect(town.Take(TownHall).Take(TownWards).All(ctx))).To(ConsistOf("c"))
	})

	It("reads a file whose last line has no end, or has blank lines behind it", func(ctx context.Context) {
		file := settled(ctx)
		for _, variant := range []string{strings.TrimSuffix(file, "\n"), file + "\n \r\n\n", strings.ReplaceAll(file, "\n", "\r\n")} {
			Expect(kvtest.ErrorOf(kv.MustOpen(Town, memory.New()).Import(ctx, strings.NewReader(variant)))).To(Succeed())
		}
	})

	Describe("of another file than Export wrote", func() {
		const good = `{"path":["hall","motto"],"kind":"string","values":["onwards"]}`

		DescribeTable("stores nothing, and says why",
			func(ctx context.Context, file func() string, class error, message string) {
				driver := memory.New()
				_, err := kv.MustOpen(Town, driver).Import(ctx, strings.NewReader(file()))
				Expect(err).To(MatchError(class))
				Expect(err).To(MatchError(And(HavePrefix("kv: Import town: "), ContainSubstring(message))))
				Expect(storedKeys(ctx, driver)).To(BeEmpty())
			},
			Entry("an empty file", func() string { return "" }, io.ErrUnexpectedEOF, "not an export: line 1: the file is cut short"),
			Entry("an empty line", func() string { return "\n" }, kv.ErrInvalid, "line 1"),
			Entry("a text", func() string { return "Dear Sir or Madam" }, kv.ErrInvalid, "not an export: invalid value: line 1"),
			Entry("bytes", func() string { return "\x1f\x8b\x00\xff\n\n" }, kv.ErrInvalid, "line 1"),
			Entry("some JSON", func() string { return `{"name":"package","version":1}` + "\n" }, kv.ErrInvalid, `the format is "", not "kvstore/1"`),
			Entry("an array", func() string { return "[]\n" }, kv.ErrInvalid, "line 1"),
			Entry("a later format", func() string { return strings.Replace(townFile(good), "kvstore/1", "kvstore/2", 1) }, kv.ErrInvalid, `"kvstore/2"`),
			Entry("lines without the heading", func() string { return lineBut(townFile(good), 1) }, kv.ErrInvalid, "not an export"),
			Entry("another schema", func() string {
				return strings.Replace(townFile(good), `"hall:motto","kind":"string"`, `"hall:motto","kind":"set"`, 1)
			},
				kv.ErrInvalid, `another schema: it has a set at "hall:motto"`),
			Entry("slots of another width", func() string { return strings.Replace(townFile(good), "bitset u8", "bitset u16", 1) },
				kv.ErrInvalid, `a bitset u16 at "houses:*:lamps"`),
			Entry("a larger schema", func() string {
				return strings.Replace(townFile(good), `"fields":[`, `"fields":[{"path":"hall:cellar","kind":"set"},`, 1)
			}, kv.ErrInvalid, `a set at "hall:cellar", which is not declared here`),
		)

		DescribeTable("stores what is before the damage, and names the line",
			func(ctx context.Context, line string, class error, message string) {
				town := kv.MustOpen(Town, memory.New())
				imported, err := town.Import(ctx, strings.NewReader(townFile(good, line, `{"path":["houses2","7"],"kind":"string","values":[""]}`)))
				Expect(err).To(MatchError(class))
				Expect(err).To(MatchError(And(HavePrefix("kv: Import town"), ContainSubstring("line 3: "), ContainSubstring(message))))
				Expect(strings.Count(err.Error(), "line 3")).To(Equal(1))
				Expect(imported.Records).To(Equal(1))
				Expect(town.Take(TownHall).Take(TownMotto).Read(ctx)).To(Equal("onwards"))
				Expect(town.Count(ctx)).To(Equal(1))
			},
			Entry("an empty line", "", kv.ErrInvalid, "unexpected end of JSON"),
			Entry("no JSON", "hello", kv.ErrInvalid, "invalid character"),
			Entry("two values in a line", `{} {}`, kv.ErrInvalid, "after top-level value"),
			Entry("null", `null`, kv.ErrInvalid, `values of kind ""`),
			Entry("an empty record", `{}`, kv.ErrInvalid, `values of kind ""`),
			Entry("a record of other types", `{"path":"hall"}`, kv.ErrInvalid, "cannot unmarshal"),
			Entry("an unknown kind", `{"path":["hall","motto"],"kind":"scroll","values":["x"]}`, kv.ErrInvalid, `values of kind "scroll"`),
			Entry("a kind of store", `{"path":["hall"],"kind":"static store","values":["x"]}`, kv.ErrInvalid, `values of kind "static store"`),
			Entry("another kind than declared", `{"path":["hall","motto"],"kind":"set","values":["x"]}`, kv.ErrTypeMismatch, "a string, not a set"),
			Entry("a name that is not declared", `{"path":["hall","attic"],"kind":"string","values":["x"]}`, kv.ErrUndeclared, `"attic"`),
			Entry("a path below a value", `{"path":["hall","motto","x"],"kind":"string","values":["x"]}`, kv.ErrUndeclared, `"x"`),
			Entry("the path of a store", `{"path":["hall"],"kind":"string","values":["x"]}`, kv.ErrUndeclared, "holds no value"),
			Entry("the path of a dynamic store's child", `{"path":["houses","7"],"kind":"string","values":["x"]}`, kv.ErrUndeclared, "holds no value"),
			Entry("no path", `{"kind":"string","values":["x"]}`, kv.ErrUndeclared, "holds no value"),
			Entry("an empty id", `{"path":["houses2",""],"kind":"string","values":["x"]}`, kv.ErrBadKey, "an empty segment"),
			Entry("an id that is too long", `{"path":["houses2","`+strings.Repeat("x", 1<<16-8)+`"],"kind":"string","values":["x"]}`, kv.ErrBadKey, "more than 65536 bytes"),
			Entry("an id that is no number", `{"path":["houses","seven","plate"],"kind":"string","values":["x"]}`, kv.ErrBadKey, "seven"),
			Entry("an id that a number is not written as", `{"path":["houses","07","plate"],"kind":"string","values":["x"]}`, kv.ErrBadKey, "07"),
			Entry("no value", `{"path":["hall","motto"],"kind":"string","values":[]}`, kv.ErrInvalid, "a string of 0 values"),
			Entry("several values", `{"path":["hall","motto"],"kind":"string","values":["x","y"]}`, kv.ErrInvalid, "a string of 2 values"),
			Entry("a set without members", `{"path":["hall","wards"],"kind":"set","values":[]}`, kv.ErrInvalid, "a set of 0 values"),
			Entry("a string that goes on", `{"path":["hall","motto"],"kind":"string","values":["x"],"more":true}`, kv.ErrInvalid, "a string of 1 values"),
			Entry("a part of a set that has not begun", `{"path":["hall","wards"],"kind":"set","values":["x"],"more":true}`, kv.ErrInvalid, "goes on with another value"),
			Entry("no base64", `{"path":["hall","motto"],"kind":"string","values":["?"],"base64":true}`, kv.ErrInvalid, "illegal base64"),
			Entry("no moment", `{"path":["hall","motto"],"kind":"string","values":["x"],"expires":"soon"}`, kv.ErrInvalid, "soon"),
			Entry("a document that breaks its schema", `{"path":["houses","7","deed"],"kind":"JSON","values":["{\"owner\":\"\"}"]}`, kv.ErrCorrupt, "/owner"),
			Entry("no document", `{"path":["houses","7","deed"],"kind":"JSON","values":["x"]}`, kv.ErrCorrupt, ""),
			Entry("an ending too early", fmt.Sprintf(ending, 0), kv.ErrInvalid, "it says that there are 0 records, but there are 1"),
			Entry("a negative ending", fmt.Sprintf(ending, -1), kv.ErrInvalid, "there are -1 records"),
			Entry("an ending of too many", fmt.Sprintf(ending, 1<<62), kv.ErrInvalid, "there are 4611686018427387904 records"),
			Entry("an ending beyond numbers", `{"records":1e30}`, kv.ErrInvalid, "1e30"),
		)

		It("says what is wrong with a document in full", func(ctx context.Context) {
			_, err := kv.MustOpen(Town, memory.New()).Import(ctx, strings.NewReader(townFile(`{"path":["houses","7","deed"],"kind":"JSON","values":["{\"owner\":\"\"}"]}`)))
			var violations *jsonval.ValidationError
			Expect(errors.As(err, &violations)).To(BeTrue())
			Expect(err).To(MatchError(HavePrefix("kv: Import town:houses:7:deed: line 2: ")))
		})

		It("wants nothing behind the ending, such as another export", func(ctx context.Context) {
			file := townFile(good)
			town := kv.MustOpen(Town, memory.New())
			imported, err := town.Import(ctx, strings.NewReader(file+"\n"+file))
			Expect(err).To(MatchError(kv.ErrInvalid))
			Expect(err).To(MatchError(ContainSubstring("line 5: there should be nothing behind the ending")))
			Expect(imported.Records).To(Equal(1))
		})

		It("leaves out, on demand, what does not fit, and says so once", func(ctx context.Context) {
			driver := memory.New()
			town := kv.MustOpen(Town, driver)
			kvtest.Plant(ctx, driver, "town:hall:wards")
			Expect(town.Take(TownCitizens).Take("ann").Write(ctx, TownCitizen{"ann", "ann@town", ""})).To(Succeed())
			file := townFile(
				`{"path":["hall","wards"],"kind":"set","values":["a"]}`,
				`{"path":["hall","wards"],"kind":"set","values":["b"],"more":true}`,
				`{"path":["hall","attic"],"kind":"set","values":["a"]}`,
				`{"path":["hall","attic"],"kind":"set","values":["b"],"more":true}`,
				`{"path":["citizens","bob"],"kind":"JSON","values":["{\"name\":\"bob\",\"email\":\"ann@town\",\"trade\":\"\"}"]}`,
				`{"path":["citizens","cid"],"kind":"JSON","values":["{}"]}`,
				good)
			refused := map[string]string{}
			told, done := 0, 0
			Expect(town.Import(ctx, strings.NewReader(file),
				kv.OnRefused(func(path string, err error) { told++; refused[path] = err.Error() }),
				kv.OnProgress(func(p kv.Progress) { done = p.Keys }))).To(HaveField("Records", 7))
			Expect(refused).To(And(HaveLen(4),
				HaveKeyWithValue("town:hall:wards", ContainSubstring("line 2: ")),
				HaveKeyWithValue("town:hall:attic", ContainSubstring("line 4: ")),
				HaveKeyWithValue("town:{citizens}:bob", ContainSubstring("line 6: a unique index has this value already: email, held by ann")),
				HaveKeyWithValue("town:citizens:cid", ContainSubstring("line 7: "))))
			Expect(told).To(Equal(4))
			Expect(done).To(Equal(1))
			Expect(town.Take(TownHall).Take(TownMotto).Read(ctx)).To(Equal("onwards"))
			Expect(town.Count(ctx)).To(Equal(3))
		})
	})

	Describe("of a file that is cut short", func() {
		It("is a clear error at every byte, with nothing half-done, and a repetition finishes the job", func(ctx context.Context) {
			driver := memory.New()
			small := kv.MustOpen(Town, driver)
			Expect(small.Take(TownHouses2).Take("a:b").Write(ctx, "żółw", kv.ExpireIn(time.Hour))).To(Succeed())
			Expect(small.Take(TownHouses).Take(7).Guests.Add(ctx, "\xff", "ann")).To(Equal(2))
			Expect(small.Take(TownCitizens).Take("ann").Write(ctx, TownCitizen{"ann", "new@town", "baker"})).To(Succeed())
			Expect(small.Take(TownHall).Take(TownMotto).Write(ctx, "onwards")).To(Succeed())
			file, fresh := kvtest.Exported(ctx, small), contents(ctx, driver)
			for size := range len(file) - 1 {
				driver := memory.New()
				town := kv.MustOpen(Town, driver)
				Expect(town.Take(TownHouses).Take(7).Guests.Add(ctx, "old")).To(Equal(1))
				Expect(town.Take(TownCitizens).Take("ann").Write(ctx, TownCitizen{"ann", "old@town", "smith"})).To(Succeed())
				old := contents(ctx, driver)

				imported, err := town.Import(ctx, strings.NewReader(file[:size]))
				Expect(err).To(MatchError(io.ErrUnexpectedEOF), "cut after %d bytes", size)
				lines := strings.Count(file[:size+1], "\n") // a line without its end may be whole
				Expect(err).To(MatchError(ContainSubstring("line %d: the file is cut short", lines+1)))
				Expect(imported.Records).To(BeNumerically("<=", 4))
				for key, value := range contents(ctx, driver) {
					Expect(value).To(Or(Equal(fresh[key]), Equal(old[key])), key)
				}
				if size%7 == 0 {
					Expect(kvtest.Collect(town.Take(TownCitizens).Check(ctx))).To(BeEmpty())
					resume := []kv.SubtreeOption{kv.ResumeAfter(imported.Records)}
					if size%2 == 0 {
						resume = nil
					}
					Expect(town.Import(ctx, strings.NewReader(file), resume...)).To(HaveField("Records", 4))
					Expect(contents(ctx, driver)).To(Equal(fresh))
				}
			}
		})

		It("leaves a set of several lines as it was until all of them are there", func(ctx context.Context) {
			source := kv.MustOpen(Town, memory.New()).Take(TownHall)
			Expect(source.Take(TownWards).Write(ctx, numbers(1500))).To(Succeed())
			Expect(source.Take(TownMotto).Write(ctx, "onwards")).To(Succeed())
			file := kvtest.Exported(ctx, source)
			lines := strings.SplitAfter(file, "\n") // a heading, the motto, three parts, the ending
			Expect(lines).To(HaveLen(7))
			for kept := 2; kept < 6; kept++ {
				hall := kv.MustOpen(Town, memory.New()).Take(TownHall)
				Expect(hall.Take(TownWards).Add(ctx, "old")).To(Equal(1))
				cut := strings.Join(lines[:kept], "") + lines[kept][:10]
				imported, err := hall.Import(ctx, strings.NewReader(cut))
				Expect(err).To(MatchError(io.ErrUnexpectedEOF))
				Expect(imported.Records).To(Equal(1))
				Expect(kvtest.Collect(hall.Take(TownWards).All(ctx))).To(ConsistOf("old"))
				Expect(hall.Import(ctx, strings.NewReader(file), kv.ResumeAfter(imported.Records))).To(HaveField("Records", 4))
				Expect(hall.Take(TownWards).Len(ctx)).To(Equal(1500))
			}
		})

		It("never divides a set between pages", func(ctx context.Context) {
			var lines []string
			for i := range 510 {
				lines = append(lines, fmt.Sprintf(`{"path":["houses2","%d"],"kind":"string","values":["x"]}`, i))
			}
			for i := range 5 {
				lines = append(lines, fmt.Sprintf(`{"path":["hall","wards"],"kind":"set","values":["%s"],"more":%t}`, strings.Repeat("x", i), i > 0))
			}
			file := townFile(append(lines, "garbage")...)
			town := kv.MustOpen(Town, memory.New())
			Expect(town.Take(TownHall).Take(TownWards).Add(ctx, "old")).To(Equal(1))
			imported, err := town.Import(ctx, strings.NewReader(file))
			Expect(err).To(MatchError(ContainSubstring("line 517")))
			Expect(imported.Records).To(Equal(510))
			Expect(kvtest.Collect(town.Take(TownHall).Take(TownWards).All(ctx))).To(ConsistOf("old"))
		})
	})

	It("goes on in the middle of a value where it was told to", func(ctx context.Context) {
		file := townFile(
			`{"path":["hall","wards"],"kind":"set","values":["a"]}`,
			`{"path":["hall","wards"],"kind":"set","values":["b"],"more":true}`)
		for skip, want := range map[int][]string{-1: {"a", "b"}, 0: {"a", "b"}, 1: {"b", "old"}, 2: {"old"}, 99: {"old"}} {
			town := kv.MustOpen(Town, memory.New())
			Expect(town.Take(TownHall).Take(TownWards).Add(ctx, "old")).To(Equal(1))
			Expect(town.Import(ctx, strings.NewReader(file), kv.ResumeAfter(skip))).To(HaveField("Records", 2))
			Expect(kvtest.Collect(town.Take(TownHall).Take(TownWards).All(ctx))).To(ConsistOf(want))
		}
	})

	It("reports a file that cannot be read as what it is", func(ctx context.Context) {
		town := kv.MustOpen(Town, memory.New())
		file := settled(ctx)
		_, err := town.Import(ctx, io.MultiReader(strings.NewReader(file[:len(file)/2]), iotest.ErrReader(errors.New("the disk is gone"))))
		Expect(err).To(MatchError(MatchRegexp(`^kv: Import town: line \d+: the disk is gone$`)))
		Expect(err).NotTo(MatchError(kv.ErrInvalid))
		Expect(kvtest.ErrorOf(town.Import(ctx, iotest.OneByteReader(strings.NewReader(file))))).To(Succeed())
		Expect(kvtest.ErrorOf(kv.StaticStore{}.Import(ctx, strings.NewReader(file)))).To(MatchError(kv.ErrUndeclared))
	})

	It("returns what is settled where a write fails, and goes on from there", func(ctx context.Context) {
		var lines []string
		for i := range 1200 {
			lines = append(lines, fmt.Sprintf(`{"path":["houses2","%d"],"kind":"string","values":["x"]}`, i))
		}
		over := `{"path":["houses2","over"],"kind":"string","values":["x"],"expires":"1999-12-31T23:59:59Z"}`
		misfit := `{"path":["attic"],"kind":"string","values":["x"]}`
		file := townFile(slices.Insert(lines, 600, over, misfit)...)
		driver := memory.New()
		lost := drivers.Use(driver, func(ctx context.Context, b *drivers.Batch, next drivers.Next) error {
			err := next(ctx, b)
			for i := range b.Items {
				if b.Items[i].Command.Key == "town:houses2:700" { // one node of a cluster is gone
					b.Items[i].Err = errors.New("connection refused")
				}
			}
			return err
		})
		imported, err := kv.MustOpen(Town, lost).Import(ctx, strings.NewReader(file), kv.OnRefused(func(string, error) {}))
		Expect(err).To(MatchError("kv: Import town:houses2:700: line 704: connection refused"))
		Expect(imported.Records).To(Equal(702))
		Expect(kv.MustOpen(Town, driver).Import(ctx, strings.NewReader(file), kv.ResumeAfter(imported.Records))).To(HaveField("Records", 1202))
		Expect(kv.MustOpen(Town, driver).Count(ctx)).To(Equal(1200))
	})
})

var _ = Describe("A failover", Label(suite.Redis, suite.Slow), func() {
	patiently := func(job func() error) {
		GinkgoHelper()
		Eventually(job).WithPolling(time.Second).Should(Succeed())
	}

	It("ends an Export with a clear error, and a repetition finishes the job", func(ctx context.Context) {
		f := startFailover()
		f.fill(ctx, 4000)
		houses := kv.MustOpen(Town, f.Driver).Take(TownHouses2)
		_, err := houses.Export(ctx, io.Discard)
		Expect(err).To(MatchError(HavePrefix("kv: Export town:houses2")))
		var file bytes.Buffer
		patiently(func() error { file.Reset(); return kvtest.ErrorOf(houses.Export(ctx, &file)) })
		Expect(valuesIn(file.String())).To(HaveLen(4000))
	})

	It("ends an Import with a clear error, and a repetition goes on after what is settled", func(ctx context.Context) {
		f := startFailover()
		var lines []string
		for i := range 4000 {
			lines = append(lines, fmt.Sprintf(`{"path":["houses2","%d"],"kind":"string","values":["x"]}`, i))
		}
		file := townFile(lines...)
		town := kv.MustOpen(Town, f.Driver)
		imported, err := town.Import(ctx, strings.NewReader(file), kv.OnRefused(func(path string, err error) { Fail(path + " was left out: " + err.Error()) }))
		Expect(err).To(MatchError(HavePrefix("kv: Import town:houses2")))
		Expect(imported.Records).To(BeNumerically("<", 4000))
		patiently(func() (err error) {
			imported, err = town.Import(ctx, strings.NewReader(file), kv.ResumeAfter(imported.Records))
			return err
		})
		Expect(imported.Records).To(Equal(4000))
		Expect(town.Count(ctx)).To(BeNumerically("~", 4000, 512), "what the master had answered and not yet handed on is lost with it")
		Expect(town.Import(ctx, strings.NewReader(file))).To(HaveField("Records", 4000))
		Expect(town.Count(ctx)).To(Equal(4000))
	})
})

// Whatever the file, Import neither panics nor stores what Export does not give back.
func FuzzImport(f *testing.F) {
	ctx := context.Background()
	RegisterTestingT(f)
	small := kv.MustOpen(Town, memory.New()).Take(TownHall)
	Expect(small.Take(TownWards).Add(ctx, "north")).To(Equal(1))
	whole := kvtest.Exported(ctx, small)
	f.Add(whole, false)
	f.Add(whole[:len(whole)/2], false)
	for _, line := range []string{
		`{"path":["hall","motto"],"kind":"string","values":["/w=="],"base64":true}`,
		`{"path":["hall","wards"],"kind":"set","values":["x"],"more":true}`,
		`{"path":["hall","wards"],"kind":"set","values":[]}`,
		`{"path":["houses","-7","lamps"],"kind":"bitset","values":["\u0001"],"expires":"2999-01-01T00:00:00Z"}`,
		`{"path":["citizens","eve"],"kind":"JSON","values":["{\"name\":\"eve\",\"email\":\"\",\"trade\":\"\"}"]}`,
		`{"path":["clubs","%","minutes","{}"],"kind":"string","values":[""]}`,
		`{"path":["clubs","%index","minutes","%index"],"kind":"string","values":[""]}`,
		`{"path":[],"values":[],"records":-1}`,
	} {
		f.Add(line, true)
		f.Add(line+"\n"+line, true)
	}
	empty := strings.SplitAfter(townFile(), "\n")
	f.Fuzz(func(t *testing.T, file string, lines bool) {
		if lines { // without heading and ending
			file = empty[0] + file + fmt.Sprintf("\n"+ending, strings.Count(file, "\n")+1)
		}
		driver := memory.New()
		town := kv.MustOpen(Town, driver)
		imported, err := town.Import(ctx, strings.NewReader(file))
		if lines := strings.Count(file, "\n") + 1; imported.Records < 0 || imported.Records > lines {
			t.Fatalf("%d records of %d lines", imported.Records, lines)
		}
		classes := []error{kv.ErrInvalid, io.ErrUnexpectedEOF, kv.ErrUndeclared, kv.ErrTypeMismatch, kv.ErrBadKey, kv.ErrDuplicate}
		if err != nil && !slices.ContainsFunc(classes, func(class error) bool { return errors.Is(err, class) }) {
			t.Fatal(err)
		}
		for stale, err := range town.Take(TownCitizens).Check(ctx) {
			t.Fatal(stale, err)
		}
		count, err := town.Count(ctx)
		if err != nil {
			t.Fatal(err)
		}
		var again bytes.Buffer
		if written, err := town.Export(ctx, &again); err != nil || written.Values != count {
			t.Fatal(written.Values, count, err)
		}
		twin := kv.MustOpen(Town, memory.New())
		if _, err := twin.Import(ctx, &again); err != nil {
			t.Fatal(err)
		}
		if erased, err := town.Erase(ctx); err != nil || erased != count {
			t.Fatal(erased, err)
		}
		for key := range drivers.Scan(ctx, driver, drivers.Command{Op: drivers.OpScanKeys, Key: "town"}) {
			t.Fatal(key, "is left")
		}
	})
}
