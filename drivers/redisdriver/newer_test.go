package redisdriver_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
)

// newerServer understands enough of the protocol to be sent commands, which it notes and
// answers by their names.
type newerServer struct {
	answers map[string]string
	mutex   sync.Mutex
	sent    []string
}

func (s *newerServer) start() string {
	GinkgoHelper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(listener.Close)
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go s.serve(connection)
		}
	}()
	return listener.Addr().String()
}

func (s *newerServer) serve(connection net.Conn) {
	defer connection.Close()
	reader := bufio.NewReader(connection)
	for {
		words, err := newerCommand(reader)
		if err != nil {
			return
		}
		name := strings.ToLower(words[0])
		answer, known := s.answers[name]
		switch name {
		case "client":
			answer = "+OK\r\n"
		case "hello":
			answer = "-ERR unknown command 'HELLO'\r\n"
		default:
			s.mutex.Lock()
			s.sent = append(s.sent, strings.Join(words, " "))
			s.mutex.Unlock()
			if !known {
				answer = fmt.Sprintf("-ERR unknown command '%s', with args beginning with: 'k' \r\n", words[0])
			}
		}
		if _, err := io.WriteString(connection, answer); err != nil {
			return
		}
	}
}

// newerCommand reads an array of strings.
func newerCommand(reader *bufio.Reader) ([]string, error) {
	var count, size int
	if _, err := fmt.Fscanf(reader, "*%d\r\n", &count); err != nil {
		return nil, err
	}
	words := make([]string, count)
	for i := range words {
		if _, err := fmt.Fscanf(reader, "$%d\r\n", &size); err != nil {
			return nil, err
		}
		word := make([]byte, size+2)
		if _, err := io.ReadFull(reader, word); err != nil {
			return nil, err
		}
		words[i] = string(word[:size])
	}
	return words, nil
}

// taken is what was sent since the last call.
func (s *newerServer) taken() []string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	sent := s.sent
	s.sent = nil
	return sent
}

var _ = Describe("Times to live of the fields of hashes", func() {
	fields := []string{"a", "b c"}
	expire := drivers.Command{Op: drivers.OpHExpire, Key: "k", Values: fields, Expiry: drivers.In(time.Second)}
	expireAt := drivers.Command{Op: drivers.OpHExpire, Key: "k", Values: fields, Expiry: drivers.At(time.UnixMilli(5000))}
	left := drivers.Command{Op: drivers.OpHTTL, Key: "k", Values: fields}
	persist := drivers.Command{Op: drivers.OpHPersist, Key: "k", Values: fields}

	open := func(answers map[string]string) (*newerServer, *redisdriver.Driver) {
		server := &newerServer{answers: answers}
		client := redis.NewClient(&redis.Options{Addr: server.start(), DisableIdentity: true})
		DeferCleanup(client.Close)
		return server, redisdriver.New(client)
	}

	It("are what a server that has them answers", func() {
		server, d := open(map[string]string{
			"hpexpire": "*2\r\n:1\r\n:-2\r\n", "hpexpireat": "*2\r\n:2\r\n:-2\r\n", "hpttl": "*2\r\n:900\r\n:-2\r\n", "hpersist": "*2\r\n:-1\r\n:-2\r\n",
		})
		Expect(do(d, expire)).To(Equal(drivers.Reply{Ints: []int64{1, -2}}))
		Expect(do(d, expireAt)).To(Equal(drivers.Reply{Ints: []int64{2, -2}}))
		Expect(do(d, left)).To(Equal(drivers.Reply{Ints: []int64{900, -2}}))
		Expect(do(d, persist)).To(Equal(drivers.Reply{Ints: []int64{-1, -2}}))
		Expect(server.taken()).To(Equal([]string{
			"hpexpire k 1000 fields 2 a b c", "hpexpireat k 5000 fields 2 a b c", "hpttl k fields 2 a b c", "hpersist k fields 2 a b c",
		}))
	})
	It("cost an older server one round trip, once", func() {
		server, d := open(map[string]string{"hlen": ":3\r\n"})
		for _, cmd := range []drivers.Command{left, expire, persist, left} {
			_, err := d.Do(ctx, cmd)
			Expect(err).To(MatchError(errors.ErrUnsupported))
			Expect(err).To(MatchError(ContainSubstring(fmt.Sprintf("the server does not know %v, which came with Redis 7.4", cmd.Op))))
		}
		Expect(server.taken()).To(Equal([]string{"hpttl k fields 2 a b c"}))
		Expect(do(d, drivers.Command{Op: drivers.OpHLen, Key: "k"}).Int).To(BeEquivalentTo(3), "other commands go on")
	})
	It("fail alone in a batch", func() {
		server, d := open(map[string]string{"hlen": ":3\r\n"})
		for range 2 {
			b := drivers.NewBatch(drivers.Command{Op: drivers.OpHLen, Key: "k"}, expire, drivers.Command{Op: drivers.OpHLen, Key: "k"})
			Expect(d.DoBatch(ctx, b)).To(Succeed())
			Expect(b.Items[0].Reply.Int + b.Items[2].Reply.Int).To(BeEquivalentTo(6))
			Expect(b.Items[1].Err).To(MatchError(errors.ErrUnsupported))
		}
		Expect(server.taken()).To(HaveLen(5))
	})
	It("make an atomic batch fail as a whole", func() {
		server, d := open(map[string]string{
			"multi": "+OK\r\n", "set": "+QUEUED\r\n", "exec": "-EXECABORT Transaction discarded because of previous errors.\r\n",
		})
		for range 2 {
			b := drivers.NewBatch(drivers.Command{Op: drivers.OpSet, Key: "other", Value: "v"}, expire)
			b.Atomic = true
			Expect(d.DoBatch(ctx, b)).To(MatchError(errors.ErrUnsupported))
		}
		Expect(server.taken()).To(HaveLen(4))
	})
})
