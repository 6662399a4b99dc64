package redisdriver

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/kvstore-go/kvstore/drivers"
)

const (
	// A server is asked who it is every trackingBeat, and taken for dead after trackingSilence without a word.
	trackingBeat    = time.Second
	trackingSilence = 3 * trackingBeat
)

// trackingConn is a connection on which a server tells of changes. go-redis makes it, with all that the
// caller's client is told to do for that, and what comes then is read here: go-redis hands out what a server
// says unasked only along with answers.
type trackingConn struct {
	net.Conn
	of     *tracking
	server trackedServer
	run    string // of the server; "" where it does not tell
	client *redis.Client
	began  chan struct{} // the server tells of changes
	ended  chan struct{} // nothing comes any more
	beaten time.Time     // when the server was asked last who it is
}

// connect makes a connection to a server that tells of changes.
func (tr *tracking) connect(ctx context.Context, server trackedServer) (*trackingConn, error) {
	own, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	c := &trackingConn{of: tr, server: server, began: make(chan struct{}), ended: make(chan struct{})}
	err := c.shakeHands(own)
	if err == nil {
		err = c.track(own)
	}
	switch {
	case err == nil:
		return c, nil
	case ctx.Err() == nil && own.Err() != nil:
		err = drivers.Errorf(drivers.ErrUnavailable, "no answer within %v", answerLimit)
	case !errors.Is(err, drivers.ErrUnavailable) && !errors.Is(err, errors.ErrUnsupported):
		err = classify(ctx, err, false)
	}
	return nil, fmt.Errorf("redisdriver: following %s: %w", server.name(), err)
}

// shakeHands makes a connection of go-redis's, and makes sure that the server may and can tell of changes.
func (c *trackingConn) shakeHands(ctx context.Context) (err error) {
	var opened atomic.Pointer[net.Conn]
	c.client = redis.NewClient(trackingOptions(c.server.node.Options(), &opened))
	defer func() {
		if err != nil {
			_ = c.client.Close()
		}
	}()
	conn := c.client.Conn() // the client closes it
	hello := redis.NewCmd(ctx, "hello", "3")
	if err := conn.Process(ctx, hello); err != nil {
		return tooOld(err)
	}
	if role := textsOf(hello.Val())["role"]; role != "" && role != "master" {
		return demoted(role)
	}
	if err := conn.Process(ctx, redis.NewStatusCmd(ctx, "client", "tracking", "off")); err != nil {
		return err
	}
	info := conn.Info(ctx, "server")
	if err := info.Err(); err != nil && !isAnswer(err) {
		return err
	}
	c.run = runOf(info.Val())
	if c.of.tracker.driver.cluster == nil {
		c.server.id = c.run
	}
	c.Conn = *opened.Load()
	return nil
}

// trackingOptions are those by which a client makes its connections, for one that makes one, and tells which.
func trackingOptions(of *redis.Options, opened *atomic.Pointer[net.Conn]) *redis.Options {
	options := *of
	options.Protocol = 3
	options.PoolSize, options.MinIdleConns, options.MaxActiveConns, options.PipelinePoolSize = 1, 0, 0, -1
	options.MaxRetries, options.DialerRetries = -1, 1
	options.ContextTimeoutEnabled = true
	options.Limiter, options.PushNotificationProcessor = nil, nil
	options.ClientSideCache, options.ClientSideCacheConfig = nil, nil
	options.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	dial := options.Dialer
	options.Dialer = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := dial(ctx, network, addr)
		if err == nil {
			opened.Store(&conn)
		}
		return conn, err
	}
	return &options
}

// tooOld is the error of a server that does not know RESP3.
func tooOld(err error) error {
	if hasCode(err, "NOPROTO") {
		return drivers.Join(errors.ErrUnsupported, err)
	}
	return err
}

func demoted(role string) error {
	return drivers.Errorf(drivers.ErrUnavailable, "it is a %s, which takes no writes", role)
}

// track has the server tell of changes from now on.
func (c *trackingConn) track(ctx context.Context) error {
	words := []string{"client", "tracking", "on", "bcast"}
	for _, prefix := range c.of.prefixes {
		words = append(words, "prefix", prefix)
	}
	c.beaten = time.Now()
	if err := c.say(words...); err != nil {
		c.close()
		return err
	}
	failed := make(chan error, 1)
	go c.listen(failed)
	select {
	case <-c.began:
		return nil
	case err := <-failed:
		return err
	case <-ctx.Done():
		c.close()
		return ctx.Err()
	}
}

// listen passes on what the server says until it ends.
func (c *trackingConn) listen(failed chan<- error) {
	defer close(c.ended)
	defer c.close()
	err := c.receive(incoming{bufio.NewReaderSize(c, 1<<15)})
	if err != nil {
		failed <- err
		c.of.lostBy(c.server, err)
	}
}

// say sends a command.
func (c *trackingConn) say(words ...string) error {
	command := fmt.Appendf(nil, "*%d\r\n", len(words))
	for _, word := range words {
		command = fmt.Appendf(command, "$%d\r\n%s\r\n", len(word), word)
	}
	if err := c.SetWriteDeadline(time.Now().Add(trackingSilence)); err != nil {
		return err
	}
	_, err := c.Write(command)
	return err
}

// stopTracking has the connection end once all that was told before has arrived.
func (c *trackingConn) stopTracking() {
	if c.say("client", "tracking", "off") != nil {
		c.close() // which the reader notices
	}
}

// Read waits for the server, whom it asks now and then who he is, which tells that he is still there.
func (c *trackingConn) Read(p []byte) (n int, err error) {
	for since := time.Now(); ; {
		if now := time.Now(); now.Sub(c.beaten) >= trackingBeat {
			c.beaten = now
			if err := c.say("hello"); err != nil {
				return 0, err
			}
		}
		if err := c.SetReadDeadline(c.beaten.Add(trackingBeat)); err != nil {
			return 0, err
		}
		n, err = c.Conn.Read(p)
		if n > 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
			return n, err
		}
		if time.Since(since) >= trackingSilence {
			return 0, fmt.Errorf("silent for %v: %w", trackingSilence, err)
		}
	}
}

func (c *trackingConn) close() { _ = c.client.Close() }
