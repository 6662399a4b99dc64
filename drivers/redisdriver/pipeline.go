package redisdriver

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/internal/redisvalue"
)

// What many goroutines ask for at the same time shares round trips. Who finds nobody under way to a
// server goes straight: on his own goroutine and a connection of the client's, as if there were no
// lines. Who comes while somebody is under way waits in a line. When that trip is over, a runner
// takes all who wait along in one pipeline. It goes on as long as anybody waits, and ends. So nobody
// waits for a timer, and the more callers there are, the longer the pipelines.
//
//	Do ─┬─ nobody is under way ───────── straight ─────────────────────────── reply
//	    └─ somebody is ── line ── runner: one pipeline ─┬──────────────────── reply
//	                                                    └─ straight ───────── reply
//
// A pipeline is a short cut and no more. go-redis never repeats one; what it does not answer, and
// has certainly not executed, is sent again by the caller himself, straight, with all that go-redis and
// execute do about redirections, failovers, and reads whose reply was lost. What it has answered
// counts, even if the connection breaks before the replies to others are there.
//
// Nobody waits long for another. Reads have a line and writes have one, as a read may be
// answered with much, and the outcome of a write behind it would be in doubt if that took too long.
// What has many words goes straight, and what is answered with many values, or has been
// answered with much of late. Who has a server that takes its time does not wait for one
// trip after the other (see depart), and no server of a cluster waits for another.

const (
	// maxTrips is how many trips of a line may be under way at once.
	maxTrips = 16
	// nearby is how long a round trip takes at most to a server that is waited for: where it takes
	// no longer, the CPU is what is short, and sharing saves more of that than waiting costs.
	nearby = 100 * time.Microsecond
	// atHand is how long a round trip takes at most that is over about as soon as somebody who waited
	// for it is awake: two of them may be under way, so that who is with one other never waits.
	atHand = 16 * time.Microsecond
	// overdue is how long a trip takes that is not waited for, wherever the server is.
	overdue = time.Millisecond

	maxPassengers = 256
	maxBytes      = 128 << 10 // of a pipeline
	// much is how many bytes of words, or of a reply, keep a call out of pipelines.
	much = 16 << 10
)

// lines are those to a server.
type lines struct{ reads, writes line }

// line is where calls wait that come while others are under way.
type line struct {
	mutex    sync.Mutex
	waiting  []*passenger
	trips    int           // under way, those of callers who went straight, too
	departed time.Duration // when the last of them did, since began
	lone     bool          // when it did, and since, it was the only one
	distance time.Duration // how long a lone trip takes
}

// began is what times are reckoned from: the time since then is had for a third of what time.Now takes.
var began = time.Now()

// passenger is a call that is sent in a pipeline.
type passenger struct {
	once    // as others share the pipeline, reads are not sent a second time, either
	driver  *Driver
	server  pipeliner
	size    int
	arrived bool          // it has its reply, or an error
	demoted bool          // the server is no master
	woken   chan struct{} // has a value once it has arrived
}

type pipeliner interface{ Pipeline() redis.Pipeliner }

// doTogether executes a command, in a pipeline with others if there are any under way.
func (d *Driver) doTogether(ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
	h, err := d.handlerOf(&cmd)
	if err != nil {
		return drivers.Reply{}, err
	}
	c := h.callOf(&cmd)
	size := c.size(much)
	if !h.joins || size >= much {
		return d.execute(ctx, d.conn, h, cmd, c)
	}
	large := !h.writes && d.large.has(cmd.Key)
	reply, err := d.share(ctx, h, cmd, c, size, large)
	if !h.writes && err == nil && (answeredWith(cmd, reply) >= much) != large {
		d.large.set(cmd.Key, !large)
	}
	return reply, err
}

// answeredWith is about how many bytes a reply was.
func answeredWith(cmd drivers.Command, reply drivers.Reply) int {
	if cmd.Op == drivers.OpBitSum { // of whose bytes the sum is left
		from, to := redisvalue.BitType(cmd.Bits).Bytes(cmd.Start, cmd.Stop)
		return int(to - from)
	}
	return len(reply.Value) + 8*len(reply.Ints)
}

