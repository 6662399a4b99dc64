package redisdriver

import (
	"crypto/sha1"
	_ "embed"
	"encoding/hex"

	"github.com/kvstore-go/kvstore/drivers"
)

var (
	//go:embed lua/compare_and_swap.lua
	compareAndSwapText string
	//go:embed lua/change_slot.lua
	changeSlotText string
	//go:embed lua/replace_set.lua
	replaceSetText string
	//go:embed lua/start_ttl.lua
	startTTLText string
)

// script is a Lua script. Its parts are of type any because that is what they
// are sent as.
type script struct{ sha, text any }

var (
	scripts        = map[any]*script{} // by digest
	compareAndSwap = newScript(compareAndSwapText)
	changeSlot     = newScript(changeSlotText)
	replaceSet     = newScript(replaceSetText)
	startTTL       = newScript(startTTLText)
)

func newScript(text string) *script {
	digest := sha1.Sum([]byte(text)) // it is how Redis names scripts
	s := &script{sha: hex.EncodeToString(digest[:]), text: text}
	scripts[s.sha] = s
	return s
}

// spellOut makes a call of a script by its digest one that carries its text, and
// reports whether args was such a call.
func spellOut(args []any) bool {
	if args[0] != "evalsha" {
		return false
	}
	args[0], args[1] = "eval", scripts[args[1]].text
	return true
}

// startArgs are the command that starts a time to live and its argument, both
// empty where expiry does not start one.
func startArgs(expiry drivers.Expiry) (command, millis any) {
	if !starts(expiry) {
		return "", ""
	}
	return expireCommand(expiry), expiry.Millis
}

// startTTLArgs are the arguments of a command on keys that starts the last key's
// time to live, up to where the command's own follow.
func startTTLArgs(cmd drivers.Command, keys int, name any, key ...any) []any {
	args := make([]any, 0, 7+len(key)+len(cmd.Values))
	args = append(append(args, "evalsha", startTTL.sha, keys), key...)
	return append(args, expireCommand(cmd.Expiry), cmd.Expiry.Millis, name)
}
