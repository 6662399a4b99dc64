package compiled

import (
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/kvstore-go/kvstore/jsonval/internal/ecma"
)

// Format is a format that is asserted.
type Format struct {
	Name    string
	Accepts func(text string) bool
}

// FormatNames are the formats that are asserted, sorted. As in JSON Schema, one that is not known is an annotation.
var FormatNames = []string{
	"date", "date-time", "duration", "email", "hostname", "ipv4", "ipv6", "iri", "iri-reference", "json-pointer", "period",
	"regex", "relative-json-pointer", "semver", "time", "uri", "uri-reference", "uri-template", "uuid",
}

// FormatNamed returns a format, or nil if it is not known.
func FormatNamed(name string) *Format {
	if accepts := formatNamed(name); accepts != nil {
		return &Format{name, accepts}
	}
	return nil
}

// formatNamed decides as the validator of record did by itself, to the letter, lenient where it was.
func formatNamed(name string) func(text string) bool {
	switch name {
	case "date":
		return isDate
	case "date-time":
		return isDateTime
	case "duration":
		return isDuration
	case "email":
		return isEmail
	case "hostname":
		return isHostname
	case "ipv4":
		return isIPv4
	case "ipv6":
		return isIPv6
	case "iri", "uri":
		return isURI
	case "iri-reference", "uri-reference":
		return isURIReference
	case "json-pointer":
		return jsonPointer().MatchString
	case "period":
		return isPeriod
	case "regex":
		return isExpression
	case "relative-json-pointer":
		return relativePointer().MatchString
	case "semver":
		return semver().MatchString
	case "time":
		return isTime
	case "uri-template":
		return isURITemplate
	case "uuid":
		return uuid().MatchString
	default:
		return nil
	}
}

