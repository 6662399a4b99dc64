package redisdriver_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
)

// mute is a server of one channel, within the process, so that time can be moved. It
// falls silent without closing a connection, as a machine does whose cable is pulled.
type mute struct {
	mutex   sync.Mutex
	silent  bool
	unheard bool // connections are not even accepted
	conns   []chan string
}

// Dial is a redis.Options.Dialer.
func (m *mute) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if m.unheard {
		m.mutex.Unlock()
		<-ctx.Done()
		m.mutex.Lock()
		return nil, ctx.Err()
	}
	client, server := net.Pipe()
	says := make(chan string, 1000) // as the kernel does, it takes what nobody reads yet
	m.conns = append(m.conns, says)
	go func() {
		for said := range says {
			_, _ = io.WriteString(server, said)
		}
	}()
	go func() {
		defer close(says)
		for requests := bufio.NewReader(server); ; {
			name, err := request(requests)
			if err != nil {
				m.forget(says)
				return
			}
			m.answer(says, name)
		}
	}()
	return client, nil
}

// request reads a command and returns its name.
func request(r *bufio.Reader) (name string, err error) {
	var words, size int
	if _, err := fmt.Fscanf(r, "*%d\r\n", &words); err != nil {
		return "", err
	}
	for i := range words {
		if _, err := fmt.Fscanf(r, "$%d\r\n", &size); err != nil {
			return "", err
		}
		word := make([]byte, size+len("\r\n"))
		if _, err := io.ReadFull(r, word); err != nil {
			return "", err
		}
		if i == 0 {
			name = strings.ToLower(string(word[:size]))
		}
	}
	return name, nil
}

var answers = map[string]string{
	"hello":     "-ERR unknown command\r\n",
	"subscribe": "*3\r\n$9\r\nsubscribe\r\n$4\r\nchat\r\n:1\r\n",
	"ping":      "*2\r\n$4\r\npong\r\n$0\r\n\r\n",
}

func (m *mute) answer(says chan<- string, name string) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if answer := answers[name]; !m.silent && answer != "" {
		says <- answer
	} else if !m.silent {
		says <- "+OK\r\n"
	}
}

func (m *mute) forget(says chan string) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	for i := range m.conns {
		if m.conns[i] == says {
			m.conns = append(m.conns[:i:i], m.conns[i+1:]...)
			return
		}
	}
}

// set changes how the server is.
func (m *mute) set(silent, unheard bool) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.silent, m.unheard = silent, unheard
}

func (m *mute) publish(message string) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	for _, says := range m.conns {
		if !m.silent {
			says <- fmt.Sprintf("*3\r\n$7\r\nmessage\r\n$4\r\nchat\r\n$%d\r\n%s\r\n", len(message), message)
		}
	}
}

// heard is what a loop was told, and when.
type heard struct {
	what string
	at   time.Time
}

// subscribed is a loop that listens until ctx ends. Each thing it is told keeps it busy.
func subscribed(ctx context.Context, m *mute, busy time.Duration) (ready <-chan struct{}, told <-chan heard) {
	client := redis.NewClient(&redis.Options{Addr: "127.0.0.1:6379", Dialer: m.Dial, DisableIdentity: true})
	d := redisdriver.New(client)
	listens, tells := make(chan struct{}), make(chan heard, 100)
	go func() {
		defer func() { _ = client.Close() }()
		defer close(tells)
		cmd := drivers.Command{Op: drivers.OpPublish, Key: "chat"}
		for message, err := range d.Subscribe(ctx, cmd, func() { close(listens) }) {
			switch {
			case errors.Is(err, drivers.ErrMissed):
				message = "missed"
			case err != nil:
				message = err.Error()
			}
			tells <- heard{message, time.Now()}
			time.Sleep(busy)
		}
	}()
	return listens, tells
}

// listening is subscribed once it listens.
func listening(ctx context.Context, t *testing.T, m *mute, busy time.Duration) <-chan heard {
	t.Helper()
	ready, told := subscribed(ctx, m, busy)
	select {
	case <-ready:
	case end := <-told:
		t.Fatalf("it ended with %q before it listened", end.what)
	}
	return told
}

// hears expects the loop to have been told something, and nothing else before.
func hears(t *testing.T, told <-chan heard, want string) (at time.Time) {
	t.Helper()
	synctest.Wait()
	select {
	case got := <-told:
		if got.what != want {
			t.Fatalf("it heard %q instead of %q", got.what, want)
		}
		return got.at
	default:
		t.Fatalf("it did not hear %q", want)
		return time.Time{}
	}
}

// ends expects the loop to end with the context that ended just now. Whatever goroutine is
// still there a minute later fails the test.
func ends(t *testing.T, told <-chan heard) {
	t.Helper()
	ended := time.Now()
	last, more := <-told
	if !more || last.what != context.Canceled.Error() || !last.at.Equal(ended) {
		t.Fatalf("it heard %q after %v", last.what, last.at.Sub(ended))
	}
	time.Sleep(time.Minute)
}

func TestASubscriberNoticesAServerThatFellSilent(t *testing.T) {
	redis.SetLogger(silence{})
	synctest.Test(t, func(t *testing.T) {
		own, cancel := context.WithCancel(t.Context())
		m := &mute{}
		told := listening(own, t, m, 0)
		m.publish("first")
		hears(t, told, "first")
		time.Sleep(time.Hour) // in which nobody publishes, but the server answers
		m.publish("second")
		hears(t, told, "second")

		m.set(true, false)
		m.publish("lost")
		time.Sleep(20 * time.Second)
		m.set(false, false) // the old connection would not have been told what was lost
		time.Sleep(10 * time.Second)
		hears(t, told, "missed")
		m.publish("third")
		hears(t, told, "third")
		cancel()
		ends(t, told)
	})
}

func TestASubscriberThatIsBusyIsNotTakenForOneOfASilentServer(t *testing.T) {
	redis.SetLogger(silence{})
	synctest.Test(t, func(t *testing.T) {
		own, cancel := context.WithCancel(t.Context())
		m := &mute{}
		told := listening(own, t, m, time.Minute)
		for range 5 {
			m.publish("news")
		}
		for range 5 {
			hears(t, told, "news")
			time.Sleep(time.Minute)
		}
		cancel()
		ends(t, told)
	})
}

func TestASubscriberEndsAtOnceWithItsContext(t *testing.T) {
	redis.SetLogger(silence{})
	for _, unheard := range []bool{false, true} {
		for seconds := range 40 { // before, while and after it notices
			synctest.Test(t, func(t *testing.T) {
				own, cancel := context.WithCancel(t.Context())
				m := &mute{}
				told := listening(own, t, m, 0)
				m.set(true, unheard)
				t.Logf("a server that does not accept connections: %t, after %d seconds", unheard, seconds)
				time.Sleep(time.Duration(seconds) * time.Second)
				cancel()
				ends(t, told)
			})
		}
		synctest.Test(t, func(t *testing.T) {
			own, cancel := context.WithCancel(t.Context())
			m := &mute{silent: true, unheard: unheard}
			ready, told := subscribed(own, m, 0)
			t.Logf("a server that does not accept connections: %t, and never did", unheard)
			time.Sleep(time.Second)
			cancel()
			ends(t, told)
			select {
			case <-ready:
				t.Fatal("it listened")
			default:
			}
		})
	}
}
