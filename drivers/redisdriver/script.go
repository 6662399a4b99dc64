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
	//go:embed lua/job.lua
	jobText string
	//go:embed lua/capped.lua
	cappedText string
	//go:embed lua/group_call.lua
	groupCallText string
	//go:embed lua/claim_own.lua
	claimOwnText string
	//go:embed lua/move_entries.lua
	moveEntriesText string
	//go:embed lua/delete_consumer.lua
	deleteConsumerText string
	//go:embed lua/set_element.lua
	setElementText string
	//go:embed lua/call.lua
	callText string
	//go:embed lua/scan.lua
	scanText string
	//go:embed lua/seal.lua
	sealText string
	//go:embed lua/find.lua
	findText string
	//go:embed lua/time.lua
	timeText string
	//go:embed lua/reconcile.lua
	reconcileText string
	//go:embed lua/index_before.lua
	indexBeforeText string
	//go:embed lua/index_after.lua
	indexAfterText string
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
	digest, text any
	indexed      *script // what is called of a write with indexes
}

var (
	compareAndSwap = newWrite(compareAndSwapText)
	compareAndSet  = newWrite(compareAndSetText)
	changeSlot     = newWrite(changeSlotText)
	replace        = newWrite(replaceText)
	increment      = newWrite(incrementText)
	lock           = newWrite(lockText)
	throttle       = newWrite(throttleText)
	job            = newWrite(jobText)
	callCommand    = newWrite(callText)
	capped         = newWrite(cappedText)
	setElement     = newWrite(setElementText)
	groupCall      = newWrite(groupCallText)
	claimOwn       = newWrite(claimOwnText)
	moveEntries    = newWrite(moveEntriesText)
	deleteConsumer = newWrite(deleteConsumerText)
	seal           = newWrite(sealText)
	reconcile      = newWrite(reconcileText)
	scan           = newScript(scanText)
	find           = newScript(findText)
	serverTime     = newScript(timeText)
)

func newScript(body string) *script {
	text := needText + body
	digest := sha1.Sum([]byte(text)) // it is how Redis names scripts
	return &script{digest: hex.EncodeToString(digest[:]), text: text}
}

// newWrite is a script that writes, and so may have indexes to bring up to date.
func newWrite(body string) *script {
	s := newScript(body)
	s.indexed = newScript(indexBeforeText + "\nlocal function command()\n" + body + "\nend\nlocal reply = command()\n" + indexAfterText + "\nreturn reply")
	return s
}

// startArgs are the command that starts a time to live and its argument, both
// empty where expiry does not start one.
func startArgs(expiry drivers.Expiry) (command, millis any) {
	if !startsTTL(expiry) {
		return "", ""
	}
	return expireCommand(expiry), millisOf(expiry)
}
