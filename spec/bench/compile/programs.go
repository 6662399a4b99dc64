package main

import (
	"fmt"
	"strings"
)

type program struct{ name, source string }

// place is a kind of place in a store, how a program declares and uses one, and how it would do so in bare
// go-redis. %[1]d is its number.
type place struct {
	kind, handle, declare, use, bare string
}

// decodes is what a bare program does with a text.
const encodes, decodes = `text, _ := json.Marshal(T%[1]d{}); `, `; var v T%[1]d; _ = json.Unmarshal([]byte(got), &v) }`

var places = []place{
	{
		"string", `kv.StringField`, `.String("f%[1]d")`,
		`_ = s.F%[1]d.Write(ctx, "a"); _, _ = s.F%[1]d.Read(ctx)`,
		`_ = c.Set(ctx, "s:f%[1]d", "a", 0).Err(); _, _ = c.Get(ctx, "s:f%[1]d").Result()`,
	},
	{
		"integer", `kv.IntField`, `.Int("f%[1]d")`,
		`_, _ = s.F%[1]d.Increment(ctx, 1); _, _ = s.F%[1]d.Read(ctx)`,
		`_ = c.IncrBy(ctx, "s:f%[1]d", 1).Err(); _, _ = c.Get(ctx, "s:f%[1]d").Int64()`,
	},
	{
		"document", `kv.JSONField[T%[1]d]`, `.JSON[T%[1]d]("f%[1]d")`,
		`_ = s.F%[1]d.Write(ctx, T%[1]d{}); _, _ = s.F%[1]d.Read(ctx)`,
		`{ ` + encodes + `_ = c.Set(ctx, "s:f%[1]d", text, 0).Err(); got, _ := c.Get(ctx, "s:f%[1]d").Result()` + decodes,
	},
	{
		"list", `kv.ListFieldOf[T%[1]d]`, `.ListOf[T%[1]d]("f%[1]d")`,
		`_, _ = s.F%[1]d.PushRight(ctx, T%[1]d{}); _, _ = s.F%[1]d.Range(ctx, 0, 9)`,
		`{ ` + encodes + `_ = c.RPush(ctx, "s:f%[1]d", text).Err(); all, _ := c.LRange(ctx, "s:f%[1]d", 0, 9).Result(); for _, got := range all { _ = got` + decodes + ` }`,
	},
	{
		"set", `kv.SetFieldOf[T%[1]d]`, `.SetOf[T%[1]d]("f%[1]d")`,
		`_, _ = s.F%[1]d.Add(ctx, T%[1]d{}); _, _ = s.F%[1]d.Read(ctx)`,
		`{ ` + encodes + `_ = c.SAdd(ctx, "s:f%[1]d", text).Err(); all, _ := c.SMembers(ctx, "s:f%[1]d").Result(); for _, got := range all { _ = got` + decodes + ` }`,
	},
	{
		"hash", `kv.HashField[T%[1]d]`, `.Hash[T%[1]d]("f%[1]d")`,
		`_ = s.F%[1]d.Write(ctx, T%[1]d{}); _, _ = s.F%[1]d.Read(ctx)`,
		`{ var v T%[1]d; _ = c.HSet(ctx, "s:f%[1]d", v).Err(); _ = c.HGetAll(ctx, "s:f%[1]d").Scan(&v) }`,
	},
	{
		"map", `kv.MapField[string, T%[1]d]`, `.Map[T%[1]d]("f%[1]d")`,
		`_ = s.F%[1]d.Put(ctx, "k", T%[1]d{}); _, _ = s.F%[1]d.Get(ctx, "k")`,
		`{ ` + encodes + `_ = c.HSet(ctx, "s:f%[1]d", "k", text).Err(); got, _ := c.HGet(ctx, "s:f%[1]d", "k").Result()` + decodes,
	},
	{
		"collection", `kv.CollectionStore[T%[1]d]`, `.Field("f%[1]d", kv.Collection(kv.JSON[T%[1]d](), kv.Index(ByName, func(t T%[1]d) []string { return []string{t.Name} })))`,
		`_ = s.F%[1]d.Take("1").Write(ctx, T%[1]d{}); for found, err := range s.F%[1]d.Find(ByName.Is("a")).All(ctx) { _, _ = found, err }`,
		`{ ` + encodes + `_ = c.Set(ctx, "s:f%[1]d:1", text, 0).Err(); _ = c.ZAdd(ctx, "s:f%[1]d:name", redis.Z{Member: "a:1"}).Err()
		ids, _ := c.ZRangeByLex(ctx, "s:f%[1]d:name", &redis.ZRangeBy{Min: "[a:", Max: "(a;"}).Result()
		for _, id := range ids { got, _ := c.Get(ctx, "s:f%[1]d:"+id[2:]).Result()` + decodes + ` }`,
	},
	{
		"sorted set", `kv.SortedSetField`, `.SortedSet("f%[1]d")`,
		`_, _ = s.F%[1]d.Increment(ctx, "a", 1); _, _ = s.F%[1]d.RangeByScore(ctx, kv.Scores())`,
		`_ = c.ZIncrBy(ctx, "s:f%[1]d", 1, "a").Err(); _, _ = c.ZRangeByScoreWithScores(ctx, "s:f%[1]d", &redis.ZRangeBy{Min: "-inf", Max: "+inf"}).Result()`,
	},
}

