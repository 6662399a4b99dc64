package redisserver

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// askTimeout tells a server that never answers from one that has little of a busy machine.
const askTimeout = 30 * time.Second

// Ask sends one command and returns the reply as text, the elements of an array each on a
// line of its own. The connection is kept for the next one who asks.
func (s *Server) Ask(args ...string) (string, error) {
	request := fmt.Appendf(nil, "*%d\r\n", len(args))
	for _, arg := range args {
		request = fmt.Appendf(request, "$%d\r\n%s\r\n", len(arg), arg)
	}
	if kept := s.kept.Swap(nil); kept != nil {
		text, err := s.ask(kept, request)
		if !ended(err) {
			return text, err
		}
	}
	conn, err := net.DialTimeout("tcp", s.addr, askTimeout)
	if err != nil {
		return "", err
	}
	return s.ask(&connection{conn, bufio.NewReader(conn)}, request)
}

// connection is one over which a Server is asked.
type connection struct {
	net.Conn
	replies *bufio.Reader
}

// refusal is an error that the server answers, after which the connection is as good as ever.
type refusal string

func (r refusal) Error() string { return string(r) }

// ended reports whether a connection has ended that was kept, as after CLIENT KILL.
func ended(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

func (s *Server) ask(conn *connection, request []byte) (text string, err error) {
	defer func() {
		var refused refusal
		inOrder := (err == nil || errors.As(err, &refused)) && conn.replies.Buffered() == 0
		if !inOrder || !s.kept.CompareAndSwap(nil, conn) {
			_ = conn.Close() // what was answered is answered
		}
	}()
	if err := conn.SetDeadline(time.Now().Add(askTimeout)); err != nil {
		return "", err
	}
	if _, err := conn.Write(request); err != nil {
		return "", err
	}
	return readReply(conn.replies)
}

func readReply(r *bufio.Reader) (string, error) {
	line, err := r.ReadString('\n')
	if err != nil {
		return "", err
	}
	line = strings.TrimSuffix(line, "\r\n")
	if line == "" {
		return "", errors.New("empty reply")
	}
	switch body := line[1:]; line[0] {
	case '+', ':':
		return body, nil
	case '-':
		return "", refusal(body)
	case '$':
		size, err := strconv.Atoi(body)
		if err != nil || size < 0 {
			return "", err
		}
		text := make([]byte, size)
		if _, err = io.ReadFull(r, text); err == nil {
			_, err = r.Discard(len("\r\n"))
		}
		return string(text), err
	case '*':
		size, err := strconv.Atoi(body)
		elements := make([]string, max(size, 0))
		for i := range elements {
			if elements[i], err = readReply(r); err != nil {
				return "", err
			}
		}
		return strings.Join(elements, "\n"), err
	}
	return "", fmt.Errorf("unexpected reply %q", line)
}

// fields is the set of lines of a reply such as that of INFO.
func (s *Server) fields(args ...string) (map[string]bool, error) {
	text, err := s.Ask(args...)
	if err != nil {
		return nil, err
	}
	lines := map[string]bool{}
	for line := range strings.Lines(text) {
		lines[strings.TrimSpace(line)] = true
	}
	return lines, nil
}
