package redisdriver

import (
	"strings"

	"github.com/kvstore-go/kvstore/drivers"
)

const slots = 16384

// slotOf is the hash slot of a key: the CRC16 of what stands between its first {
// and the next }, or of all of it where there is nothing in between.
func slotOf(key string) int {
	if _, tagged, found := strings.Cut(key, "{"); found {
		if tag, _, closed := strings.Cut(tagged, "}"); closed && tag != "" {
			key = tag
		}
	}
	return int(crc16(key) % slots)
}

// crc16 is CRC-16/XMODEM.
func crc16(text string) uint16 {
	var crc uint16
	for i := range len(text) {
		crc = crc<<8 ^ crcTable[byte(crc>>8)^text[i]]
	}
	return crc
}

var crcTable = func() (table [256]uint16) {
	for i := range table {
		crc := uint16(i) << 8
		for range 8 {
			if crc&0x8000 != 0 {
				crc = crc<<1 ^ 0x1021
			} else {
				crc <<= 1
			}
		}
		table[i] = crc
	}
	return table
}()

// sameSlot reports the first of keys that is in another slot than key.
func sameSlot(key string, keys []string) error {
	if len(keys) == 0 {
		return nil
	}
	slot := slotOf(key)
	for _, other := range keys {
		if at := slotOf(other); at != slot {
			return drivers.Errorf(drivers.ErrCrossSlot, "%q is in slot %d, %q in slot %d", key, slot, other, at)
		}
	}
	return nil
}
