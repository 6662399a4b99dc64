package redisserver

import (
	"context"
	"net"
	"sync/atomic"
)

// Dialer makes the connections of a client, and tells when something has been sent by one of them: what is to happen while a
// command is under way cannot come too early then.
type Dialer struct{ told atomic.Pointer[func()] }

// Dial is what clients ask of a dialer.
func (d *Dialer) Dial(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, addr)
	return sending{conn, d}, err
}

// AfterNext has sent called, once, when what comes next has been sent.
func (d *Dialer) AfterNext(sent func()) { d.told.Store(&sent) }

type sending struct {
	net.Conn
	dialer *Dialer
}

func (c sending) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	if sent := c.dialer.told.Swap(nil); sent != nil {
		(*sent)()
	}
	return n, err
}
