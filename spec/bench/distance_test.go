package bench

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/spec/redisserver"
)

// distance is how long a request is under way to a server in the next building. On
// one machine a round trip costs next to nothing, which hides what is saved by
// making fewer.
const distance = 500 * time.Microsecond

// farClientOf is a client at a distance from its server.
func farClientOf(b *testing.B, server *redisserver.Server) *redis.Client {
	b.Helper()
	client := redis.NewClient(&redis.Options{
		Addr: server.Addr(), ContextTimeoutEnabled: true,
		Dialer: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
			return &farConn{Conn: conn}, err
		},
	})
	b.Cleanup(func() { _ = client.Close() })
	return client
}

// farConn delays the first reply after a request.
type farConn struct {
	net.Conn
	asked bool
}

func (c *farConn) Write(data []byte) (int, error) {
	c.asked = true
	return c.Conn.Write(data)
}

func (c *farConn) Read(data []byte) (int, error) {
	if c.asked {
		c.asked = false
		time.Sleep(distance)
	}
	return c.Conn.Read(data)
}
