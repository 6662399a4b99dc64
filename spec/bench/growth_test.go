package bench

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/spec/bench/interleave"
)

// collection is a type of value, with commands on one that has so many members.
type collection struct {
	name string
	// fill is the command that puts in the members [from, to).
	fill func(from, to int) drivers.Command
	// each makes the i-th command on a value of size members; a pair of them, where the
	// first would change the size.
	each map[string]func(i, size int) []drivers.Command
}

// name16 is a member of 16 bytes.
func name16(i int) string { return fmt.Sprintf("member%010d", i) }

func names16(from, to int) []string {
	names := make([]string, 0, to-from)
	for i := from; i < to; i++ {
		names = append(names, name16(i))
	}
	return names
}

// scattered visits all of a value, in no order that a cache likes.
func scattered(i, size int) int { return i * 7_368_787 % size }

func scores(from, to int) []float64 {
	all := make([]float64, 0, to-from)
	for i := from; i < to; i++ {
		all = append(all, float64(i))
	}
	return all
}

func pairs16(from, to int) []string {
	var pairs []string
	for _, name := range names16(from, to) {
		pairs = append(pairs, name, name)
	}
	return pairs
}

// positions lie on a grid of a thousand by a thousand.
func positions(from, to int) []float64 {
	var all []float64
	for i := from; i < to; i++ {
		all = append(all, float64(i%1000)*0.3-150, float64(i/1000%1000)*0.1-50)
	}
	return all
}

func collections() []collection {
	one := func(make func(i, size int) drivers.Command) func(i, size int) []drivers.Command {
		return func(i, size int) []drivers.Command { return []drivers.Command{make(i, size)} }
	}
	two := func(first, second func(i, size int) drivers.Command) func(i, size int) []drivers.Command {
		return func(i, size int) []drivers.Command {
			return []drivers.Command{first(i, size), second(i, size)}
		}
	}
	// ofMember is an Op on one member as Value, ofMembers as Values.
	ofMember := func(op drivers.Op) func(i, size int) drivers.Command {
		return func(i, size int) drivers.Command {
			return drivers.Command{Op: op, Value: name16(scattered(i, size))}
		}
	}
	ofMembers := func(op drivers.Op) func(i, size int) drivers.Command {
		return func(i, size int) drivers.Command {
			member := scattered(i, size)
			return drivers.Command{Op: op, Values: names16(member, member+1), Extra: &drivers.Extra{Scores: scores(member, member+1)}}
		}
	}
	ofPair := func(op drivers.Op) func(i, size int) drivers.Command {
		return func(i, size int) drivers.Command {
			member := scattered(i, size)
			return drivers.Command{Op: op, Values: pairs16(member, member+1)}
		}
	}
	at := func(op drivers.Op, value string) func(i, size int) drivers.Command {
		return func(i, size int) drivers.Command {
			index := int64(scattered(i, size))
			return drivers.Command{Op: op, Start: index, Stop: index + 9, Value: value}
		}
	}
	always := func(cmd drivers.Command) func(i, size int) drivers.Command {
		return func(int, int) drivers.Command { return cmd }
	}
	spare := []string{"one member more!"}
	return []collection{
		{"set", func(from, to int) drivers.Command {
			return drivers.Command{Op: drivers.OpSAdd, Values: names16(from, to)}
		},
			map[string]func(i, size int) []drivers.Command{
				"SREM, SADD":  two(ofMembers(drivers.OpSRem), ofMembers(drivers.OpSAdd)),
				"SISMEMBER":   one(ofMember(drivers.OpSIsMember)),
				"SRANDMEMBER": one(always(drivers.Command{Op: drivers.OpSRandMember, Amount: 1})),
			}},
		{"list", func(from, to int) drivers.Command {
			return drivers.Command{Op: drivers.OpRPush, Values: names16(from, to)}
		},
			map[string]func(i, size int) []drivers.Command{
				"LPUSH, LPOP":  two(always(drivers.Command{Op: drivers.OpLPush, Values: spare}), always(drivers.Command{Op: drivers.OpLPop, Amount: 1})),
				"RPUSH, RPOP":  two(always(drivers.Command{Op: drivers.OpRPush, Values: spare}), always(drivers.Command{Op: drivers.OpRPop, Amount: 1})),
				"RPUSH, LPOP":  two(always(drivers.Command{Op: drivers.OpRPush, Values: spare}), always(drivers.Command{Op: drivers.OpLPop, Amount: 1})),
				"LINDEX":       one(at(drivers.OpLIndex, "")),
				"LSET":         one(at(drivers.OpLSet, spare[0])),
				"LRANGE of 10": one(at(drivers.OpLRange, "")),
			}},
		{"hash", func(from, to int) drivers.Command {
			return drivers.Command{Op: drivers.OpHSet, Values: pairs16(from, to)}
		},
			map[string]func(i, size int) []drivers.Command{
				"HDEL, HSET": two(ofMembers(drivers.OpHDel), ofPair(drivers.OpHSet)),
				"HGET":       one(ofMember(drivers.OpHGet)),
			}},
		{"sorted set", func(from, to int) drivers.Command {
			return drivers.Command{Op: drivers.OpZAdd, Values: names16(from, to), Extra: &drivers.Extra{Scores: scores(from, to)}}
		},
			map[string]func(i, size int) []drivers.Command{
				"ZREM, ZADD":   two(ofMembers(drivers.OpZRem), ofMembers(drivers.OpZAdd)),
				"ZSCORE":       one(ofMember(drivers.OpZScore)),
				"ZRANK":        one(ofMember(drivers.OpZRank)),
				"ZRANGE of 10": one(at(drivers.OpZRange, "")),
				"ZCOUNT": one(func(i, size int) drivers.Command {
					return drivers.Command{Op: drivers.OpZCount, Extra: &drivers.Extra{Min: strconv.Itoa(scattered(i, size)), Max: "+inf"}}
				}),
				"ZPOPMIN, ZADD": two(always(drivers.Command{Op: drivers.OpZPopMin, Amount: 1}),
					always(drivers.Command{Op: drivers.OpZAdd, Values: spare, Extra: &drivers.Extra{Scores: []float64{-1}}})),
			}},
		{"geo", func(from, to int) drivers.Command {
			return drivers.Command{Op: drivers.OpGeoAdd, Values: names16(from, to), Extra: &drivers.Extra{Scores: positions(from, to)}}
		},
			map[string]func(i, size int) []drivers.Command{
				"GEOPOS": one(ofMembers(drivers.OpGeoPos)),
			}},
		{"stream", func(from, to int) drivers.Command {
			return drivers.Command{Op: drivers.OpXAdd, Value: fmt.Sprintf("%d-1", from+1), Values: []string{"value", name16(from)}}
		},
			map[string]func(i, size int) []drivers.Command{
				"XRANGE of 10": one(func(i, size int) drivers.Command {
					return drivers.Command{Op: drivers.OpXRange, Extra: &drivers.Extra{Min: fmt.Sprint(scattered(i, size)), Max: "+"}, Amount: 10}
				}),
				"XADD capped": one(func(_, size int) drivers.Command {
					return drivers.Command{Op: drivers.OpXAdd, Value: "*", Values: []string{"value", spare[0]}, Amount: int64(size)}
				}),
			}},
		{"bitmap", func(_, to int) drivers.Command {
			return drivers.Command{Op: drivers.OpSetBit, Start: int64(to) * 16 * 8, Amount: 1}
		},
			map[string]func(i, size int) []drivers.Command{
				"SETBIT": one(func(i, size int) drivers.Command {
					return drivers.Command{Op: drivers.OpSetBit, Start: int64(scattered(i, size)), Amount: 1}
				}),
				"GETBIT":         one(at(drivers.OpGetBit, "")),
				"SETRANGE of 16": one(at(drivers.OpSetRange, spare[0])),
				"GETRANGE of 10": one(at(drivers.OpGetRange, "")),
			}},
	}
}