func (d *Driver) share(ctx context.Context, h *handler, cmd drivers.Command, c call, size int, large bool) (drivers.Reply, error) {
	if line, server := d.lineTo(ctx, h, cmd.Key); line != nil && !large {
		if !line.pass() {
			return d.ride(ctx, line, &passenger{driver: d, server: server, size: size}, h, cmd, c)
		}
		defer line.leave()
	}
	return d.execute(ctx, d.conn, h, cmd, c)
}

// lineTo is the line for a command, and who sends its pipelines. It is nil in a cluster whose
// servers are not known yet: it takes go-redis a while to ask for them.
func (d *Driver) lineTo(ctx context.Context, h *handler, key string) (*line, pipeliner) {
	to, server := &d.lines, pipeliner(d.client)
	if d.cluster != nil {
		if !d.located.Load() {
			return nil, nil
		}
		master, err := d.cluster.MasterForKey(ctx, key)
		if err != nil {
			return nil, nil
		}
		server = master
		found, ok := d.linesOf.Load(master.Options().Addr)
		if !ok {
			found, _ = d.linesOf.LoadOrStore(master.Options().Addr, new(lines))
		}
		to = found.(*lines)
	}
	if h.writes {
		return &to.writes, server
	}
	return &to.reads, server
}

// ride waits in a line and then for the reply. Whose context ends leaves at once, which is no
// matter to the others.
func (d *Driver) ride(ctx context.Context, l *line, p *passenger, h *handler, cmd drivers.Command, c call) (drivers.Reply, error) {
	r := request{handler: h, call: c, answer: c.reply.command(ctx, c.words)}
	p.Cmder, p.woken = r.answer, signals.Get().(chan struct{})
	if h.writes {
		r.write = &p.once
	}
	l.join(p)
	if !p.wait(ctx) {
		if l.withdraw(p) {
			return drivers.Reply{}, ctx.Err() // nobody has sent it
		}
		return drivers.Reply{}, r.abandoned(ctx)
	}
	reply, err := d.outcome(ctx, &r, &cmd)
	switch {
	case err == nil:
		return reply, nil
	case c.script != nil && redis.HasErrorPrefix(err, "NOSCRIPT"):
		c.words = slices.Clone(c.words) // a hook of go-redis may still look at those that were sent
		c.spellOut()
	case !errors.Is(err, drivers.ErrUnavailable) && !errors.Is(err, redis.ErrClosed): // of a server that left the cluster
		return reply, err
	}
	return d.execute(ctx, d.conn, h, cmd, c)
}

// wait reports whether there was a reply before ctx ended.
func (p *passenger) wait(ctx context.Context) bool {
	if end := ctx.Done(); end == nil {
		<-p.woken
	} else {
		select {
		case <-p.woken:
		case <-end:
			select {
			case <-p.woken:
			default:
				return false
			}
		}
	}
	signals.Put(p.woken)
	return true
}

// pass reports that a call may go straight. It has to leave.
func (l *line) pass() bool {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return len(l.waiting) == 0 && l.depart()
}

// leave ends a trip. Those who have come meanwhile are next.
func (l *line) leave() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.lone {
		l.measure(time.Since(began) - l.departed)
	}
	if len(l.waiting) > 0 {
		go l.run()
	} else {
		l.trips--
	}
}

// join puts a passenger into the line. Somebody who is under way will take it along, if no trip begins now.
func (l *line) join(p *passenger) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.waiting = append(l.waiting, p)
	if l.depart() {
		go l.run()
	}
}

// withdraw takes a passenger out of the line, if it is still there.
func (l *line) withdraw(p *passenger) bool {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	at := slices.Index(l.waiting, p)
	if at >= 0 {
		l.waiting = slices.Delete(l.waiting, at, at+1)
	}
	return at >= 0
}

// depart begins a trip, unless one that is under way is worth waiting for.
func (l *line) depart() bool {
	now := time.Since(began)
	if l.trips >= maxTrips || l.trips >= l.together() && now-l.departed < overdue {
		return false
	}
	l.departed, l.lone = now, l.trips == 0
	l.trips++
	return true
}