// shop is how many places of each kind a program of twenty has.
var shop = map[string]int{
	"string": 3, "integer": 2, "document": 4, "list": 2, "set": 2, "hash": 2, "map": 2, "collection": 2, "sorted set": 1,
}

func programs() (all []program) {
	both := func(name string, of ...place) {
		all = append(all, program{name, ours(of)}, program{name + ", bare", bare(of)})
	}
	var mixed []place
	for _, p := range places {
		for range shop[p.kind] {
			mixed = append(mixed, p)
		}
	}
	both("shop of 20 places", mixed...)
	all = append(all, program{"shop of 20 places, with a client of its own", withClient(ours(mixed))})
	for _, p := range places {
		if p.kind == "integer" || p.kind == "sorted set" {
			continue
		}
		for _, count := range []int{1, 10, 50} {
			name, many := fmt.Sprintf("%s × %d", p.kind, count), make([]place, count)
			for i := range many {
				many[i] = p
			}
			if count == 10 {
				all = append(all, program{name, ours(many)})
			} else {
				both(name, many...)
			}
		}
	}
	return append(all, program{"only a schema of a document, no driver", library})
}

// library is a package that does not import go-redis, as those are in which most handles are used.
const library = `package main
import ("context"; "github.com/kvstore-go/kvstore/kv")
type T struct{ Name string }
var Schema = kv.Static("s").JSON[T]("f")
func read(ctx context.Context, f kv.JSONField[T]) (T, error) { return f.Read(ctx) }
func main() { _ = read }
`

// each writes what of places is said of each, with its number.
func each(of []place, format string, what func(place) string) string {
	var written strings.Builder
	for i, p := range of {
		fmt.Fprintf(&written, strings.ReplaceAll(format, "…", what(p)), i)
	}
	return written.String()
}

// types declares a type for each place, no two with the same fields: the compiler takes those for one.
func types(of []place) string {
	return each(of, "type T%[1]d struct { Name string `json:\"name\" redis:\"name\"`; N int `json:\"n\" redis:\"n\"`; X%[1]d bool }\n", func(place) string { return "" })
}

// opens connects a program of ours to Redis.
const opens = `	d, err := redisdriver.Open("redis://localhost:6379")
	if err != nil {
		panic(err)
	}
`

func ours(of []place) string {
	return `package main
import ("context"; "github.com/kvstore-go/kvstore/drivers/redisdriver"; "github.com/kvstore-go/kvstore/kv")
const ByName kv.IndexKey[string] = "name"
` + types(of) + `type View struct {
` + each(of, "F%[1]d … `kv:\"f%[1]d\"`\n", func(p place) string { return p.handle }) + `}
var Schema = kv.Static("s")` + each(of, "…", func(p place) string { return p.declare }) + `
func main() {
	ctx := context.Background()
` + opens + `	s := kv.MustOpen(Schema.As[View](), d)
` + each(of, "\t…\n", func(p place) string { return p.use }) + "}\n"
}

// withClient is a program of ours that makes the client itself.
func withClient(source string) string {
	return strings.NewReplacer(`"github.com/kvstore-go/kvstore/kv")`, `"github.com/kvstore-go/kvstore/kv"; "github.com/redis/go-redis/v9")`,
		opens, "\td := redisdriver.New(redis.NewClient(&redis.Options{}))\n").Replace(source)
}

func bare(of []place) string {
	return `package main
import ("context"; "encoding/json"; "github.com/redis/go-redis/v9")
var _ = json.Marshal
` + types(of) + `func main() {
	ctx := context.Background()
	c := redis.NewClient(&redis.Options{})
` + each(of, "\t…\n", func(p place) string { return p.bare }) + "}\n"
}
