package spec

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	. "github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/spec/redisserver"
	"github.com/kvstore-go/kvstore/spec/suite"
)

const (
	movedSlots  = 200
	moveWorkers = 8
)

var _ = Describe("Slots that move under load", Label(suite.Cluster, suite.Slow), func() {
	It("lose nothing, double nothing, and leave nothing half done", func() {
		slots := newMovingSlot()
		driver := redisdriver.New(slots.client)
		shelves := make([]*shelf, movedSlots)
		moves := make([]*redisserver.Move, movedSlots)
		for i := range shelves {
			t, move := slots.next()
			shelves[i], moves[i] = &shelf{prefix: t.harness.Prefix, driver: driver}, move
			gomega.Expect(shelves[i].fill()).To(gomega.Succeed())
		}

		var moved atomic.Bool
		var work sync.WaitGroup
		failures := make(chan error, moveWorkers)
		for worker := range moveWorkers {
			work.Go(func() {
				for last := false; ; last = moved.Load() {
					for i := worker; i < movedSlots; i += moveWorkers {
						if err := shelves[i].change(); err != nil {
							failures <- err
							return
						}
					}
					if last {
						return
					}
				}
			})
		}
		move := func() error {
			defer moved.Store(true)
			for i, move := range moves {
				if err := move.Begin(); err != nil {
					return err
				}
				for _, name := range shelfKeys {
					if err := move.Carry(shelves[i].prefix + name); err != nil {
						return err
					}
				}
				if err := move.End(); err != nil {
					return err
				}
			}
			return nil
		}
		err := move()
		work.Wait()
		close(failures)
		for failure := range failures {
			gomega.Expect(failure).NotTo(gomega.HaveOccurred())
		}
		gomega.Expect(err).NotTo(gomega.HaveOccurred())

		var total outcomes
		for _, s := range shelves {
			gomega.Expect(s.check()).To(gomega.Succeed())
			total.done, total.failed, total.unknown = total.done+s.done, total.failed+s.failed, total.unknown+s.unknown
		}
		AddReportEntry(fmt.Sprintf("%+v", total), ReportEntryVisibilityFailureOrVerbose)
		gomega.Expect(total.done).To(gomega.BeNumerically(">", 10*movedSlots))
		gomega.Expect(total.failed).To(gomega.BeNumerically("<", total.done/10))
	})
})

type outcomes struct{ done, failed, unknown int }

// shelf is what lies in a slot, which one worker alone changes: values that are written
// whole, all of one generation; numbers and a set that are added to; and a member that is
// moved between two sets.
type shelf struct {
	outcomes
	prefix     string
	driver     drivers.Driver
	generation int
	holds      map[string]string // what each key was last seen to hold, as stored prints it
}

var shelfKeys = []string{"set", "list", "hash", "sorted", "number", "field", "adds", "left", "right"}

func (s *shelf) key(name string) string { return s.prefix + name }

func (s *shelf) fill() error {
	s.holds = map[string]string{}
	for _, cmd := range s.commands() {
		if _, err := s.driver.Do(context.Background(), cmd); err != nil {
			return err
		}
	}
	for _, name := range shelfKeys {
		now, err := s.stored(name)
		if err != nil {
			return err
		}
		s.holds[name] = now
	}
	return nil
}

// commands are the changes to the next generation.
func (s *shelf) commands() []drivers.Command {
	s.generation++
	values := s.values()
	from, to := "left", "right"
	if s.generation > 1 && strings.Contains(s.holds["right"], "moves") {
		from, to = to, from
	}
	commands := []drivers.Command{
		{Op: drivers.OpSReplace, Key: "set", Values: values},
		{Op: drivers.OpLReplace, Key: "list", Values: values},
		{Op: drivers.OpHReplace, Key: "hash", Values: values},
		{Op: drivers.OpZReplace, Key: "sorted", Values: values, Extra: &drivers.Extra{Scores: make([]float64, len(values))}},
		{Op: drivers.OpIncrBy, Key: "number", Amount: 1, Expiry: in(hour)},
		{Op: drivers.OpHIncrBy, Key: "field", Value: "n", Amount: 1, Extra: &drivers.Extra{Max: "1000000"}},
		{Op: drivers.OpSAdd, Key: "adds", Values: values[:1], Expiry: in(hour)},
	}
	if s.generation == 1 {
		commands = append(commands, fill("left", "stays"), fill("right", "stays"), fill("right", "moves"))
	} else {
		commands = append(commands, drivers.Command{Op: drivers.OpSMove, Key: from, Extra: &drivers.Extra{Keys: []string{to}}, Value: "moves", Expiry: in(hour)})
	}
	for i := range commands {
		commands[i].Key = s.key(commands[i].Key)
		if commands[i].Keys() != nil {
			commands[i].OwnExtra().Keys = []string{s.key(to)}
		}
	}
	return commands
}

