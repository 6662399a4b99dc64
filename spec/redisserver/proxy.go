package redisserver

import (
	"bytes"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Proxy stands between clients and a server and breaks what it is told to break.
type Proxy struct {
	target, addr string

	mu       sync.Mutex
	listener net.Listener // nil while refusing
	pairs    map[*pair]bool
	drops    int
	stalled  bool
	running  sync.WaitGroup
}

// pair is a client's connection and the one to the server that belongs to it.
type pair struct {
	client, server net.Conn
	drop           bool // swallow the next reply and cut both; guarded by the proxy's mu
}

func (p *pair) cut() {
	_ = p.client.Close()
	_ = p.server.Close()
}

// NewProxy starts a proxy in front of target.
func NewProxy(target string) (*Proxy, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	p := &Proxy{
		target: target,
		addr:   net.JoinHostPort("127.0.0.1", strconv.Itoa(port)),
		pairs:  map[*pair]bool{},
	}
	return p, p.Heal()
}

// Addr is what clients connect to instead of the target.
func (p *Proxy) Addr() string { return p.addr }

// DropReplies lets the next n requests through to the server, swallows the reply
// to each and cuts the client's connection. A pipeline is one request. What
// clients send to set up a connection (HELLO, CLIENT, CLUSTER …) is left alone.
func (p *Proxy) DropReplies(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.drops = n
}

// Dropped reports whether all replies that were to be dropped have been.
func (p *Proxy) Dropped() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.drops == 0
}

// Stall accepts connections and requests, which the server executes, and never
// answers.
func (p *Proxy) Stall() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stalled = true
}

// Refuse cuts all connections and refuses new ones.
func (p *Proxy) Refuse() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.listener != nil {
		_ = p.listener.Close()
		p.listener = nil
	}
	p.cutAll()
}

// Heal ends every fault. Connections that were stalled are cut, as they lack replies.
func (p *Proxy) Heal() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stalled {
		p.cutAll()
	}
	p.stalled, p.drops = false, 0
	if p.listener != nil {
		return nil
	}
	listener, err := net.Listen("tcp", p.addr)
	if err != nil {
		return err
	}
	p.listener = listener
	p.running.Go(func() { p.accept(listener) })
	return nil
}

// Close cuts all connections and returns when nothing of the proxy runs any more.
func (p *Proxy) Close() {
	p.Refuse()
	p.running.Wait()
}

func (p *Proxy) cutAll() {
	for pair := range p.pairs {
		pair.cut()
	}
	clear(p.pairs)
}

func (p *Proxy) accept(listener net.Listener) {
	for {
		client, err := listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", p.target)
		if err != nil {
			_ = client.Close()
			continue
		}
		p.connect(listener, &pair{client: client, server: server})
	}
}

func (p *Proxy) connect(listener net.Listener, pair *pair) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.listener != listener { // refused meanwhile
		pair.cut()
		return
	}
	p.pairs[pair] = true
	p.running.Go(func() { p.pump(pair, pair.server, pair.client, p.onRequest) })
	p.running.Go(func() { p.pump(pair, pair.client, pair.server, p.onReply) })
}

type verdict int

const (
	pass verdict = iota
	swallow
	hangUp
)

func (p *Proxy) pump(pair *pair, to, from net.Conn, judge func(*pair, []byte) verdict) {
	defer func() {
		pair.cut()
		p.mu.Lock()
		delete(p.pairs, pair)
		p.mu.Unlock()
	}()
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		switch judge(pair, buffer[:n]) {
		case hangUp:
			return
		case swallow:
			continue
		case pass:
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

func (p *Proxy) onRequest(pair *pair, data []byte) verdict {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.drops > 0 && !pair.drop && !isSetup(data) {
		p.drops--
		pair.drop = true
	}
	return pass
}

func (p *Proxy) onReply(pair *pair, _ []byte) verdict {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case pair.drop:
		return hangUp
	case p.stalled:
		return swallow
	}
	return pass
}

var setupCommands = []string{"HELLO", "AUTH", "SELECT", "CLIENT", "CLUSTER", "COMMAND", "READONLY", "PING"}

// isSetup reports whether a request begins with a command that sets up a connection.
func isSetup(request []byte) bool {
	lines := bytes.SplitN(request, []byte("\r\n"), 4) // *count, $size, NAME, the rest
	return len(lines) > 2 && slices.Contains(setupCommands, strings.ToUpper(string(lines[2])))
}
