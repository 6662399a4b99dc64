package encode

import "unicode/utf8"

// plain marks the bytes that stand for themselves in a string. Those of HTML do not, so that a text can be part of a page.
var plain = func() (table [256]bool) {
	for c := ' '; c < utf8.RuneSelf; c++ {
		table[c] = true
	}
	for _, c := range `"\<>&` {
		table[c] = false
	}
	return table
}()

// quote appends a string, and reports whether it is UTF-8.
func (b *buffer) quote(s string) bool {
	text := append(b.text, '"')
	done := 0 // what comes before has been appended
	for i := 0; i < len(s); {
		if plain[s[i]] {
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			return false
		case r < utf8.RuneSelf || r == '\u2028' || r == '\u2029': // the last two end a line of JavaScript
			text = append(text, s[done:i]...)
			text = appendEscape(text, r)
			done = i + size
		}
		i += size
	}
	text = append(text, s[done:]...)
	b.text = append(text, '"')
	return true
}

const hexadecimal = "0123456789abcdef"

func appendEscape(text []byte, r rune) []byte {
	switch r {
	case '"', '\\':
		return append(text, '\\', byte(r))
	case '\b':
		return append(text, `\b`...)
	case '\f':
		return append(text, `\f`...)
	case '\n':
		return append(text, `\n`...)
	case '\r':
		return append(text, `\r`...)
	case '\t':
		return append(text, `\t`...)
	default:
		return append(text, '\\', 'u', hexadecimal[r>>12], hexadecimal[r>>8&15], hexadecimal[r>>4&15], hexadecimal[r&15])
	}
}