// together is how many trips are under way at once where none of them takes its time.
func (l *line) together() int {
	switch {
	case l.distance < atHand:
		return 2
	case l.distance < nearby:
		return 1
	default:
		return maxTrips
	}
}

// measure takes the time of a lone trip. A slow one may have been held up, a quick one was not.
func (l *line) measure(took time.Duration) {
	if took < l.distance {
		l.distance = took
	} else {
		l.distance += min(took-l.distance, nearby) / 16
	}
}

// run makes trips until nobody waits any more.
func (l *line) run() {
	var riding []*passenger
	for {
		// Those who have just got a reply come first: they may have more to send.
		runtime.Gosched()
		if riding = l.board(riding[:0]); len(riding) == 0 {
			return
		}
		travel(riding)
	}
}

// board takes those who are next out of the line. If there are none, the trips are over.
func (l *line) board(riding []*passenger) []*passenger {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	for size := 0; len(riding) < min(len(l.waiting), maxPassengers) && size < maxBytes; {
		next := l.waiting[len(riding)]
		riding, size = append(riding, next), size+next.size
	}
	if len(riding) == 0 {
		l.trips--
		return nil
	}
	l.waiting = slices.Delete(l.waiting, 0, len(riding))
	l.departed, l.lone = time.Since(began), false
	return riding
}

// travel sends passengers in one pipeline, and returns when all have arrived. The pipeline has no context, as
// it is nobody's in particular: it ends at the client's timeouts at the latest.
func travel(riding []*passenger) {
	err := errors.New("redisdriver: go-redis has passed over a command")
	defer func() {
		if mistake := recover(); mistake != nil {
			err = fmt.Errorf("redisdriver: panic in a pipeline: %v\n%s", mistake, debug.Stack())
		}
		for _, p := range riding {
			p.arrive(err)
		}
	}()
	pipe := riding[0].server.Pipeline()
	for _, p := range riding {
		_ = pipe.Process(context.Background(), p) // queues it
	}
	_, err = pipe.Exec(context.Background())
	if slices.ContainsFunc(riding, func(p *passenger) bool { return p.demoted }) {
		riding[0].driver.dropConnection(context.Background())
	}
}

// SetErr is how go-redis says that it has read the reply to one command, and then goes on to the next. What it
// says of the pipeline as a whole concerns those who have none.
func (p *passenger) SetErr(err error) { p.arrive(err) }

// arrive wakes the caller, whose the reply is from then on.
func (p *passenger) arrive(err error) {
	if p.arrived {
		return
	}
	p.arrived = true
	p.demoted = err != nil && isDemoted(err)
	p.Cmder.SetErr(err)
	p.woken <- struct{}{}
}

// joins reports whether commands of an Op may be sent with others: those that are answered with one
// value, unless it is that of a write and may be large.
func joins(op drivers.Op, reply replyType) bool {
	switch reply.command(context.Background(), nil).(type) {
	case *redis.IntCmd, *redis.FloatCmd, *redis.IntSliceCmd:
		return true
	case *redis.StringCmd:
		return op != drivers.OpSwap && op != drivers.OpGetEx && op != drivers.OpLMove
	}
	return false
}

// size is about how many bytes of words a call has, or limit if there are more.
func (c call) size(limit int) (size int) {
	for _, word := range c.words {
		switch word := word.(type) {
		case string:
			size += len(word)
		case *string:
			size += len(*word)
		}
		if size += 8; size >= limit {
			return limit
		}
	}
	return size
}

// largeKeys are the keys of what was answered with much when it was last read, as many as there is room for.
type largeKeys [256]atomic.Uint64

var largeSeed = maphash.MakeSeed()

func (l *largeKeys) at(key string) (place *atomic.Uint64, hash uint64) {
	hash = maphash.String(largeSeed, key) | 1 // never that of an empty place
	return &l[hash>>56], hash
}

func (l *largeKeys) has(key string) bool {
	place, hash := l.at(key)
	return place.Load() == hash
}

func (l *largeKeys) set(key string, large bool) {
	if place, hash := l.at(key); large {
		place.Store(hash)
	} else {
		place.CompareAndSwap(hash, 0)
	}
}
