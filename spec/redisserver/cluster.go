package redisserver

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
)

// Slots is the number of hash slots of every Redis Cluster.
const Slots = 16384

// Cluster is a running Redis Cluster.
type Cluster struct {
	nodes   []*Server
	masters int

	taken   int            // slots, by MoveNext
	tags    map[int]string // of slots, which are the numbers below numbers
	numbers int
	ids     map[*Server]string // of the masters
}

// StartCluster starts a cluster with its slots spread evenly over masters, each
// of which has that many replicas, and waits until every node finds it in order.
// Further arguments are passed to each redis-server.
func StartCluster(masters, replicas int, args ...string) (*Cluster, error) {
	if masters < 1 || replicas < 0 {
		return nil, fmt.Errorf("a cluster of %d masters with %d replicas each", masters, replicas)
	}
	c := &Cluster{masters: masters, ids: map[*Server]string{}, tags: map[int]string{}}
	if err := c.start(masters, replicas, args); err != nil {
		c.Stop()
		return nil, err
	}
	return c, nil
}

func (c *Cluster) start(masters, replicas int, args []string) error {
	// Nodes list a replica only once it has received something: a ping will do. A replica takes the place of its
	// master however long the others took to agree that it may.
	defaults := []string{
		"--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.1", "--cluster-node-timeout", "15000",
		"--repl-diskless-sync-delay", "0", "--repl-ping-replica-period", "1", "--cluster-replica-validity-factor", "0",
	}
	for range masters * (1 + replicas) {
		node, err := Start(append(defaults, args...)...)
		if err != nil {
			return err
		}
		c.nodes = append(c.nodes, node)
	}
	steps := []func(masters int) error{c.assignSlots, c.meet, c.replicate, c.awaitOrder}
	for _, step := range steps {
		if err := step(masters); err != nil {
			return err
		}
	}
	return nil
}

func (c *Cluster) assignSlots(masters int) error {
	for i, master := range c.nodes[:masters] {
		id, err := master.Ask("CLUSTER", "MYID")
		if err != nil {
			return err
		}
		c.ids[master] = id
		first, last := i*Slots/masters, (i+1)*Slots/masters-1
		if _, err := master.Ask("CLUSTER", "ADDSLOTSRANGE", strconv.Itoa(first), strconv.Itoa(last)); err != nil {
			return err
		}
		if _, err := master.Ask("CLUSTER", "SET-CONFIG-EPOCH", strconv.Itoa(i+1)); err != nil {
			return err
		}
	}
	return nil
}

func (c *Cluster) meet(int) error {
	for _, node := range c.nodes[1:] {
		host, port, err := net.SplitHostPort(node.Addr())
		if err != nil {
			return err
		}
		if _, err := c.nodes[0].Ask("CLUSTER", "MEET", host, port); err != nil {
			return err
		}
	}
	return nil
}

// replicate repeats itself because a node cannot follow one it has not heard of yet.
func (c *Cluster) replicate(masters int) error {
	for i, replica := range c.nodes[masters:] {
		id, err := c.nodes[i%masters].Ask("CLUSTER", "MYID")
		if err != nil {
			return err
		}
		if err := poll(func() error {
			_, err := replica.Ask("CLUSTER", "REPLICATE", id)
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

// awaitOrder waits for every node, as each has a view of the cluster of its own.
func (c *Cluster) awaitOrder(masters int) error {
	wanted := []string{
		"cluster_state:ok",
		fmt.Sprintf("cluster_known_nodes:%d", len(c.nodes)),
		fmt.Sprintf("cluster_size:%d", masters),
	}
	ports := make([]string, len(c.nodes))
	for i, node := range c.nodes {
		ports[i] = node.addr[strings.LastIndexByte(node.addr, ':')+1:]
	}
	for i, node := range c.nodes {
		if err := node.awaitFields(wanted, "CLUSTER", "INFO"); err != nil {
			return err
		}
		if err := node.awaitFields(ports, "CLUSTER", "SLOTS"); err != nil {
			return err
		}
		if i < masters {
			continue
		}
		if err := node.awaitFields([]string{"role:slave", "master_link_status:up"}, "INFO", "replication"); err != nil {
			return err
		}
	}
	return nil
}

// awaitEpoch waits until all masters are in the same epoch: who changes what belongs to whom begins another, of which the others hear.
func (c *Cluster) awaitEpoch() error {
	return poll(func() error {
		epochs := map[string]bool{}
		for _, master := range c.nodes[:c.masters] {
			lines, err := master.fields("CLUSTER", "INFO")
			if err != nil {
				return err
			}
			for line := range lines {
				if strings.HasPrefix(line, "cluster_current_epoch:") {
					epochs[line] = true
				}
			}
		}
		if len(epochs) != 1 {
			return fmt.Errorf("the masters are in several epochs: %v", epochs)
		}
		return nil
	})
}

func (s *Server) awaitFields(wanted []string, args ...string) error {
	return poll(func() error {
		lines, err := s.fields(args...)
		if err != nil {
			return err
		}
		for _, line := range wanted {
			if !lines[line] {
				return errors.New(s.addr + " does not say " + line)
			}
		}
		return nil
	})
}

// Addrs are the addresses of all nodes, masters first.
func (c *Cluster) Addrs() []string {
	addrs := make([]string, len(c.nodes))
	for i, node := range c.nodes {
		addrs[i] = node.Addr()
	}
	return addrs
}

// Node is the i-th node: the masters come first, in the order of their slots,
// then the replicas, the i-th of which follows master i modulo the masters.
func (c *Cluster) Node(i int) *Server { return c.nodes[i] }

// Stop ends all nodes. It may be called twice.
func (c *Cluster) Stop() {
	for _, node := range c.nodes {
		node.Stop()
	}
}
