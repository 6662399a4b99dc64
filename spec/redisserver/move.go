package redisserver

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
)

// Move is the move of a hash slot from one master to another, step by step.
type Move struct {
	From, To *Server
	Slot     int

	cluster *Cluster
	slot    string
}

// Move prepares the move of the slot of key from the master that got it when the cluster
// was started to the next.
func (c *Cluster) Move(key string) (*Move, error) {
	text, err := c.nodes[0].Ask("CLUSTER", "KEYSLOT", key)
	if err != nil {
		return nil, err
	}
	slot, err := strconv.Atoi(text)
	if err != nil {
		return nil, err
	}
	return c.MoveSlot(slot), nil
}

// MoveNext prepares the move of a slot of the first master, another one each time, and
// names a hash tag of keys in it. The last slots come first, so that what each master has
// remains one range: a cluster of a thousand ranges is slow to tell clients where what is.
func (c *Cluster) MoveNext() (tag string, move *Move, err error) {
	slot := Slots/c.masters - 1 - c.taken
	if slot < 0 {
		return "", nil, errors.New("all slots of the first master have been moved")
	}
	c.taken++
	for c.tags[slot] == "" {
		number := strconv.Itoa(c.numbers)
		c.tags[slotOf(number)] = number
		c.numbers++
	}
	return c.tags[slot], c.MoveSlot(slot), nil
}

// slotOf is the slot of a key without a hash tag: its CRC-16/XMODEM.
func slotOf(key string) int {
	sum := uint16(0)
	for _, b := range []byte(key) {
		sum ^= uint16(b) << 8
		for range 8 {
			carry := sum >> 15
			sum = sum<<1 ^ carry*0x1021
		}
	}
	return int(sum) % Slots
}

// MoveSlot is Move for a slot by its number.
func (c *Cluster) MoveSlot(slot int) *Move {
	owner := 0
	for (owner+1)*Slots/c.masters <= slot {
		owner++
	}
	return &Move{c.nodes[owner], c.nodes[(owner+1)%c.masters], slot, c, strconv.Itoa(slot)}
}

// Begin makes From send those elsewhere who ask for a key that it does not have, and To
// serve those whom it sends.
func (m *Move) Begin() error {
	if _, err := m.To.Ask("CLUSTER", "SETSLOT", m.slot, "IMPORTING", m.cluster.ids[m.From]); err != nil {
		return err
	}
	_, err := m.From.Ask("CLUSTER", "SETSLOT", m.slot, "MIGRATING", m.cluster.ids[m.To])
	return err
}

// Carry moves keys; those that are not there do not matter.
func (m *Move) Carry(keys ...string) error {
	if len(keys) == 0 {
		return nil
	}
	host, port, err := net.SplitHostPort(m.To.Addr())
	if err != nil {
		return err
	}
	_, err = m.From.Ask(append([]string{"MIGRATE", host, port, "", "0", "1000", "KEYS"}, keys...)...)
	return err
}

// End moves the keys that are still there and makes To the master of the slot for all. It returns once they have heard of
// each other since: of a slot that is moved on before that, two masters may come to believe that the other has it.
func (m *Move) End() error {
	// Only who imports a slot begins an epoch when he gets it. Else word of the other's, that is still on its way, would count for more.
	if _, err := m.To.Ask("CLUSTER", "SETSLOT", m.slot, "IMPORTING", m.cluster.ids[m.From]); err != nil && !strings.Contains(err.Error(), "already the owner") {
		return err
	}
	for {
		keys, err := m.From.Ask("CLUSTER", "GETKEYSINSLOT", m.slot, "100")
		if err != nil {
			return err
		}
		if keys == "" {
			break
		}
		if err := m.Carry(strings.Split(keys, "\n")...); err != nil {
			return err
		}
	}
	// To learns it first: nobody is to be sent to a master that denies it.
	for _, master := range append([]*Server{m.To}, m.cluster.nodes[:m.cluster.masters]...) {
		if _, err := master.Ask("CLUSTER", "SETSLOT", m.slot, "NODE", m.cluster.ids[m.To]); err != nil {
			return err
		}
	}
	if err := m.cluster.awaitEpoch(); err != nil {
		return err
	}
	return m.awaitOwner()
}

// awaitOwner waits until all nodes say that the slot is To's. A master that says otherwise, as older word reached it
// late, is told again: two that each say it is the other's would do so for ever.
func (m *Move) awaitOwner() error {
	return poll(func() error {
		var differs error
		for i, node := range m.cluster.nodes {
			owner, err := node.ownerOf(m.Slot)
			switch {
			case err != nil:
				return err
			case owner == m.cluster.ids[m.To]:
				continue
			case i < m.cluster.masters:
				if _, err := node.Ask("CLUSTER", "SETSLOT", m.slot, "NODE", m.cluster.ids[m.To]); err != nil {
					return err
				}
			}
			differs = fmt.Errorf("%s says that slot %d is of %q", node.addr, m.Slot, owner)
		}
		return differs
	})
}

// ownerOf is the id of the master that a slot belongs to, as a node of the cluster sees it.
func (s *Server) ownerOf(slot int) (id string, err error) {
	nodes, err := s.Ask("CLUSTER", "NODES")
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(nodes) {
		fields := strings.Fields(line)
		for _, slots := range fields[min(8, len(fields)):] { // a number, a range, or one that moves, in brackets
			first, last, isRange := strings.Cut(slots, "-")
			from, err := strconv.Atoi(first)
			to := from
			if isRange && err == nil {
				to, err = strconv.Atoi(last)
			}
			if err == nil && from <= slot && slot <= to {
				return fields[0], nil
			}
		}
	}
	return "", nil
}

// Back is the move in the other direction.
func (m *Move) Back() *Move {
	back := *m
	back.From, back.To = m.To, m.From
	return &back
}
