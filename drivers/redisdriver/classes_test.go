package redisdriver_test

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/spec/redisserver"
)

// refusals are what servers say to what they do not execute, and its class.
var refusals = map[string]error{
	"OOM command not allowed when used memory > 'maxmemory'.":                                         drivers.ErrUnavailable,
	"OOM command not allowed when used memory > 'maxmemory'. script: 5a1, on @user_script:3.":         drivers.ErrUnavailable,
	"READONLY You can't write against a read only replica.":                                           drivers.ErrUnavailable,
	"LOADING Redis is loading the dataset in memory":                                                  drivers.ErrUnavailable,
	"MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.":                drivers.ErrUnavailable,
	"NOREPLICAS Not enough good replicas to write.":                                                   drivers.ErrUnavailable,
	"BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.":          drivers.ErrUnavailable,
	"MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk": drivers.ErrUnavailable,
	"CLUSTERDOWN The cluster is down":                                                                 drivers.ErrUnavailable,
	"TRYAGAIN Multiple keys request during rehashing of slot":                                         drivers.ErrUnavailable,
	"ASK 7638 127.0.0.1:7001":                                                                         drivers.ErrUnavailable,
	"MOVED 7638 127.0.0.1:7001":                                                                       drivers.ErrUnavailable,
	"ERR Script attempted to access a non local key in a cluster node script: 5a1":                    drivers.ErrUnavailable,
	"ERR max number of clients reached":                                                               drivers.ErrUnavailable,
	"NOPERM this user has no permissions to run the 'set' command":                                    drivers.ErrDenied,
	"NOAUTH Authentication required.":                                                                 drivers.ErrDenied,
	"WRONGPASS invalid username-password pair or user is disabled.":                                   drivers.ErrDenied,
	"DENIED Redis is running in protected mode because protected mode is enabled":                     drivers.ErrDenied,
	"ERR The user executing the script can't run this command or subcommand script: 5a1":              drivers.ErrDenied,
	"ERR unknown command 'EVALSHA', with args beginning with: ":                                       errors.ErrUnsupported,
	"WRONGTYPE Operation against a key holding the wrong kind of value":                               drivers.ErrWrongType,
}

func TestEveryAnswerOfAServerThatDoesNotExecuteACommandHasAClass(t *testing.T) {
	redis.SetLogger(silence{})
	reads, writes := drivers.Command{Op: drivers.OpGet, Key: "k"}, drivers.Command{Op: drivers.OpSet, Key: "k", Value: "v"}
	for answer, class := range refusals {
		synctest.Test(t, func(t *testing.T) {
			server := &answering{answer: func(name string) string {
				if name == "get" || name == "set" {
					return "-" + answer
				}
				return ""
			}}
			client := server.client()
			defer client.Close()
			d := redisdriver.New(client)
			check := func(how string, err error) {
				t.Helper()
				var said redis.Error
				switch {
				case !errors.Is(err, class):
					t.Errorf("%s: %q: %v is not %v", how, answer, err, class)
				case !errors.As(err, &said) || said.Error() != answer:
					t.Errorf("%s: %q: it is not the cause of %v", how, answer, err)
				}
			}
			batch := func(atomic bool) *drivers.Batch {
				return &drivers.Batch{Atomic: atomic, Items: drivers.NewBatch(reads, writes).Items}
			}

			_, err := d.Do(ctx, reads)
			check("a read", err)
			_, err = d.Do(ctx, writes)
			check("a write", err)
			plain, atomic, committed := batch(false), batch(true), batch(true)
			if err := d.DoBatch(ctx, plain); !errors.Is(class, drivers.ErrWrongType) { // which is an outcome
				check("a batch", err)
			}
			check("an item of a batch", plain.Items[1].Err)
			check("an atomic batch", d.DoBatch(ctx, atomic))
			check("an item of an atomic batch", atomic.Items[0].Err)
			check("a commit", commitOf(d, committed))
			check("an item of a commit", committed.Items[1].Err)
			tx, err := d.Begin(ctx, "k")
			if err != nil {
				t.Fatal(err)
			}
			_, err = tx.Do(ctx, reads)
			check("a read in a transaction", err)
			tx.End()
			synctest.Wait()
		})
	}
}

// commitOf commits a batch in a transaction.
func commitOf(d *redisdriver.Driver, b *drivers.Batch) error {
	tx, err := d.Begin(ctx, b.Items[0].Command.Key)
	if err != nil {
		return err
	}
	defer tx.End()
	return tx.DoBatch(ctx, b)
}

