package peers

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/kvstore-go/kvstore/spec/bench/fixture"
)

const (
	goroutines    = 64
	manyDocuments = 10_000
	childCount    = 1_000
	otherCount    = 200_000 // keys in the database besides what the operations work on
	slotCount     = 1_000
	boardSize     = 20
	batchSize     = 100
	filledCount   = 100_000
	page          = 256   // documents of one MGET, as many as kvstore reads in one round trip
	scanCount     = 1_000 // keys a server looks at for one page, as kvstore asks it to
)

// What all sides work with. They are variables, as the keys and values of programs are:
// constants would cost some sides no allocation.
var (
	ctx      = context.Background()
	text     = "a value of some thirty characters"
	document = fixture.GameOf(7)
	members  = namesOf("member", 10)
	member   = members[7]
	score    = 100.0 // beyond those on the board
	// batchNames are of the strings that a batch writes and reads, with a set meanwhile.
	batchNames = namesOf("batch", batchSize/4)
)

func namesOf(prefix string, count int) []string {
	names := make([]string, count)
	for i := range names {
		names[i] = fmt.Sprintf("%s-%d", prefix, i)
	}
	return names
}

// slots are numbers of 16 bits, and as Redis keeps them.
func slots() (numbers []int64, packed string, sum int64) {
	var bytes []byte
	for i := range int64(slotCount) {
		number := i * 61 % 65_536
		numbers, bytes, sum = append(numbers, number), append(bytes, byte(number>>8), byte(number)), sum+number
	}
	return numbers, string(bytes), sum
}

// sumOf adds up slots as Redis keeps them.
func sumOf(packed string) (sum int64) {
	for i := 0; i+1 < len(packed); i += 2 {
		sum += int64(packed[i])<<8 | int64(packed[i+1])
	}
	return sum
}

// ratings is what is left of many documents that were read.
func ratings() (sum int) {
	for i := range manyDocuments {
		sum += fixture.GameOf(i).Rating
	}
	return sum
}

// entry16 is the i-th key and value of those that memory is measured with, 16 bytes each.
func entry16(i int) (key, value string) {
	return fmt.Sprintf("k:%014d", i), fmt.Sprintf("value %010d", i)
}

func marshal(game fixture.Game) (string, error) {
	text, err := json.Marshal(game)
	return string(text), err
}

func unmarshal(text string) (game fixture.Game, err error) {
	err = json.Unmarshal([]byte(text), &game)
	return game, err
}
