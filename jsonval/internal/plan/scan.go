package plan

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// The scanner reads one token at a position of a text and returns the position behind it, or a negative number where the
// text is not well formed.

// traits are what a scan learns about a string besides where it ends.
type traits uint8

const (
	escaped  traits = 1 << iota // it has escape sequences
	nonASCII                    // it has characters beyond ASCII, not counting escaped ones
)

// byteAt returns 0, which is never part of a token, behind the end.
func byteAt(text []byte, i int) byte {
	if uint(i) < uint(len(text)) {
		return text[i]
	}
	return 0
}

// skipSpace is small enough to be inlined: most often there is none.
func skipSpace(text []byte, i int) int {
	if byteAt(text, i) > ' ' {
		return i
	}
	return skipMoreSpace(text, i)
}

func skipMoreSpace(text []byte, i int) int {
	for ; uint(i) < uint(len(text)); i++ {
		switch text[i] {
		case ' ', '\t', '\n', '\r':
		default:
			return i
		}
	}
	return i
}

// Eight bytes are examined at once: a word within a register, after "Bit Twiddling Hacks".
const (
	lows  = 0x0101010101010101
	highs = 0x8080808080808080
)

// special marks, by their high bits, the bytes of a word that do not stand for themselves in a string: quotes, backslashes,
// control characters, and all beyond ASCII. A byte above a marked one may be marked wrongly.
func special(word uint64) uint64 {
	quote := word ^ lows*'"'
	backslash := word ^ lows*'\\'
	return ((quote - lows) | (backslash - lows) | (word - lows*' ') | word) & highs
}

// scanString reads a string from behind its opening quote to its closing quote, which is where it returns.
func scanString(text []byte, i int) (int, traits) {
	var found traits
	for {
		for len(text)-i >= 8 {
			marks := special(binary.LittleEndian.Uint64(text[i:]))
			if marks == 0 {
				i += 8
				continue
			}
			if i += bits.TrailingZeros64(marks) / 8; text[i] == '"' {
				return i, found
			}
			break
		}
		switch c := byteAt(text, i); {
		case c == '"':
			return i, found
		case c == '\\':
			found |= escaped
			if i = scanEscape(text, i+1); i < 0 {
				return i, found
			}
		case c < ' ':
			return -1, found
		case c < utf8.RuneSelf:
			i++
		default:
			found |= nonASCII
			r, size := utf8.DecodeRune(text[i:])
			if r == utf8.RuneError && size == 1 {
				return -1, found
			}
			i += size
		}
	}
}

// scanEscape reads an escape sequence from behind its backslash. Half a surrogate pair is no character.
func scanEscape(text []byte, i int) int {
	switch byteAt(text, i) {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 1
	case 'u':
		first := hexadecimal(text, i+1)
		switch {
		case first < 0, 0xDC00 <= first && first < 0xE000:
			return -1
		case first < 0xD800 || 0xE000 <= first:
			return i + 5
		}
		if byteAt(text, i+5) != '\\' || byteAt(text, i+6) != 'u' {
			return -1
		}
		if second := hexadecimal(text, i+7); second < 0xDC00 || 0xE000 <= second {
			return -1
		}
		return i + 11
	default:
		return -1
	}
}

// hexadecimal reads four digits.
func hexadecimal(text []byte, i int) rune {
	var r rune
	for at := i; at < i+4; at++ {
		c := byteAt(text, at)
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return -1
		}
		r = r<<4 | rune(c)
	}
	return r
}

// appendUnescaped appends what the inside of a well-formed string stands for.
func appendUnescaped(to, inside []byte) []byte {
	for i := 0; i < len(inside); i++ {
		if inside[i] != '\\' {
			to = append(to, inside[i])
			continue
		}
		i++
		switch c := inside[i]; c {
		case 'b':
			to = append(to, '\b')
		case 'f':
			to = append(to, '\f')
		case 'n':
			to = append(to, '\n')
		case 'r':
			to = append(to, '\r')
		case 't':
			to = append(to, '\t')
		case 'u':
			r := hexadecimal(inside, i+1)
			i += 4
			if 0xD800 <= r && r < 0xE000 {
				r = 0x10000 + (r-0xD800)<<10 + (hexadecimal(inside, i+3) - 0xDC00)
				i += 6
			}
			to = utf8.AppendRune(to, r)
		default:
			to = append(to, c)
		}
	}
	return to
}
