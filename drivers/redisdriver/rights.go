package redisdriver

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"
)

// feature is a part of the library with what a user needs of a server for it.
type feature struct {
	name string
	// rights are ACL rules that suffice, beside those of every value.
	rights string
	// commands are what is sent, or called by a script, each with as many arguments as it
	// takes at least.
	commands []string
	// without is what happens where they are not allowed, and how bad that is. If empty, it
	// does not work.
	without  string
	severity Severity
	cluster  bool // only in a cluster
	newer    bool // came with Redis 7.4
	outside  bool // the commands are no part of a transaction, and do nothing outside of one
}

// features are all there are. README.md has them as a table.
var features = []feature{
	{name: "every value", rights: "+exists +del +unlink +type +pttl +pexpiretime +pexpire +pexpireat +persist +time +eval +evalsha", commands: []string{
		"exists k", "del k", "unlink k", "type k", "pttl k", "pexpiretime k", "pexpire k 1", "pexpireat k 1", "persist k", "time",
		"eval s 0", "evalsha s 0",
	}},
	{name: "strings, numbers and documents", rights: "+@string", commands: []string{
		"get k", "getex k", "set k v", "append k v", "strlen k", "getrange k 0 1", "setrange k 0 v", "incrby k 1", "incrbyfloat k 1",
	}},
	{name: "bit sets and bitmaps", rights: "+@bitmap +@string", commands: []string{
		"bitfield k", "getrange k 0 1", "getbit k 0", "setbit k 0 1", "bitcount k", "bitpos k 1", "bitop not k k",
	}},
	{name: "HyperLogLogs", rights: "+@hyperloglog", commands: []string{"pfadd k", "pfcount k", "pfmerge k"}},
	{name: "sets", rights: "+@set", commands: []string{
		"sadd k v", "srem k v", "sismember k v", "scard k", "smembers k", "sscan k 0", "spop k", "srandmember k",
		"smove k k v", "sinter k", "sunion k", "sdiff k",
	}},
	{name: "lists", rights: "+@list", commands: []string{
		"lpush k v", "rpush k v", "lpop k", "rpop k", "llen k", "lindex k 0", "lset k 0 v", "linsert k before v v", "lrem k 0 v",
		"lrange k 0 1", "ltrim k 0 1", "lpos k v", "lmove k k left left", "lmpop 1 k left", "blmpop 1 1 k left", "blmove k k left left 1",
	}},
	{name: "hashes and maps", rights: "+@hash", commands: []string{
		"hset k f v", "hdel k f", "hget k f", "hmget k f", "hexists k f", "hlen k", "hkeys k", "hgetall k", "hscan k 0",
		"hincrby k f 1", "hincrbyfloat k f 1",
	}},
	{name: "times to live of fields", rights: "+@hash", newer: true, commands: []string{
		"hpexpire k 1 fields 1 f", "hpexpireat k 1 fields 1 f", "hpttl k fields 1 f", "hpersist k fields 1 f",
	}},
	{name: "sorted sets", rights: "+@sortedset", commands: []string{
		"zadd k 1 v", "zincrby k 1 v", "zrem k v", "zscore k v", "zmscore k v", "zrank k v", "zrevrank k v", "zcard k",
		"zcount k 0 1", "zlexcount k - +", "zrange k 0 1", "zrangebyscore k 0 1", "zrevrangebyscore k 1 0", "zrangebylex k - +",
		"zrevrangebylex k + -", "zscan k 0", "zpopmin k", "zpopmax k", "zremrangebyrank k 0 1", "zremrangebyscore k 0 1",
		"zremrangebylex k - +", "zunion 1 k", "zinter 1 k", "zdiff 1 k", "zunionstore k 1 k", "zinterstore k 1 k", "zdiffstore k 1 k",
		"zmpop 1 k min", "bzmpop 1 1 k min",
	}},
	{name: "geo", rights: "+@geo +@sortedset", commands: []string{
		"geoadd k 1 1 v", "geopos k v", "geodist k v v", "geosearch k frommember v byradius 1 m",
	}},
	{name: "streams", rights: "+@stream", commands: []string{
		"xadd k * f v", "xlen k", "xrange k - +", "xrevrange k + -", "xread streams k 0", "xtrim k maxlen 1", "xdel k 1", "xinfo stream k",
		"xgroup create k g 0", "xgroup destroy k g", "xreadgroup group g c streams k >", "xack k g 1", "xpending k g",
		"xclaim k g c 1 1", "xautoclaim k g c 1 0", "xgroup delconsumer k g c", "xinfo consumers k g", "xinfo groups k",
	}},
	{name: "locks", rights: "+@hash +time", commands: []string{"time", "hmget k f", "hincrby k f 1", "hset k f v", "hdel k f"}},
	{name: "limiters", rights: "+@string +time", commands: []string{"time", "get k", "set k v"}},
	{name: "queues", rights: "+@sortedset +time", commands: []string{"time", "zadd k 1 v", "zrem k v", "zrangebyscore k 0 1", "zmscore k v", "zcard k", "zcount k 0 1"}},
	{name: "indexes, unique values and IndexKeys", rights: "+@hash +@sortedset", commands: []string{
		"hget k f", "hset k f v", "hdel k f", "hlen k", "hscan k 0", "zadd k 1 v", "zrem k v", "zcard k", "zrangebylex k - +",
		"hmget k f", "zlexcount k - +", "zrevrangebylex k + -", "zscore k v",
	}},
	{name: "atomic batches and transactions", rights: "+multi +exec +watch +unwatch", outside: true,
		commands: []string{"exec", "watch k", "unwatch"}},
	{name: "listings without IndexKeys, and subtrees", rights: "+scan", commands: []string{"scan 0"}},
	{name: "listings: a server that takes the place of another", rights: "+info", commands: []string{"info server"},
		without: "is not noticed: a listing may then miss keys without a word", severity: Risk},
	{name: "the bytes that an audit counts", rights: "+memory|usage", commands: []string{"memory usage k"},
		without: "are not counted", severity: Note},
	{name: "topics", rights: "+publish +subscribe +unsubscribe +ping", commands: []string{"publish c m", "subscribe c", "unsubscribe", "ping"}},
	{name: "topics in a cluster", rights: "+spublish +ssubscribe +sunsubscribe +ping", cluster: true,
		commands: []string{"spublish c m", "ssubscribe c", "sunsubscribe", "ping"}},
	{name: "following", rights: "+client|tracking", commands: []string{"client tracking off"}},
	{name: "waits that end at once", rights: "+client|id +client|unblock", commands: []string{"client id", "client unblock 0"},
		without: "waits ask again ten times a second, end up to 0.2 s late, and are not served in the order in which they came", severity: Note},
	{name: "a cluster", rights: "+cluster|slots +asking", cluster: true, commands: []string{"cluster slots", "asking"}},
}