// filled is a memory driver with a value of so many members under the key k.
func filled(b *testing.B, c collection, size int) drivers.Driver {
	b.Helper()
	d := memory.New()
	c.fillIn(b, d, size)
	return d
}

// fillIn makes a value of so many members under the key k.
func (c collection) fillIn(b *testing.B, d drivers.Driver, size int) {
	b.Helper()
	step := 1000
	if c.name == "stream" {
		step = 1
	}
	for from := 0; from < size; from += step {
		cmd := c.fill(from, from+step)
		cmd.Key = "k"
		_, err := d.Do(ctx, cmd)
		must(b, err)
	}
}

// BenchmarkGrowth shows that what takes O(1) or O(log n) in Redis takes no more here:
// a thousand times the members may cost twice the steps (log 10^6 is twice log 10^3),
// and misses in the caches, which hold the smaller value. What is linear would cost a
// thousand times as much.
func BenchmarkGrowth(b *testing.B) {
	for _, c := range collections() {
		large, small := filled(b, c, 1_000_000), filled(b, c, 1_000)
		for name, each := range c.each {
			run := func(d drivers.Driver, size int) op {
				i := 0
				return func() error {
					i++
					for _, cmd := range each(i, size) {
						cmd.Key = "k"
						if _, err := d.Do(ctx, cmd); err != nil {
							return err
						}
					}
					return nil
				}
			}
			b.Run(c.name+"/"+name, func(b *testing.B) {
				measurement{
					group: growth, name: c.name + ": " + name, pace: interleave.Medium,
					ours: interleave.Repeat(b, run(large, 1_000_000)), other: interleave.Repeat(b, run(small, 1_000)), bar: atMost(10),
				}.run(b, nil)
			})
		}
	}
}
