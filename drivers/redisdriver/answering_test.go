package redisdriver_test

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"
)

// answering is a server within the process that answers what it is told to, and knows
// transactions. It shows what the driver makes of answers, and lets time be moved.
type answering struct {
	answer func(name string) string // to a command, by its name; "" for one of success
	hello  string                   // its answer to HELLO, if it is not that it knows none

	mutex    sync.Mutex
	received []string // the names of the commands
	conns    int
}

// client is one that has no other commands sent than those it is asked to.
func (a *answering) client(configure ...func(*redis.Options)) *redis.Client {
	options := &redis.Options{
		Addr: "127.0.0.1:6379", Dialer: a.dial, DisableIdentity: true, MaxRetries: -1,
		ContextTimeoutEnabled: true, // or calls would share channels across bubbles of synctest
	}
	for _, f := range configure {
		f(options)
	}
	return redis.NewClient(options)
}

func (a *answering) dial(context.Context, string, string) (net.Conn, error) {
	client, server := net.Pipe()
	says := make(chan string, 1000)
	a.mutex.Lock()
	a.conns++
	a.mutex.Unlock()
	go func() {
		for said := range says {
			_, _ = io.WriteString(server, said)
		}
	}()
	go func() {
		defer close(says)
		queued, spoilt := -1, false // -1 outside MULTI
		for requests := bufio.NewReader(server); ; {
			name, err := request(requests)
			if err != nil {
				return
			}
			said := a.to(name)
			switch {
			case name == "multi" && !strings.HasPrefix(said, "-"):
				queued, spoilt = 0, false
			case name == "exec" && spoilt:
				said, queued = "-EXECABORT Transaction discarded because of previous errors.", -1
			case name == "exec" && queued < 0:
				said = "-ERR EXEC without MULTI"
			case name == "exec" && said == "+OK":
				said, queued = fmt.Sprintf("*%d", queued)+strings.Repeat("\r\n+OK", queued), -1
			case name == "exec":
				queued = -1
			case queued >= 0 && strings.HasPrefix(said, "-"):
				spoilt = true
			case queued >= 0:
				said = "+QUEUED"
				queued++
			}
			says <- said + "\r\n"
		}
	}()
	return client, nil
}

func (a *answering) to(name string) string {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if name == "hello" {
		return cmp.Or(a.hello, "-ERR unknown command")
	}
	a.received = append(a.received, name)
	if said := a.answer(name); said != "" {
		return said
	}
	return cmp.Or(map[string]string{"unlink": ":1", "append": ":1", "strlen": ":1", "sunion": "*0"}[name], "+OK")
}

// was counts how often a command came.
func (a *answering) was(name string) (times int) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	for _, received := range a.received {
		if received == name {
			times++
		}
	}
	return times
}

// dialled is how many connections were made.
func (a *answering) dialled() int {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	return a.conns
}