// lacking finds out which commands of the features a user may not use on a server. They are
// queued in a transaction that is then discarded: that asks for the rights and does nothing.
// Their keys are nobody's; whether the user may touch those does not matter.
func lacking(ctx context.Context, node *redis.Client, inCluster bool) (map[string][]string, error) {
	conn := node.Conn()
	defer func() { _ = conn.Close() }()
	if err := ask(ctx, conn, []string{"multi", "discard"}, func(_ string, err error) error { return err }); err != nil {
		return nil, err
	}
	lacks := map[string][]string{}
	for _, f := range features {
		if f.cluster && !inCluster {
			continue
		}
		commands := f.commands
		if !f.outside {
			commands = slices.Concat([]string{"multi"}, f.commands, []string{"discard"})
		}
		err := ask(ctx, conn, commands, func(command string, err error) error {
			if isForbidden(err) && !strings.Contains(err.Error(), "to access one of the") {
				lacks[f.name] = append(lacks[f.name], nameOf(command))
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return lacks, nil
}

// ask sends commands in one go. It tells refused what the server answers with an error, and
// returns what that makes of it, and every other error.
func ask(ctx context.Context, conn *redis.Conn, commands []string, refused func(command string, err error) error) error {
	answers, err := conn.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, command := range commands {
			var args []any
			for word := range strings.FieldsSeq(command) {
				args = append(args, word)
			}
			p.Do(ctx, args...)
		}
		return nil
	})
	var answered redis.Error
	if err != nil && !errors.As(err, &answered) {
		return err
	}
	for i, answer := range answers {
		if err := answer.Err(); err != nil {
			if err = refused(commands[i], err); err != nil {
				return err
			}
		}
	}
	return nil
}

// nameOf is a command as ACL rules name it: with its subcommand, where it has any.
func nameOf(command string) string {
	words := strings.Fields(command)
	switch words[0] {
	case "client", "cluster", "memory", "xgroup", "xinfo":
		return words[0] + "|" + words[1]
	}
	return words[0]
}