// change executes the next changes: each alone but the first two, which are one atomic batch.
func (s *shelf) change() error {
	commands := s.commands()
	b := drivers.NewBatch(commands[:2]...)
	b.Atomic = true
	err := drivers.DoBatch(context.Background(), s.driver, b)
	for i := range b.Items {
		if b.Items[i].Err != nil && err == nil {
			return fmt.Errorf("half of a batch was executed: %w", b.Items[i].Err)
		}
	}
	if err := s.learn(err, "set", "list"); err != nil {
		return err
	}
	for _, cmd := range commands[2:] {
		names := []string{strings.TrimPrefix(cmd.Key, s.prefix)}
		if cmd.Keys() != nil {
			names = []string{"left", "right"}
		}
		_, err := s.driver.Do(context.Background(), cmd)
		if err := s.learn(err, names...); err != nil {
			return err
		}
	}
	return nil
}

// learn looks at what a change that ended with err has left in the keys it is of.
func (s *shelf) learn(err error, names ...string) error {
	unknown := errors.Is(err, drivers.ErrIndeterminate)
	switch {
	case err == nil:
		s.done++
	case unknown:
		s.unknown++
	default:
		s.failed++
	}
	changed := 0
	for _, name := range names {
		now, readErr := s.stored(name)
		if readErr != nil {
			return readErr
		}
		if next := s.next(name); now == next {
			changed++
		} else if now != s.holds[name] {
			return fmt.Errorf("%s held %s and should hold %s: it holds %s, after %w", s.key(name), s.holds[name], next, now, errors.Join(errChange, err))
		}
		s.holds[name] = now
	}
	all, none := changed == len(names), changed == 0
	if (!all || err != nil && !unknown) && (!none || err == nil) {
		return fmt.Errorf("%d of %v in %s have changed, after %w", changed, names, s.prefix, errors.Join(errChange, err))
	}
	return nil
}

var errChange = errors.New("a change")

// next is what a key holds after one more change.
func (s *shelf) next(name string) string {
	before := s.holds[name]
	switch name {
	case "number", "field":
		var n int
		_, _ = fmt.Sscan(before, &n)
		return fmt.Sprint(n + 1)
	case "adds":
		members := append(strings.Fields(before), fmt.Sprintf("%d.0", s.generation))
		slices.Sort(members)
		return strings.Join(members, " ")
	case "left", "right":
		if strings.Contains(before, "moves") {
			return "stays"
		}
		return "moves stays"
	default:
		return strings.Join(s.values(), " ")
	}
}

// values are what is written whole in this generation.
func (s *shelf) values() []string {
	values := make([]string, 6)
	for i := range values {
		values[i] = fmt.Sprintf("%d.%d", s.generation, i)
	}
	return values
}

var shelfReads = map[string]drivers.Command{
	"set": {Op: drivers.OpSMembers}, "list": {Op: drivers.OpLRange, Stop: -1}, "hash": {Op: drivers.OpHGetAll},
	"sorted": {Op: drivers.OpZRange, Stop: -1}, "number": {Op: drivers.OpGet}, "field": {Op: drivers.OpHGet, Value: "n"},
	"adds": {Op: drivers.OpSMembers}, "left": {Op: drivers.OpSMembers}, "right": {Op: drivers.OpSMembers},
}

func (s *shelf) stored(name string) (string, error) {
	cmd := shelfReads[name]
	cmd.Key = s.key(name)
	reply, err := s.driver.Do(context.Background(), cmd)
	if cmd.Op == drivers.OpGet || cmd.Op == drivers.OpHGet {
		return reply.Value, err
	}
	if cmd.Op != drivers.OpLRange {
		slices.Sort(reply.Values)
	}
	return strings.Join(reply.Values, " "), err
}

// check expects the keys to hold, now that all is quiet, what they were seen to hold last.
func (s *shelf) check() error {
	for _, name := range slices.Sorted(maps.Keys(s.holds)) {
		now, err := s.stored(name)
		if err != nil {
			return err
		}
		if now != s.holds[name] {
			return fmt.Errorf("%s holds %s, and held %s", s.key(name), now, s.holds[name])
		}
	}
	return nil
}
