package kv

import "github.com/kvstore-go/kvstore/drivers"

// Width is how many bits a slot of a bitset has, and whether it has a sign: I1 to
// I64 are signed, U1 to U63 unsigned, as BITFIELD has them.
type Width int8

// The signed widths.
const (
	_ Width = iota
	I1
	I2
	I3
	I4
	I5
	I6
	I7
	I8
	I9
	I10
	I11
	I12
	I13
	I14
	I15
	I16
	I17
	I18
	I19
	I20
	I21
	I22
	I23
	I24
	I25
	I26
	I27
	I28
	I29
	I30
	I31
	I32
	I33
	I34
	I35
	I36
	I37
	I38
	I39
	I40
	I41
	I42
	I43
	I44
	I45
	I46
	I47
	I48
	I49
	I50
	I51
	I52
	I53
	I54
	I55
	I56
	I57
	I58
	I59
	I60
	I61
	I62
	I63
	I64
)

// The unsigned widths. Redis has no unsigned slot of 64 bits.
const (
	_ Width = -iota
	U1
	U2
	U3
	U4
	U5
	U6
	U7
	U8
	U9
	U10
	U11
	U12
	U13
	U14
	U15
	U16
	U17
	U18
	U19
	U20
	U21
	U22
	U23
	U24
	U25
	U26
	U27
	U28
	U29
	U30
	U31
	U32
	U33
	U34
	U35
	U36
	U37
	U38
	U39
	U40
	U41
	U42
	U43
	U44
	U45
	U46
	U47
	U48
	U49
	U50
	U51
	U52
	U53
	U54
	U55
	U56
	U57
	U58
	U59
	U60
	U61
	U62
	U63
)

// size is the number of bits.
func (w Width) size() int {
	if w < 0 {
		return -int(w)
	}
	return int(w)
}

func (w Width) bits(overflow drivers.Overflow) drivers.BitType {
	return drivers.BitType{Width: uint8(w.size()), Signed: w > 0, Overflow: overflow}
}
