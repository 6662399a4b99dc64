package bench

import (
	"encoding/json"
	"testing"

	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/jsonval/schemas"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/spec/bench/fixture"
	"github.com/kvstore-go/kvstore/spec/bench/interleave"
)

// BenchmarkJSON reads and writes a document of 1.8 KB in memory, against encoding/json alone, which neither stores nor validates.
func BenchmarkJSON(b *testing.B) {
	driver := memory.New()
	b.Cleanup(func() { must(b, driver.Close()) })
	game := fixture.GameOf(7)
	text, err := json.Marshal(game)
	must(b, err)
	unmarshal := func() error {
		var game fixture.Game
		return json.Unmarshal(text, &game)
	}
	marshal := func() error { _, err := json.Marshal(game); return err }
	open := func(schema kv.Schema[kv.JSONField[fixture.Game]], at string) (read, write op) {
		field := kv.MustOpen(schema, driver, kv.At(at))
		must(b, field.Write(ctx, game))
		return func() error { _, err := field.Read(ctx); return err },
			func() error { return field.Write(ctx, game) }
	}
	read, write := open(kv.JSON[fixture.Game](), "validated")
	readAny, writeAny := open(kv.JSON[fixture.Game](kv.Validation(schemas.HandWritten("true"))), "any")
	for _, row := range []struct {
		name        string
		ours, other op
		bar         bar
	}{
		{"JSONField.Read of 1.8 KB, validated, against json.Unmarshal", read, unmarshal, atMost(0.6)},
		{"JSONField.Write of 1.8 KB, validated, against json.Marshal", write, marshal, atMost(0.8)},
		{"JSONField.Read of 1.8 KB, of any schema, against json.Unmarshal", readAny, unmarshal, atMost(0.6)},
		{"JSONField.Write of 1.8 KB, of any schema, against json.Marshal", writeAny, marshal, atMost(0.8)},
	} {
		b.Run(row.name, func(b *testing.B) {
			measurement{
				group: inMemory, name: row.name, pace: interleave.Fine,
				ours: interleave.Repeat(b, row.ours), other: interleave.Repeat(b, row.other), bar: row.bar,
			}.run(b, nil)
		})
	}
}