func TestWhatExecSaysItselfIsTheCauseOfACommitThatWasRefused(t *testing.T) {
	redis.SetLogger(silence{})
	synctest.Test(t, func(t *testing.T) {
		server := &answering{answer: func(name string) string {
			if name == "exec" {
				return "-EXECABORT Transaction discarded because of: OOM command not allowed when used memory > 'maxmemory'."
			}
			return ""
		}}
		client := server.client()
		defer client.Close()
		d := redisdriver.New(client)
		for _, commit := range []func(*drivers.Batch) error{
			func(b *drivers.Batch) error { return d.DoBatch(ctx, b) },
			func(b *drivers.Batch) error { return commitOf(d, b) },
		} {
			b := &drivers.Batch{Atomic: true, Items: drivers.NewBatch(drivers.Command{Op: drivers.OpSet, Key: "k"}).Items}
			if err := commit(b); !errors.Is(err, drivers.ErrUnavailable) || !redis.IsOOMError(err) || !redis.IsOOMError(b.Items[0].Err) {
				t.Errorf("it says %v, and of the item %v", err, b.Items[0].Err)
			}
		}
	})
}

var _ = Describe("An error that is not the server's", func() {
	read := drivers.Command{Op: drivers.OpGet, Key: "k"}
	quick := func(o *redis.Options) { o.DialerRetries, o.MaxRetries = 1, -1 }

	It("is ErrUnavailable where the server could not be reached, with the cause", func() {
		proxy := proxied(emptyServer().Addr())
		d := driverOf(proxy.Addr(), quick)
		proxy.Refuse()
		var cause *net.OpError
		for _, cmd := range []drivers.Command{read, add1} {
			_, err := d.Do(ctx, cmd)
			Expect(err).To(And(MatchError(drivers.ErrUnavailable), Not(MatchError(drivers.ErrIndeterminate))))
			Expect(errors.As(err, &cause)).To(BeTrue())
			for _, atomic := range []bool{false, true} {
				b := drivers.NewBatch(cmd)
				b.Atomic = atomic
				Expect(d.DoBatch(ctx, b)).To(And(MatchError(drivers.ErrUnavailable), Not(MatchError(drivers.ErrIndeterminate))))
				Expect(b.Items[0].Err).To(MatchError(drivers.ErrUnavailable))
			}
		}
		for _, err := range d.Scan(ctx, drivers.Command{Op: drivers.OpScanKeys, Key: "k"}) {
			Expect(err).To(MatchError(drivers.ErrUnavailable))
		}
		for _, err := range d.Subscribe(ctx, drivers.Command{Op: drivers.OpPublish, Key: "k"}, nothing) {
			Expect(err).To(MatchError(drivers.ErrUnavailable))
		}
		_, err := d.Block(ctx, drivers.Command{Op: drivers.OpLPop, Key: "k", Amount: 1})
		Expect(err).To(MatchError(drivers.ErrUnavailable))
	})

	It("is ErrUnavailable where a read lost its connection, and ErrIndeterminate alone where a write did", func() {
		proxy := proxied(emptyServer().Addr())
		d := driverOf(proxy.Addr(), quick)
		for _, atomic := range []bool{false, true} {
			b := drivers.NewBatch(read)
			b.Atomic = atomic
			proxy.DropReplies(1)
			Expect(d.DoBatch(ctx, b)).To(And(MatchError(drivers.ErrUnavailable), MatchError(io.EOF)))
		}
		proxy.DropReplies(1)
		_, err := d.Do(ctx, read)
		Expect(err).To(And(MatchError(drivers.ErrUnavailable), MatchError(io.EOF)))
		proxy.DropReplies(1)
		_, err = d.Do(ctx, add1)
		Expect(err).To(And(MatchError(drivers.ErrIndeterminate), MatchError(io.EOF), Not(MatchError(drivers.ErrUnavailable))))
	})

	It("is ErrUnavailable where no connection became free", func() {
		d := driverOf(emptyServer().Addr(), func(o *redis.Options) { o.PoolSize, o.PoolTimeout = 1, 10*time.Millisecond })
		Expect(drivers.Watch(ctx, d, []string{"k"}, func(drivers.Transaction) error { // has the only connection
			_, err := d.Do(ctx, add1)
			return err
		})).To(And(MatchError(drivers.ErrUnavailable), MatchError(redis.ErrPoolTimeout), Not(MatchError(drivers.ErrIndeterminate))))
	})

	It("is that of the context where it ended, and nothing else", func() {
		over, cancel := context.WithCancel(ctx)
		cancel()
		_, err := driverOf(emptyServer().Addr()).Do(over, read)
		Expect(err).To(BeIdenticalTo(context.Canceled))
	})
})

