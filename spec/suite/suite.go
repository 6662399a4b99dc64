// Package suite runs the project's own suites: each package has one, and they all begin with
//
//	func TestSpec(t *testing.T) {
//		redis.SetLogger(suite.Log{})
//		suite.Run(t, "kvstore")
//	}
//
// A suite runs its specs in random order, ends a spec that hangs, prints no more than what
// there is to know, and says at the end what it has run and what it has left out.
package suite

import (
	"cmp"
	"context"
	"io"
	"os"
	"testing"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/formatter"
	"github.com/onsi/gomega"
)

// Labels is the environment variable that says by labels which specs run, in the language of
// Ginkgo's --label-filter: "!cluster && !slow". Without it all do. It is no flag, so that it
// may be said to packages together, of which some have no such suite.
const Labels = "KVSTORE_LABELS"

// The labels of what takes longer than it is worth each time. What has none runs always.
const (
	Memory     = "memory"
	Redis      = "redis"      // a server alone
	Cluster    = "cluster"    // of servers
	RESP2      = "resp2"      // the older protocol
	Batches    = "batches"    // what has been shown of a command alone, of a batch of one
	Expired    = "expired"    // what has been shown where nothing is, where something has expired
	Middleware = "middleware" // what has been shown of a driver, of one that does nothing but pass it on
	Slow       = "slow"       // more than a second or so
)

// Patience is how long a spec, or another node of Ginkgo's, may take. It is not a matter of
// how fast a machine is: the longest takes a twentieth of that where two share a core.
const Patience = 10 * time.Minute

// eventually is how long a spec waits for what should come by itself: it is to tell what never comes, on
// a machine however busy, and judges nothing by time. So no spec says anything else, unless it does judge.
const eventually = time.Minute

// Run is the test of a package that runs its specs.
func Run(t *testing.T, description string) {
	gomega.RegisterFailHandler(ginkgo.Fail)
	gomega.SetDefaultEventuallyTimeout(eventually)
	gomega.EnforceDefaultTimeoutsWhenUsingContexts()
	config, output := ginkgo.GinkgoConfiguration()
	config.RandomizeAllSpecs = true
	config.LabelFilter = cmp.Or(config.LabelFilter, os.Getenv(Labels))
	config.FailOnPending = true
	config.Timeout = 0
	output.SilenceSkips = true
	if !isTerminal(os.Stdout) {
		output.NoColor = true
		formatter.ColorableStdOut = dotless{os.Stdout}
	}
	ginkgo.ReportAfterSuite("a summary", summarize)
	ginkgo.RunSpecs(t, description, config, output, ginkgo.AroundNode(endWhatHangs))
}

// endWhatHangs interrupts a node that does not end: Ginkgo then says where it is, cleans up
// and fails.
func endWhatHangs(ctx context.Context, body func(context.Context)) {
	impatient := time.AfterFunc(Patience, func() {
		self, err := os.FindProcess(os.Getpid())
		if err == nil {
			err = self.Signal(os.Interrupt)
		}
		if err != nil {
			panic("a spec hangs, and cannot be interrupted: " + err.Error())
		}
	})
	defer impatient.Stop()
	body(ctx)
}

func isTerminal(file *os.File) bool {
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// dotless leaves out the dots that Ginkgo prints, one for each spec that passes: a log is
// read for those that do not.
type dotless struct{ io.Writer }

func (out dotless) Write(text []byte) (int, error) {
	if string(text) == "•" {
		return len(text), nil
	}
	return out.Writer.Write(text)
}

// Log is a logger for the clients of servers: what they say, of broken connections above all,
// is shown with the spec that fails.
//
//	redis.SetLogger(suite.Log{})
type Log struct{}

// Printf is what go-redis asks of a logger.
func (Log) Printf(_ context.Context, format string, values ...any) {
	ginkgo.GinkgoWriter.Printf("the client: "+format+"\n", values...)
}
