package memory_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
)

// lockModel is a lock written down naively.
type lockModel struct {
	owner string // of the last holding; none once it was released
	until int64  // when the lease ends
	token int64  // of the last holding; 0 if there was none
}

// lockMachine applies the same commands to a lock of the driver and to the model.
type lockMachine struct {
	d     *memory.Driver
	clock *clock
	lockModel
}

var (
	lockOwners = rapid.SampledFrom([]string{"ann", "bob", "cid"})
	lockLeases = rapid.Int64Range(1, 20)
)

func (m *lockMachine) now() int64 { return m.clock.Now().UnixMilli() }

// held reports whether anybody has the lock.
func (m *lockMachine) held() bool { return m.owner != "" && m.now() < m.until }

func (m *lockMachine) do(t *rapid.T, op drivers.Op, owner string, lease int64) drivers.Reply {
	t.Helper()
	return mustDo(t, m.d, drivers.Command{Op: op, Key: "l", Value: owner, Amount: lease})
}

func (m *lockMachine) Acquire(t *rapid.T) {
	owner, lease := lockOwners.Draw(t, "owner"), lockLeases.Draw(t, "lease")
	reply := m.do(t, drivers.OpLockAcquire, owner, lease)
	if m.held() && m.owner != owner {
		if !reply.Nil || len(reply.Ints) != 1 || reply.Ints[0] != m.until-m.now() {
			t.Fatalf("%s gets %+v while %+v", owner, reply, m.lockModel)
		}
		return
	}
	if !m.held() {
		m.token = max(m.token+1, m.clock.Now().UnixMicro())
	}
	m.owner, m.until = owner, m.now()+lease
	if reply.Nil || reply.Int != m.token {
		t.Fatalf("%s gets %+v instead of %+v", owner, reply, m.lockModel)
	}
}

// own applies a command that does something only for whoever has the lock.
func (m *lockMachine) own(t *rapid.T, op drivers.Op, lease int64, then func()) {
	owner, want := lockOwners.Draw(t, "owner"), int64(0)
	reply := m.do(t, op, owner, lease)
	if m.held() && m.owner == owner {
		want = 1
		then()
	}
	if reply.Int != want {
		t.Fatalf("%v of %s: %+v with %+v", op, owner, reply, m.lockModel)
	}
}

func (m *lockMachine) Renew(t *rapid.T) {
	lease := lockLeases.Draw(t, "lease")
	m.own(t, drivers.OpLockRenew, lease, func() { m.until = m.now() + lease })
}

func (m *lockMachine) Release(t *rapid.T) {
	m.own(t, drivers.OpLockRelease, 0, func() { m.owner = "" })
}

func (m *lockMachine) Wait(t *rapid.T) { m.clock.Advance(rapid.Int64Range(1, 15).Draw(t, "millis")) }

// Check looks at the holder, and that nothing but the token outlives him.
func (m *lockMachine) Check(t *rapid.T) {
	reply := m.do(t, drivers.OpLockHolder, "", 0)
	switch {
	case !m.held():
		if !reply.Nil {
			t.Fatalf("%+v has a lock that is free: %+v", reply, m.lockModel)
		}
	case reply.Value != m.owner || reply.Int != m.token || len(reply.Ints) != 1 || reply.Ints[0] != m.until-m.now():
		t.Fatalf("%+v instead of %+v", reply, m.lockModel)
	}
	if left := mustDo(t, m.d, drivers.Command{Op: drivers.OpTTL, Key: "l"}); left.Nil != (m.token == 0) || !left.Nil && left.Int != -1 {
		t.Fatalf("it is stored for %+v after token %d", left, m.token)
	}
	if err := memory.Check(m.d); err != nil {
		t.Fatal(err)
	}
}

func TestLockAgreesWithModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := &clock{}
		m := &lockMachine{d: memory.New(memory.WithClock(c.Now)), clock: c}
		t.Repeat(map[string]func(*rapid.T){
			"": m.Check, "acquire": m.Acquire, "renew": m.Renew, "release": m.Release, "wait": m.Wait,
		})
	})
}
