package redisdriver

import (
	"slices"

	"github.com/kvstore-go/kvstore/drivers"
)

// call is what a server is asked for: a command, or a script with KEYS and ARGV.
type call struct {
	// words are what is sent, so that a command needs no copy. Those of a script begin with
	// scriptHead words and its KEYS.
	words  []any
	script *script    // nil for a command
	keys   int        // how many KEYS the script gets
	reply  *replyType // of the answer; nil if it is the handler's
}

// scriptHead is how many words precede KEYS: EVALSHA or EVAL, the digest or the text, and
// the number of KEYS.
const scriptHead = 3

// command is a call without a script. No word may refer to slices of a drivers.Command, which
// are its caller's again when a context ends.
func command(words ...any) call { return call{words: words} }

// commandWith is a call without a script that has room for further words.
func commandWith(room int, words ...any) call {
	return call{words: append(make([]any, 0, len(words)+room), words...)}
}

// on is a call of a script with one key.
func (s *script) on(key string, args ...any) call { return s.onKeys([]string{key}, 0, args...) }

// onKeys is a call of a script with keys and room for further ARGV.
func (s *script) onKeys(keys []string, room int, args ...any) call {
	words := append(make([]any, 0, scriptHead+len(keys)+len(args)+room), "evalsha", s.digest, len(keys))
	for _, key := range keys {
		words = append(words, key)
	}
	return call{words: append(words, args...), script: s, keys: len(keys)}
}

// and is the call with further words, or ARGV.
func (c call) and(words ...any) call {
	c.words = append(c.words, words...)
	return c
}

// andStrings is the call with copies of values. Pointers into one copied slice save go-redis's
// []any an allocation for each.
func (c call) andStrings(values []string) call {
	own := append(make([]string, 0, len(values)), values...)
	for i := range own {
		c.words = append(c.words, &own[i])
	}
	return c
}

// andKeys is the call with keys, which go-redis needs as strings to find their node.
func (c call) andKeys(keys []string) call {
	for _, key := range keys {
		c.words = append(c.words, key)
	}
	return c
}

// andAllKeys is the call with the number of a command's keys, and them.
func (c call) andAllKeys(cmd drivers.Command) call {
	return c.and(1 + len(cmd.Keys())).andKeys(allKeys(cmd))
}

// readAs is the call with an answer of another type than the handler's.
func (c call) readAs(reply *replyType) call {
	c.reply = reply
	return c
}

// does reports whether there is anything to call.
func (c call) does() bool { return len(c.words) > 0 }

// scriptKeys are the KEYS of a script; a command has none.
func (c call) scriptKeys() []any {
	if c.script == nil {
		return nil
	}
	return c.words[scriptHead:][:c.keys]
}

// spellOut makes the call carry the script's text, for a server that may not have it.
func (c call) spellOut() { c.words[0], c.words[1] = "eval", c.script.text }

// withIndexes makes a call of a script one that brings indexes up to date, too.
func (c call) withIndexes(op drivers.Op, indexes []drivers.Index) call {
	keys := indexKeys(indexes)
	c.words = slices.Insert(slices.Grow(c.words, indexWords(indexes)), scriptHead+c.keys, keys...)
	c.keys += len(keys)
	c.script = c.script.indexed
	c.words[1], c.words[2] = c.script.digest, c.keys

	args := len(c.words)
	c.words = appendIndexes(append(c.words, indexMode(op), len(keys), len(indexes)), indexes)
	return c.and(len(c.words) - args)
}
