package drivers

// What predictions, and redisdriver/bits.go, compute with: it goes when they do not need it any
// more.

import "github.com/kvstore-go/kvstore/drivers/internal/redisvalue"

type StreamID = redisvalue.StreamID

type HyperLogLog struct{ registers redisvalue.HyperLogLog }

func (h HyperLogLog) Add(element string) (HyperLogLog, bool, error) {
	registers, changed, err := h.registers.Add(element)
	return HyperLogLog{registers}, changed, invalid(err)
}

func (h HyperLogLog) Check() error { return invalid(h.registers.Check()) }

func ParseStreamID(text string, sequence uint64) (StreamID, error) {
	id, err := redisvalue.ParseStreamID(text, sequence)
	return id, invalid(err)
}

func NewStreamID(value string, last StreamID, now int64) (StreamID, error) {
	id, err := redisvalue.NewStreamID(value, last, now)
	return id, invalid(err)
}

func AsHyperLogLog(stored []byte) (HyperLogLog, error) {
	h, valid := redisvalue.AsHyperLogLog(stored)
	if !valid {
		return HyperLogLog{}, Errorf(ErrWrongType, "the string is no HyperLogLog")
	}
	return HyperLogLog{h}, nil
}

func (cmd Command) AddInt(text string, exists bool) (Reply, error) {
	sum, fits, err := redisvalue.AddInt(text, exists, cmd.Amount, cmd.Min, cmd.Max)
	return Reply{Int: sum, Nil: err == nil && !fits}, invalid(err)
}

func (cmd Command) AddFloat(text string, exists bool) (Reply, error) {
	sum, fits, err := redisvalue.AddFloat(text, exists, cmd.increment(), cmd.Min, cmd.Max)
	return Reply{Value: sum, Nil: err == nil && !fits}, invalid(err)
}

func (t BitType) Fit(number int64) (int64, bool) { return redisvalue.BitType(t).Fit(number) }

func (t BitType) Add(current, by int64) (int64, bool) { return redisvalue.BitType(t).Add(current, by) }

func (t BitType) Bytes(start, stop int64) (from, to int64) {
	return redisvalue.BitType(t).Bytes(start, stop)
}

func (t BitType) Get(data []byte, offset int64) int64 { return redisvalue.BitType(t).Get(data, offset) }

func (t BitType) GetAll(data []byte, offset int64, numbers []int64) {
	redisvalue.BitType(t).GetAll(data, offset, numbers)
}

func (cmd Command) Elements(length int64) (from, to int64) {
	return redisvalue.Elements(cmd.Start, cmd.Stop, length)
}

func UnsignedZero(score float64) float64 { return redisvalue.UnsignedZero(score) }

// Scored is the OpZAdd that an OpGeoAdd is.
func (cmd Command) Scored() Command {
	positions := cmd.Scores
	cmd.Op, cmd.Scores = OpZAdd, make([]float64, len(cmd.Values))
	for i := range cmd.Values {
		cmd.Scores[i] = GeoPoint{positions[2*i], positions[2*i+1]}.Score()
	}
	return cmd
}
