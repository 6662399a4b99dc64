package redisdriver

import (
	"crypto/sha1"
	_ "embed"
	"encoding/hex"

	"github.com/kvstore-go/kvstore/drivers"
)

var (
	//go:embed lua/need.lua
	needText string
	//go:embed lua/compare_and_swap.lua
	compareAndSwapText string
	//go:embed lua/compare_and_set.lua
	compareAndSetText string
	//go:embed lua/change_slot.lua
	changeSlotText string
	//go:embed lua/replace.lua
	replaceText string
	//go:embed lua/increment.lua
	incrementText string
	//go:embed lua/lock.lua
	lockText string
	//go:embed lua/throttle.lua
	throttleText string
	//go:embed lua/capped.lua
	cappedText string
	//go:embed lua/group_call.lua
	groupCallText string
	//go:embed lua/set_element.lua
	setElementText string
	//go:embed lua/call.lua
	callText string
	//go:embed lua/scan.lua
	scanText string
	//go:embed lua/seal.lua
	sealText string
	//go:embed lua/time.lua
	timeText string
)

// script is a Lua script. Its parts are of type any because that is what they
// are sent as.
//
// Those that write keep to what follows. In a slot that moves, Redis refuses a script a key
// that is not there, be it the script that deleted it: none deletes a key but with its last
// access to it, or looks with pcall whether it is there. And what was written stays when a
// later command is refused: all that can be refused is asked for first, the condition, the
// type and the bounds, the rights (lua/need.lua), and the memory, which Redis asks for
// with the first write alone, so that one is which adds.
type script struct {
	sha, text any
	body      string // the text without lua/need.lua
}

var (
	scripts        = map[any]*script{} // by digest
	compareAndSwap = newScript(compareAndSwapText)
	compareAndSet  = newScript(compareAndSetText)
	changeSlot     = newScript(changeSlotText)
	replace        = newScript(replaceText)
	increment      = newScript(incrementText)
	lock           = newScript(lockText)
	throttle       = newScript(throttleText)
	groupCall      = newScript(groupCallText)
	call           = newScript(callText)
	capped         = newScript(cappedText)
	setElement     = newScript(setElementText)
	scan           = newScript(scanText)
	seal           = newScript(sealText)
	serverTime     = newScript(timeText)
)

// writeScripts are those that execute a write, which can have indexes.
var writeScripts = []*script{compareAndSwap, compareAndSet, changeSlot, replace, increment, lock, throttle, call, capped, setElement, groupCall, seal}

func newScript(text string) *script {
	whole := needText + text
	digest := sha1.Sum([]byte(whole)) // it is how Redis names scripts
	s := &script{sha: hex.EncodeToString(digest[:]), text: whole, body: text}
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
	return expireCommand(expiry), millisOf(expiry)
}
