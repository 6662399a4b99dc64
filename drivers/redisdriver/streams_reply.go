package redisdriver

import (
	"context"
	"errors"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
)

// The answers about streams are decoded here, because go-redis makes maps of entries: they
// have neither the order of the fields nor those that come twice.
var (
	// streamEntries is a list of entries.
	streamEntries = replyType{command: newAny, read: func(answer redis.Cmder) (reply drivers.Reply) {
		putEntries(&reply, answerOf(answer))
		return reply
	}}
	// streamRead is a list of entries for each key that has some, of which there is one.
	streamRead = replyType{command: newAny, read: func(answer redis.Cmder) (reply drivers.Reply) {
		switch keys := answerOf(answer).(type) {
		case map[any]any: // RESP3
			for _, entries := range keys {
				putEntries(&reply, entries)
			}
		case []any:
			for _, key := range keys {
				putEntries(&reply, at(key, 1))
			}
		}
		return reply
	}}
	// claimedEntries is the next id, entries, and the ids of those that were deleted.
	claimedEntries = replyType{command: newAny, read: func(answer redis.Cmder) (reply drivers.Reply) {
		claimed := answerOf(answer)
		reply.Value = textOf(at(claimed, 0))
		putEntries(&reply, at(claimed, 1))
		for _, id := range list(at(claimed, 2)) {
			putEntry(&reply, id, nil)
		}
		return reply
	}}
	// pendingEntries is a list of ids with their consumers, idle times and deliveries.
	pendingEntries = replyType{command: newAny, read: func(answer redis.Cmder) (reply drivers.Reply) {
		for _, pending := range list(answerOf(answer)) {
			idle, _ := at(pending, 2).(int64)
			deliveries, _ := at(pending, 3).(int64)
			reply.Values = append(reply.Values, textOf(at(pending, 0)), textOf(at(pending, 1)))
			reply.Ints = append(reply.Ints, idle, deliveries)
		}
		return reply
	}}
	// lastID is what is known of a stream.
	lastID = replyType{command: newAny, read: func(answer redis.Cmder) drivers.Reply {
		return drivers.Reply{Value: textOf(known(answerOf(answer), "last-generated-id"))}
	}}
	// consumers is a list of what is known of each.
	consumers = replyType{command: newAny, read: func(answer redis.Cmder) (reply drivers.Reply) {
		for _, consumer := range list(answerOf(answer)) {
			pending, _ := known(consumer, "pending").(int64)
			idle, _ := known(consumer, "idle").(int64)
			reply.Values = append(reply.Values, textOf(known(consumer, "name")))
			reply.Ints = append(reply.Ints, pending, max(idle, 0))
		}
		return reply
	}}
	// lag is what is known of each group, whose lag may be nil.
	lag = replyType{command: newAny, readFor: func(cmd drivers.Command, answer redis.Cmder) drivers.Reply {
		for _, group := range list(answerOf(answer)) {
			if textOf(known(group, "name")) != cmd.Group() {
				continue
			}
			if lag, ok := known(group, "lag").(int64); ok {
				return drivers.Reply{Int: lag}
			}
			return drivers.Reply{Int: -1}
		}
		return drivers.Reply{Nil: true}
	}}
	// groupNames is what is known of each group.
	groupNames = replyType{command: newAny, read: func(answer redis.Cmder) (reply drivers.Reply) {
		for _, group := range list(answerOf(answer)) {
			reply.Values = append(reply.Values, textOf(known(group, "name")))
		}
		return reply
	}}
	// handedOn is a number of entries.
	handedOn = replyType{command: newAny, read: func(answer redis.Cmder) drivers.Reply {
		count, _ := answerOf(answer).(int64)
		return drivers.Reply{Int: count}
	}}
	// created is an OK, or 0.
	created = replyType{command: newAny, read: func(answer redis.Cmder) drivers.Reply {
		if answerOf(answer) == "OK" {
			return drivers.Reply{Int: 1}
		}
		return drivers.Reply{}
	}}
)

func newAny(ctx context.Context, args []any) redis.Cmder { return redis.NewCmd(ctx, args...) }

func answerOf(answer redis.Cmder) any { return answer.(*redis.Cmd).Val() }

// inGroup is a type whose answer may be that there is no group.
func inGroup(s replyType) replyType {
	return replyType{command: s.command, readFor: func(cmd drivers.Command, answer redis.Cmder) drivers.Reply {
		if answerOf(answer) == "NOGROUP" {
			return drivers.Reply{Nil: true}
		}
		return s.reply(&cmd, answer)
	}}
}

// known is what an answer of XINFO says under a name, which it has by turns with what it is
// about in RESP2.
func known(info any, name string) any {
	switch info := info.(type) {
	case map[any]any:
		return info[name]
	case []any:
		for i := 0; i+1 < len(info); i += 2 {
			if info[i] == name {
				return info[i+1]
			}
		}
	}
	return nil
}

func textOf(value any) string {
	text, _ := value.(string)
	return text
}

func list(value any) []any {
	items, _ := value.([]any)
	return items
}

// at is an item of a list, or nil if there is none.
func at(value any, i int) any {
	if items := list(value); i < len(items) {
		return items[i]
	}
	return nil
}

// putEntries adds entries to a reply: each is an id and a list of fields and values by
// turns, which is nil for one that was deleted.
func putEntries(reply *drivers.Reply, entries any) {
	for _, entry := range list(entries) {
		putEntry(reply, at(entry, 0), list(at(entry, 1)))
	}
}

func putEntry(reply *drivers.Reply, id any, fields []any) {
	reply.Ints = append(reply.Ints, int64(1+len(fields)))
	reply.Values = append(reply.Values, textOf(id))
	for _, field := range fields {
		reply.Values = append(reply.Values, textOf(field))
	}
}

// noEntries: nothing to read is no absence.
func noEntries(err error) (drivers.Reply, bool) { return drivers.Reply{}, errors.Is(err, redis.Nil) }

// noGroup: nothing to read is no absence, but no group is.
func noGroup(err error) (drivers.Reply, bool) {
	if redis.HasErrorPrefix(err, "NOGROUP") {
		return drivers.Reply{Nil: true}, true
	}
	return noEntries(err)
}

// noGroupOrStream: a stream that is absent has no group.
func noGroupOrStream(err error) (drivers.Reply, bool) {
	if answerContains(err, "no such key") {
		return drivers.Reply{Nil: true}, true
	}
	return noGroup(err)
}

// noGroups: what is absent has none.
func noGroups(err error) (drivers.Reply, bool) {
	return drivers.Reply{}, answerContains(err, "no such key")
}

// noStream: the last id of what is absent is 0-0.
func noStream(err error) (drivers.Reply, bool) {
	return drivers.Reply{Value: "0-0"}, answerContains(err, "no such key")
}

// noChange: a group that is there is not made, one that is not there is not destroyed.
func noChange(err error) (drivers.Reply, bool) {
	return drivers.Reply{}, redis.HasErrorPrefix(err, "BUSYGROUP") || answerContains(err, "requires the key to exist")
}

func answerContains(err error, text string) bool {
	var answer redis.Error
	return errors.As(err, &answer) && strings.Contains(answer.Error(), text)
}
