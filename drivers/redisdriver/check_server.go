package redisdriver

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"
)

// checked is a server, or a client, that findings are about.
type checked struct {
	server string
	found  []Finding
}

func (c *checked) add(severity Severity, feature, what, advice string) {
	c.found = append(c.found, Finding{Severity: severity, Server: c.server, Feature: feature, What: what, Advice: advice})
}

// unknown is a finding where something cannot be found out. It returns an error that is no
// answer of the server.
func (c *checked) unknown(feature string, err error, advice string) error {
	var answer redis.Error
	if !errors.As(err, &answer) {
		return err
	}
	c.add(Risk, feature, "cannot be found out: "+answer.Error(), advice)
	return nil
}

// check asks a server for all that matters.
func (c *checked) check(ctx context.Context, node *redis.Client, inCluster bool) error {
	for _, check := range []func(ctx context.Context, node *redis.Client, inCluster bool) error{c.hello, c.info, c.rights} {
		if err := check(ctx, node, inCluster); err != nil {
			return err
		}
	}
	return nil
}

// hello needs no right.
func (c *checked) hello(ctx context.Context, node *redis.Client, inCluster bool) error {
	answer, err := node.Do(ctx, "hello").Result()
	if err != nil {
		return c.unknown("version", err, "Make sure that it is Redis 7.0 or later")
	}
	says := textsOf(answer)
	var major, minor int
	if _, err := fmt.Sscanf(says["version"], "%d.%d", &major, &minor); err != nil || major < 7 {
		c.add(Fault, "version", fmt.Sprintf("it is Redis %q", says["version"]), "Use Redis 7.0 or later")
	}
	if role := says["role"]; role != "master" {
		c.add(Fault, "role", fmt.Sprintf("it is a %s, which takes no writes", role), "Connect to the master: by a cluster or a failover client")
	}
	if says["mode"] == "cluster" && !inCluster {
		c.add(Fault, "a cluster", "the client knows one node of it", "Use redis.NewClusterClient")
	}
	return nil
}

// textsOf is what a map has of texts, as RESP3 or RESP2 answer it.
func textsOf(answer any) map[string]string {
	texts := map[string]string{}
	note := func(name, value any) {
		if text, ok := value.(string); ok {
			texts[fmt.Sprint(name)] = text
		}
	}
	switch answer := answer.(type) {
	case map[any]any:
		for name, value := range answer {
			note(name, value)
		}
	case []any:
		for i := 0; i+1 < len(answer); i += 2 {
			note(answer[i], answer[i+1])
		}
	}
	return texts
}

// info reads what INFO tells of eviction, persistence and replication.
func (c *checked) info(ctx context.Context, node *redis.Client, _ bool) error {
	text, err := node.Info(ctx, "memory", "persistence", "replication").Result()
	if err != nil {
		return c.unknown("eviction, persistence and replication", err, "Allow +info +config|get, or look there as somebody who may")
	}
	says := map[string]string{}
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		says[name] = value
	}
	c.eviction(says)
	if says["connected_slaves"] != "0" && says["min_slaves_good_slaves"] == "" {
		c.add(Note, "replication", "a failover loses what the replicas have not received yet", "Set min-replicas-to-write, which bounds for how long")
	}
	return c.persistence(ctx, node, says)
}

func (c *checked) eviction(says map[string]string) {
	policy := says["maxmemory_policy"]
	limited := says["maxmemory"] != "0"
	const fitting = "Set maxmemory-policy noeviction, or a volatile- one"
	switch {
	case policy == "":
		c.add(Risk, "eviction", "the server does not tell its policy", "Make sure that no policy evicts keys without a time to live")
	case strings.HasPrefix(policy, "allkeys-") && limited:
		c.add(Risk, "eviction", policy+" takes any key away: values, locks, limiters, queues and streams with their groups, and what IndexKeys, indexes "+
			"and unique values are kept in, which Reindex must then make anew", fitting)
	case strings.HasPrefix(policy, "allkeys-"):
		c.add(Note, "eviction", policy+" takes any key away, once maxmemory is set", fitting)
	case strings.HasPrefix(policy, "volatile-") && limited:
		c.add(Note, "eviction", policy+" ends times to live early, and lets limiters forget", "Give the server the memory that it needs")
	}
}

func (c *checked) persistence(ctx context.Context, node *redis.Client, says map[string]string) error {
	if says["aof_enabled"] == "1" {
		return nil
	}
	const advice = "Set appendonly yes"
	config, err := node.ConfigGet(ctx, "save").Result()
	switch {
	case err != nil:
		return c.unknown("persistence", err, "Allow +config|get; appendonly is off")
	case config["save"] == "":
		c.add(Risk, "persistence", "a restart loses everything", advice)
	default:
		c.add(Note, "persistence", "a crash loses what was written since the last snapshot", advice)
	}
	return nil
}

// rights finds out what the user may not do.
func (c *checked) rights(ctx context.Context, node *redis.Client, inCluster bool) error {
	lacks, err := lacking(ctx, node, inCluster)
	if isForbidden(err) {
		c.add(Fault, "atomic batches and transactions", "the user may not use MULTI and DISCARD", "Allow +multi +discard")
	}
	if err != nil {
		return c.unknown("rights", err, "Allow +multi +discard, by which they are asked for")
	}
	for _, f := range features {
		commands := lacks[f.name]
		switch {
		case len(commands) == 0:
		case f.newer:
			c.add(Note, f.name, "do not work: "+strings.Join(commands, ", "), "Use Redis 7.4, and allow "+f.rights)
		case f.without != "":
			c.add(f.severity, f.name, f.without, "Allow +"+strings.Join(commands, " +"))
		default:
			c.add(Fault, f.name, "the user may not use "+strings.ToUpper(strings.Join(commands, ", ")), "Allow "+f.rights)
		}
	}
	return nil
}
