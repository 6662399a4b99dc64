package plan

import (
	"bytes"
	"encoding/base64"
	"reflect"
	"strconv"
	"time"
)

func readScalar(kind reflect.Kind, n *node) reader {
	switch kind {
	case reflect.Bool:
		return readBool(n)
	case reflect.String:
		return readString(n)
	case reflect.Float32, reflect.Float64:
		return readFloat(n)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return readUnsigned(n)
	default:
		return readInteger(n)
	}
}

func readBool(n *node) reader {
	return func(w *walker, i int, into reflect.Value) int {
		end := w.value(i, n)
		if end < 0 {
			return -1
		}
		switch w.text[i] {
		case 't':
			into.SetBool(true)
		case 'f', 'n':
		default:
			return -1
		}
		return end
	}
}

func readString(n *node) reader {
	return func(w *walker, i int, into reflect.Value) int {
		content, end := w.stringContent(i, n)
		if end >= 0 {
			into.SetString(w.copied(content))
		}
		return end
	}
}

// stringContent reads a string, or null, and returns what it stands for, until the next one is read.
func (w *walker) stringContent(i int, n *node) (content []byte, end int) {
	end = w.value(i, n)
	if end < 0 || w.text[i] != '"' {
		return nil, w.nullEnd(i, end)
	}
	content = w.text[i+1 : end-1]
	if bytes.IndexByte(content, '\\') >= 0 {
		w.unescaped = appendUnescaped(w.unescaped[:0], content)
		content = w.unescaped
	}
	return content, end
}

// nullEnd is the end of a value if it is null.
func (w *walker) nullEnd(i, end int) int {
	if end < 0 || w.text[i] != 'n' {
		return -1
	}
	return end
}

// numberEnd reads a number, or null, in which case there is no text.
func (w *walker) number(i int, n *node) (literal []byte, end int) {
	end = w.value(i, n)
	if end < 0 || typeOf[w.text[i]] != typeNumber {
		return nil, w.nullEnd(i, end)
	}
	return w.text[i:end], end
}

func readInteger(n *node) reader {
	return func(w *walker, i int, into reflect.Value) int {
		literal, end := w.number(i, n)
		if literal == nil {
			return end
		}
		_, value, ok := scanInteger(literal, 0)
		if !ok {
			var err error
			if value, err = strconv.ParseInt(string(literal), 10, 64); err != nil {
				return -1
			}
		}
		if into.OverflowInt(value) {
			return -1
		}
		into.SetInt(value)
		return end
	}
}

func readUnsigned(n *node) reader {
	return func(w *walker, i int, into reflect.Value) int {
		literal, end := w.number(i, n)
		if literal == nil {
			return end
		}
		value, err := strconv.ParseUint(string(literal), 10, 64)
		if err != nil || into.OverflowUint(value) {
			return -1
		}
		into.SetUint(value)
		return end
	}
}

func readFloat(n *node) reader {
	return func(w *walker, i int, into reflect.Value) int {
		literal, end := w.number(i, n)
		if literal == nil {
			return end
		}
		value, err := strconv.ParseFloat(string(literal), into.Type().Bits())
		if err != nil {
			return -1
		}
		into.SetFloat(value)
		return end
	}
}

// readLiteral reads a number as it is written, into a json.Number.
func readLiteral(n *node) reader {
	return func(w *walker, i int, into reflect.Value) int {
		literal, end := w.number(i, n)
		if literal != nil {
			into.SetString(string(literal))
		}
		return end
	}
}

// readBytes reads base64.
func readBytes(n *node) reader {
	return func(w *walker, i int, into reflect.Value) int {
		content, end := w.stringContent(i, n)
		if end < 0 || w.text[i] == 'n' {
			return end
		}
		decoded, err := base64.StdEncoding.AppendDecode([]byte{}, content)
		if err != nil {
			return -1
		}
		into.SetBytes(decoded)
		return end
	}
}

func readTime(n *node) reader {
	return func(w *walker, i int, into reflect.Value) int {
		content, end := w.stringContent(i, n)
		if end < 0 || w.text[i] == 'n' {
			return end
		}
		if err := into.Addr().Interface().(*time.Time).UnmarshalText(content); err != nil {
			return -1
		}
		return end
	}
}

// knownStrings are short strings that were read lately: many come again and again.
type knownStrings [128]string

const longestKnown = 24

// copied makes a string of bytes.
func (w *walker) copied(content []byte) string {
	if len(content) < 2 || len(content) > longestKnown {
		return string(content)
	}
	first, last := uint32(content[0]), uint32(content[len(content)-1])
	middle := uint32(content[len(content)/2])
	known := &w.known[(first*31+last*7+middle*131+uint32(len(content)))%uint32(len(w.known))]
	if *known != string(content) {
		*known = string(content)
	}
	return *known
}