// refusing are servers that refuse writes, with the user to log in as and the check for what they say.
var refusing = map[string]struct {
	setUp func(server *redisserver.Server)
	user  string
	class error
	says  func(error) bool
}{
	"a server without memory": {
		setUp: func(server *redisserver.Server) { ask(server, "CONFIG", "SET", "maxmemory", "1") },
		class: drivers.ErrUnavailable, says: redis.IsOOMError,
	},
	"a replica": {
		setUp: func(server *redisserver.Server) { ask(server, "REPLICAOF", "127.0.0.1", "1") },
		class: drivers.ErrUnavailable, says: redis.IsReadOnlyError,
	},
	"a server without the replicas it should have": {
		setUp: func(server *redisserver.Server) { ask(server, "CONFIG", "SET", "min-replicas-to-write", "1") },
		class: drivers.ErrUnavailable, says: redis.IsNoReplicasError,
	},
	"a server that does not allow the commands": {
		setUp: func(server *redisserver.Server) {
			ask(server, "ACL", "SETUSER", "ann", "on", "nopass", "~*", "&*", "+@all", "-@write")
		},
		user: "ann", class: drivers.ErrDenied, says: isDenied,
	},
	"a server that does not allow the commands of scripts": {
		setUp: func(server *redisserver.Server) {
			ask(server, "ACL", "SETUSER", "ann", "on", "nopass", "~*", "&*", "+@all", "-set", "-sadd", "-append")
		},
		user: "ann", class: drivers.ErrDenied, says: isDenied,
	},
	"a server that does not allow the keys": {
		setUp: func(server *redisserver.Server) {
			ask(server, "ACL", "SETUSER", "ann", "on", "nopass", "~other", "&*", "+@all")
		},
		user: "ann", class: drivers.ErrDenied, says: isDenied,
	},
	"a server that does not know the user": {
		setUp: func(*redisserver.Server) {}, user: "nobody",
		class: drivers.ErrDenied, says: redis.IsAuthError,
	},
}

func isDenied(err error) bool {
	return redis.IsPermissionError(err) || redis.HasErrorPrefix(err, "The user executing the script can't")
}

var _ = Describe("A write that is refused", func() {
	append1 := drivers.Command{Op: drivers.OpAppend, Key: "k", Value: "v"}
	for name, with := range refusing {
		It("tells why, alone, by a script, in a batch and in a transaction, and changes nothing: by "+name, func() {
			server := ownServer()
			with.setUp(server)
			d := driverOf(server.Addr(), func(o *redis.Options) {
				if with.user != "" {
					o.Username, o.Password = with.user, "secret"
				}
			})
			refused := func(err error) {
				GinkgoHelper()
				Expect(err).To(And(MatchError(with.class), Not(MatchError(drivers.ErrIndeterminate))))
				Expect(with.says(err)).To(BeTrue(), "%v", err)
				Expect(err.Error()).NotTo(ContainSubstring("EXECABORT"))
			}
			for _, cmd := range []drivers.Command{
				append1,
				{Op: drivers.OpAppend, Key: "k", Value: "v", Expiry: drivers.Expiry{Mode: drivers.ExpireIn, Millis: 1000}},
			} {
				_, err := d.Do(ctx, cmd)
				refused(err)
				b := drivers.NewBatch(cmd)
				refused(d.DoBatch(ctx, b))
				refused(b.Items[0].Err)
			}
			for _, commit := range []func(*drivers.Batch) error{
				func(b *drivers.Batch) error { return d.DoBatch(ctx, b) },
				func(b *drivers.Batch) error { return commitOf(d, b) },
			} {
				b := drivers.NewBatch(append1, drivers.Command{Op: drivers.OpSAdd, Key: "s", Values: []string{"a"}})
				b.Atomic = true
				refused(commit(b))
				for _, item := range b.Items {
					refused(item.Err)
				}
			}
			Expect(ask(server, "EXISTS", "k", "s")).To(Equal("0"))
		})
	}

	It("is ErrUnavailable while a script keeps the server busy", func() {
		server := ownServer()
		ask(server, "CONFIG", "SET", "busy-reply-threshold", "1")
		other := clientOf(server.Addr(), func(o *redis.Options) { o.ReadTimeout, o.MaxRetries = time.Minute, -1 })
		go other.Eval(ctx, "while true do end", nil)
		d := driverOf(server.Addr())
		Eventually(func() error { _, err := d.Do(ctx, append1); return err }).Should(And(
			MatchError(drivers.ErrUnavailable), WithTransform(func(err error) bool { return strings.Contains(err.Error(), "BUSY ") }, BeTrue())))
		ask(server, "SCRIPT", "KILL")
	})
})
