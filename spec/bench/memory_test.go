package bench

import (
	"testing"
	"time"

	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/spec/bench/interleave"
)

// BenchmarkMemory measures reads of a handle that is held, and of one that is
// taken anew each time; each is the other's other side.
func BenchmarkMemory(b *testing.B) {
	f := open(b, memory.New())
	store := f.store.Take(deep)
	room, user := "room-42", "user-4711"
	must(b, store.Take(room).Take(user).Write(ctx, value))

	held := func() error { _, err := f.text.Read(ctx); return err }
	taken := func() error { _, err := store.Take(room).Take(user).Read(ctx); return err }
	for _, row := range []struct {
		name        string
		ours, other op
		bar         bar
		budget      *budget
	}{
		{"StringField.Read, held (other: taken)", held, taken, within(150 * time.Nanosecond), inTotal(0)},
		{"Take, Take, Read (other: held)", taken, held, noBar, inTotal(4)},
	} {
		b.Run(row.name, func(b *testing.B) {
			measurement{
				group: inMemory, name: row.name, pace: interleave.Medium,
				ours: interleave.Repeat(b, row.ours), other: interleave.Repeat(b, row.other), bar: row.bar,
			}.run(b, countAllocations(row.ours, row.other, row.budget))
		})
	}
}
