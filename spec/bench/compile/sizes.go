package main

import (
	"debug/elf"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// sizes reports how large the binaries of the shop are, and of what: as they are built, of which a half is debugging information and names, and
// what of them is loaded to be executed. The plain program keeps everything in maps, behind a lock a shard, and encodes as kvstore does.
func sizes() error {
	dir, err := module()
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	redis, memory := ours(shopPlaces()), inMemory(shopPlaces())
	programs := []program{
		{"bare go-redis", bare(shopPlaces())},
		{"kvstore, Redis", redis},
		{"kvstore, Redis, with a transaction", withTransaction(redis)},
		{"kvstore, Redis, with a schema written by hand", withHandWritten(redis)},
		{"plain maps", plain(shopPlaces())},
		{"kvstore, memory", memory},
		{"kvstore, memory, with a transaction", withTransaction(memory)},
	}
	fmt.Println("| program | binary | stripped | code | tables of functions | types | data | of bare go-redis |\n|---|---:|---:|---:|---:|---:|---:|---:|")
	var whole int64
	for i, p := range programs {
		r := result{program: p}
		at := filepath.Join(dir, fmt.Sprint("s", i))
		if _, _, err := r.build(at, 0); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		if whole == 0 {
			whole = r.size
		}
		parts, err := partsOf(filepath.Join(at, "binary"))
		if err != nil {
			return err
		}
		fmt.Printf("| %s | %.2f MB | %.2f MB | %.2f MB | %.2f MB | %.2f MB | %.2f MB | %.2f × |\n", p.name, mega(r.size), mega(parts.loaded),
			mega(parts.code), mega(parts.functions), mega(parts.types), mega(parts.data), mega(r.size)/mega(whole))
	}
	return nil
}

func mega(bytes int64) float64 { return float64(bytes) / 1e6 }

// parts are the bytes of a binary that are loaded, by what they are.
type parts struct{ loaded, code, functions, types, data int64 }

func partsOf(binary string) (p parts, err error) {
	file, err := elf.Open(binary)
	if err != nil {
		return p, err
	}
	defer file.Close()
	for _, section := range file.Sections {
		if section.Flags&elf.SHF_ALLOC == 0 || section.Type == elf.SHT_NOBITS {
			continue
		}
		size := int64(section.FileSize)
		p.loaded += size
		switch section.Name {
		case ".text":
			p.code += size
		case ".gopclntab", ".go.func":
			p.functions += size
		case ".go.type", ".typelink", ".itablink":
			p.types += size
		default:
			p.data += size
		}
	}
	return p, nil
}

func shopPlaces() []place {
	var all []place
	for _, p := range places {
		all = append(all, slices.Repeat([]place{p}, shop[p.kind])...)
	}
	return all
}

// inMemory is the program of ours with the memory driver.
func inMemory(of []place) string {
	return strings.NewReplacer(`"github.com/kvstore-go/kvstore/drivers/redisdriver"`, `"github.com/kvstore-go/kvstore/drivers/memory"`,
		opens, "\td := memory.New()\n").Replace(ours(of))
}

func withTransaction(source string) string {
	return strings.TrimSuffix(source, "}\n") + "\t_ = kv.Atomic(ctx, s, func(ctx context.Context, tx View) error { return tx.F0.Write(ctx, \"a\") })\n}\n"
}

func withHandWritten(source string) string {
	return strings.Replace(source, `"context"; `, `"context"; "github.com/kvstore-go/kvstore/jsonval/schemas"; `, 1) +
		"var _ = kv.JSON[T5](kv.Validation(schemas.HandWritten(`{}`)))\n"
}

// plain is the program without a store: sharded maps, with encoding/json for what is no string.
func plain(of []place) string {
	program := `package main
import ("encoding/json"; "hash/maphash"; "slices"; "sort"; "strconv"; "strings"; "sync")
type shard struct { sync.RWMutex; texts map[string]string; lists map[string][]string; maps map[string]map[string]string; scores map[string]map[string]float64 }
var seed, shards = maphash.MakeSeed(), func() (all [64]shard) {
	for i := range all { all[i] = shard{texts: map[string]string{}, lists: map[string][]string{}, maps: map[string]map[string]string{}, scores: map[string]map[string]float64{}} }
	return all
}()
func at(key string) *shard { return &shards[maphash.String(seed, key)%64] }
func set(key, text string) { s := at(key); s.Lock(); defer s.Unlock(); s.texts[key] = text }
func get(key string) string { s := at(key); s.RLock(); defer s.RUnlock(); return s.texts[key] }
func add(key string, n int) { s := at(key); s.Lock(); defer s.Unlock(); old, _ := strconv.Atoi(s.texts[key]); s.texts[key] = strconv.Itoa(old+n) }
func push(key, text string) { s := at(key); s.Lock(); defer s.Unlock(); s.lists[key] = append(s.lists[key], text) }
func list(key string) []string { s := at(key); s.RLock(); defer s.RUnlock(); return slices.Clone(s.lists[key]) }
func put(key, name, text string) { s := at(key); s.Lock(); defer s.Unlock(); if s.maps[key] == nil { s.maps[key] = map[string]string{} }; s.maps[key][name] = text }
func one(key, name string) string { s := at(key); s.RLock(); defer s.RUnlock(); return s.maps[key][name] }
func names(key string) (all []string) { s := at(key); s.RLock(); defer s.RUnlock(); for name := range s.maps[key] { all = append(all, name) }; sort.Strings(all); return all }
func score(key, name string, by float64) { s := at(key); s.Lock(); defer s.Unlock(); if s.scores[key] == nil { s.scores[key] = map[string]float64{} }; s.scores[key][name] += by }
func ranked(key string) (all []string) { s := at(key); s.RLock(); defer s.RUnlock(); of := s.scores[key]; for name := range of { all = append(all, name) }; sort.Slice(all, func(i, j int) bool { return of[all[i]] < of[all[j]] }); return all }
var _, _ = json.Marshal, strings.Cut
`
	uses := map[string]string{
		"string":   `set("s:f%[1]d", "a"); _ = get("s:f%[1]d")`,
		"integer":  `add("s:f%[1]d", 1); _, _ = strconv.Atoi(get("s:f%[1]d"))`,
		"document": `{ ` + encodes + `set("s:f%[1]d", string(text)); got := get("s:f%[1]d")` + decodes,
		"list":     `{ ` + encodes + `push("s:f%[1]d", string(text)); for _, got := range list("s:f%[1]d") { _ = got` + decodes + ` }`,
		"set":      `{ ` + encodes + `put("s:f%[1]d", string(text), ""); for _, got := range names("s:f%[1]d") { _ = got` + decodes + ` }`,
		"hash":     `{ ` + encodes + `put("s:f%[1]d", "v", string(text)); got := one("s:f%[1]d", "v")` + decodes,
		"map":      `{ ` + encodes + `put("s:f%[1]d", "k", string(text)); got := one("s:f%[1]d", "k")` + decodes,
		"collection": `{ ` + encodes + `set("s:f%[1]d:1", string(text)); put("s:f%[1]d:name", "a:1", "")
		for _, id := range names("s:f%[1]d:name") { _, id, _ = strings.Cut(id, ":"); got := get("s:f%[1]d:"+id)` + decodes + ` }`,
		"sorted set": `score("s:f%[1]d", "a", 1); _ = ranked("s:f%[1]d")`,
	}
	return program + types(of) + "func main() {\n" + each(of, "\t…\n", func(p place) string { return uses[p.kind] }) + "}\n"
}