// whole compiles an expression for whole texts when it is first asked for.
func whole(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(?:` + expression + `)$`) })
}

const (
	pointerExpression = `(?:/(?:[^/~]|~[01])*)*`
	countExpression   = `(?:0|[1-9][0-9]*)`
	labelExpression   = `[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?`
	atomExpression    = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
	beforeExpression  = `(?:` + countExpression + `|[0-9]*[A-Za-z-][0-9A-Za-z-]*)`
	buildExpression   = `[0-9A-Za-z-]+`
)

var (
	jsonPointer     = whole(pointerExpression)
	relativePointer = whole(countExpression + `(?:#|` + pointerExpression + `)`)
	uuid            = whole(`[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}`)
	duration        = whole(`P(?:[0-9]+W|(?:[0-9]+Y)?(?:[0-9]+M)?(?:[0-9]+D)?(?:T(?:[0-9]+H)?(?:[0-9]+M)?(?:[0-9]+S)?)?)`)
	hostname        = whole(labelExpression + `(?:\.` + labelExpression + `)*`)
	mailbox         = whole(`|` + atomExpression + `(?:\.` + atomExpression + `)*|"[^"\\]*"`)
	semver          = whole(countExpression + `(?:\.` + countExpression + `){2}(?:-` + beforeExpression + `(?:\.` + beforeExpression + `)*)?` +
		`(?:\+` + buildExpression + `(?:\.` + buildExpression + `)*)?`)
)

func isExpression(text string) bool {
	_, err := ecma.New(text)
	return err == nil
}

// isDuration is RFC 3339, appendix A. The expression lets the elements be left out, all of them and those behind the T.
func isDuration(text string) bool {
	return duration().MatchString(text) && !strings.HasSuffix(text, "P") && !strings.HasSuffix(text, "T")
}

func isHostname(text string) bool {
	text = strings.TrimSuffix(text, ".")
	return len(text) <= 253 && hostname().MatchString(text)
}

func isEmail(text string) bool {
	at := strings.LastIndexByte(text, '@')
	if len(text) > 254 || at < 0 || at > 64 || !mailbox().MatchString(text[:at]) {
		return false
	}
	host := text[at+1:]
	if !strings.HasPrefix(host, "[") || !strings.HasSuffix(host, "]") {
		return isHostname(host)
	}
	address := host[1 : len(host)-1]
	if six, ok := strings.CutPrefix(address, "IPv6:"); ok {
		return isIPv6(six)
	}
	return isIPv4(address)
}

func isIPv4(text string) bool {
	parts := strings.Split(text, ".")
	for _, part := range parts {
		if number, err := strconv.Atoi(part); err != nil || number < 0 || number > 255 || len(part) > 1 && part[0] == '0' {
			return false
		}
	}
	return len(parts) == 4
}

func isIPv6(text string) bool {
	address, err := netip.ParseAddr(text)
	return err == nil && strings.Contains(text, ":") && address.Zone() == ""
}

func isDate(text string) bool {
	_, err := time.Parse(time.DateOnly, text)
	return err == nil
}

func isDateTime(text string) bool {
	const date = len(time.DateOnly)
	return len(text) > date && text[date]|' ' == 't' && isDate(text[:date]) && isTime(text[date+1:])
}

// isTime is the full-time of RFC 3339, leap seconds included: they come at the end of a day, as UTC has it.
func isTime(text string) bool {
	const clock = len("00:00:00")
	if len(text) <= clock || text[2] != ':' || text[5] != ':' {
		return false
	}
	hour, minute, second := below(text[:2], 24), below(text[3:5], 60), below(text[6:clock], 61)
	if hour < 0 || minute < 0 || second < 0 {
		return false
	}
	zone := text[clock:]
	if zone[0] == '.' {
		rest := strings.TrimLeft(zone[1:], "0123456789")
		if len(rest) == len(zone)-1 {
			return false
		}
		zone = rest
	}
	ahead, known := offset(zone)
	if !known {
		return false
	}
	const day = 24 * 60
	utc := hour*60 + minute - ahead
	if utc < 0 {
		utc += day
	}
	return second < 60 || utc == day-1
}

// offset returns how many minutes a zone is ahead of UTC.
func offset(zone string) (minutes int, known bool) {
	if zone == "Z" || zone == "z" {
		return 0, true
	}
	if len(zone) != len("+00:00") || zone[0] != '+' && zone[0] != '-' || zone[3] != ':' {
		return 0, false
	}
	hours, minutes := below(zone[1:3], 24), below(zone[4:], 60)
	if hours < 0 || minutes < 0 {
		return 0, false
	}
	if minutes += 60 * hours; zone[0] == '-' {
		minutes = -minutes
	}
	return minutes, true
}

// below returns a number that is not negative and less than a limit, or -1.
func below(text string, limit int) int {
	number, err := strconv.Atoi(text)
	if err != nil || number < 0 || number >= limit {
		return -1
	}
	return number
}

// isPeriod is two moments, or one and a duration, as ISO 8601 has intervals.
func isPeriod(text string) bool {
	start, end, two := strings.Cut(text, "/")
	switch {
	case !two:
		return false
	case strings.HasPrefix(start, "P"):
		return isDuration(start) && isDateTime(end)
	case strings.HasPrefix(end, "P"):
		return isDateTime(start) && isDuration(end)
	default:
		return isDateTime(start) && isDateTime(end)
	}
}

// parseURL is url.Parse, which does not look into addresses of IPv6.
func parseURL(text string) *url.URL {
	parsed, err := url.Parse(text)
	if err != nil {
		return nil
	}
	if host := parsed.Hostname(); strings.Contains(host, ":") {
		if !strings.Contains(parsed.Host, "[") || !strings.Contains(parsed.Host, "]") || !isIPv6(host) {
			return nil
		}
	}
	return parsed
}

func isURI(text string) bool {
	parsed := parseURL(text)
	return parsed != nil && parsed.IsAbs()
}

func isURIReference(text string) bool { return !strings.Contains(text, `\`) && parseURL(text) != nil }

// isURITemplate looks for braces in pairs, in each step of the path.
func isURITemplate(text string) bool {
	parsed := parseURL(text)
	if parsed == nil {
		return false
	}
	for step := range strings.SplitSeq(parsed.RawPath, "/") {
		step, err := url.PathUnescape(step)
		if err != nil {
			return false
		}
		open := false
		for _, c := range step {
			if (c == '{' || c == '}') && open == (c == '{') {
				return false
			}
			open = open && c != '}' || c == '{'
		}
		if open {
			return false
		}
	}
	return true
}
