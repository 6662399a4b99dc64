package plan

import (
	"github.com/kvstore-go/kvstore/jsonval/internal/compiled"
	"github.com/kvstore-go/kvstore/jsonval/internal/violation"
)

// format is a format keyword. Package compiled decides; the most frequent formats have a quick check besides, which knows
// texts that it accepts for sure.
type format struct {
	name  string
	quick func(content []byte) bool
	full  func(text string) bool
	why   *violation.Violation
}

var quickFormats = map[string]func([]byte) bool{
	"uuid": surelyUUID, "date": surelyDate, "date-time": surelyDateTime, "email": surelyEmail,
}

func newFormat(f *compiled.Format) *format {
	return &format{name: f.Name, quick: quickFormats[f.Name], full: f.Accepts, why: violationOf(violation.Format{Want: f.Name})}
}

func (f *format) accepts(content []byte) bool {
	return f.quick != nil && f.quick(content) || f.full(string(content))
}

// fits reports whether a text has the form of a layout, in which 0 stands for a digit, x for a hexadecimal digit, and
// everything else for itself.
func fits(content []byte, layout string) bool {
	if len(content) != len(layout) {
		return false
	}
	for i, c := range content {
		switch layout[i] {
		case '0':
			if c-'0' > 9 {
				return false
			}
		case 'x':
			if c-'0' > 9 && (c|' ')-'a' > 'f'-'a' {
				return false
			}
		default:
			if c != layout[i] {
				return false
			}
		}
	}
	return true
}

func surelyUUID(content []byte) bool {
	return fits(content, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx")
}

// twoDigits returns the number of two bytes that are digits.
func twoDigits(content []byte) int {
	return int(content[0]-'0')*10 + int(content[1]-'0')
}

// surelyDate does not know months: days after the 28th are left to the full check, as all that is not surely valid.
func surelyDate(content []byte) bool {
	if !fits(content, "0000-00-00") {
		return false
	}
	month, day := twoDigits(content[5:]), twoDigits(content[8:])
	return 1 <= month && month <= 12 && 1 <= day && day <= 28
}

// surelyDateTime leaves leap seconds to the full check.
func surelyDateTime(content []byte) bool {
	const date, seconds = len("0000-00-00"), len("0000-00-00T00:00:00")
	if len(content) <= seconds || !surelyDate(content[:date]) || !surelyClock(content[date:seconds], "T00:00:00") ||
		twoDigits(content[seconds-2:]) > 59 {
		return false
	}
	zone := content[seconds:]
	if zone[0] == '.' {
		digits := skipDigits(zone, 1)
		if digits == 1 || digits == len(zone) {
			return false
		}
		zone = zone[digits:]
	}
	return len(zone) == 1 && zone[0] == 'Z' || surelyClock(zone, "+00:00") || surelyClock(zone, "-00:00")
}

// surelyClock checks hours and minutes behind one byte.
func surelyClock(content []byte, layout string) bool {
	return fits(content, layout) && twoDigits(content[1:]) <= 23 && twoDigits(content[4:]) <= 59
}

// surelyEmail knows addresses of letters, digits, hyphens and single dots.
func surelyEmail(content []byte) bool {
	const longestPart = 63
	at, part := -1, 0
	for i, c := range content {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
			part++
		case c == '-' && part > 0 && i+1 < len(content) && content[i+1] != '.' && content[i+1] != '@':
			part++
		case c == '.' && part > 0:
			part = 0
		case c == '@' && part > 0 && at < 0:
			at, part = i, 0
		default:
			return false
		}
		if part > longestPart {
			return false
		}
	}
	return 0 < at && at <= longestPart && part > 0 && len(content) <= 254
}

var base64Digits = func() (digits [256]bool) {
	for _, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") {
		digits[c] = true
	}
	return digits
}()

// isBase64 is what the validator of record checks for contentEncoding; it ignores line breaks.
func isBase64(content []byte) bool {
	digits, padding := 0, 0
	for _, c := range content {
		switch {
		case base64Digits[c] && padding == 0:
			digits++
		case c == '=':
			padding++
		case c != '\r' && c != '\n':
			return false
		}
	}
	return padding <= 2 && (digits+padding)%4 == 0
}
