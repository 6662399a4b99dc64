package redisdriver

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// receive reads what a server says in RESP3, in answer or unasked, until it has said that it tells of
// no more changes, or to an error.
func (c *trackingConn) receive(in incoming) error {
	tracks := false
	for {
		kind, text, err := in.line()
		if err != nil {
			return err
		}
		switch kind {
		case '>':
			err = c.push(in, text)
		case '%':
			err = c.hello(in, text)
		case '+':
			if tracks {
				return nil
			}
			tracks = true
			close(c.began)
		case '-':
			err = errors.New(string(text))
		default:
			err = in.skip(kind, text)
		}
		if err != nil {
			return err
		}
	}
}

// push reads what was said unasked.
func (c *trackingConn) push(in incoming, text []byte) error {
	count, err := size(text)
	if err != nil {
		return err
	}
	what, err := in.text()
	if err != nil {
		return err
	}
	told := string(what) == "invalidate" && count == 2
	for range count - 1 {
		kind, text, err := in.line()
		switch {
		case err != nil:
		case told && kind == '_':
			c.of.emptied()
		case told && kind == '*':
			err = c.keys(in, text)
		default:
			err = in.skip(kind, text)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// keys reads those that have changed.
func (c *trackingConn) keys(in incoming, text []byte) error {
	count, err := size(text)
	for i := 0; err == nil && i < count; i++ {
		var key []byte
		if key, err = in.text(); err == nil {
			c.of.changed(key)
		}
	}
	return err
}

// hello reads what a server says of itself.
func (c *trackingConn) hello(in incoming, text []byte) error {
	count, err := size(text)
	for i := 0; err == nil && i < count; i++ {
		var name, role []byte
		if name, err = in.text(); err != nil {
			return err
		}
		isRole := string(name) == "role"
		kind, text, lineErr := in.line()
		switch {
		case lineErr != nil:
			return lineErr
		case !isRole || kind != '$':
			err = in.skip(kind, text)
		default:
			if role, err = in.bulk(text); err == nil && string(role) != "master" {
				return demoted(string(role))
			}
		}
	}
	return err
}

// incoming reads RESP3. What it returns is valid until the next call.
type incoming struct {
	*bufio.Reader
}

// line reads the first line of a value: its kind, and what follows.
func (in incoming) line() (kind byte, text []byte, err error) {
	line, err := in.ReadSlice('\n')
	if err != nil {
		return 0, nil, err
	}
	text, ended := bytes.CutSuffix(line, []byte("\r\n"))
	if !ended || len(text) == 0 {
		return 0, nil, unexpected(line)
	}
	return text[0], text[1:], nil
}

// text reads a string.
func (in incoming) text() ([]byte, error) {
	kind, text, err := in.line()
	switch {
	case err != nil:
		return nil, err
	case kind == '$':
		return in.bulk(text)
	case kind == '+':
		return text, nil
	}
	return nil, unexpected(text)
}

// bulk reads what follows the size of a string.
func (in incoming) bulk(text []byte) ([]byte, error) {
	count, err := size(text)
	if err != nil {
		return nil, err
	}
	count += len("\r\n")
	if all, err := in.Peek(count); err == nil {
		_, err = in.Discard(count)
		return all[:count-len("\r\n")], err
	} else if !errors.Is(err, bufio.ErrBufferFull) {
		return nil, err
	}
	all := make([]byte, count)
	_, err = io.ReadFull(in, all)
	return all[:count-len("\r\n")], err
}

// skip reads the rest of a value, whatever it is.
func (in incoming) skip(kind byte, text []byte) error {
	parts := 1
	switch kind {
	case '$', '=', '!':
		_, err := in.bulk(text)
		return err
	case '%', '|':
		parts = 2
		fallthrough
	case '*', '~', '>':
		count, err := size(text)
		for i := 0; err == nil && i < count*parts; i++ {
			if kind, text, err = in.line(); err == nil {
				err = in.skip(kind, text)
			}
		}
		return err
	case '+', '-', ':', '_', ',', '#', '(':
		return nil
	}
	return unexpected(text)
}

func size(text []byte) (int, error) {
	count, err := strconv.Atoi(string(text))
	if err != nil || count < 0 {
		return 0, unexpected(text)
	}
	return count, nil
}

func unexpected(text []byte) error { return fmt.Errorf("unexpected answer %q", text) }
