package suite

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"
	"github.com/onsi/gomega"
)

// Summary is the environment variable that names the file to which a suite adds what it has
// run, what it has left out and what it has to tell, each a line of a kind, a text and numbers
// with tabs in between. .ci/suites adds up the lines of all suites.
const Summary = "KVSTORE_SUMMARY"

// summarize says what ran and what was left out, to the file or, where there is none, what
// was left out for want of something to the terminal: go test keeps to itself what packages
// that pass have to say.
func summarize(report ginkgo.Report) {
	ran, unlabelled, missing := 0, map[string]int{}, map[string]int{}
	var lines []string
	for _, spec := range report.SpecReports.WithLeafNodeType(types.NodeTypeIt) {
		switch {
		case spec.State != types.SpecStateSkipped:
			ran++
		case spec.Failure.Message != "":
			missing[spec.Failure.Message]++
		default:
			labels := slices.Sorted(slices.Values(spec.Labels()))
			unlabelled[strings.Join(labels, " ")]++
		}
		for _, entry := range spec.ReportEntries {
			if entry.Visibility == types.ReportEntryVisibilityAlways {
				lines = append(lines, strings.TrimSpace(fmt.Sprintf("note\t%s %s", entry.Name, entry.StringRepresentation())))
			}
		}
	}
	lines = append(lines, fmt.Sprintf("ran\t%s\t%d\t%.1f\t%d", report.SuiteDescription, ran, report.RunTime.Seconds(), report.SuiteConfig.RandomSeed))
	for _, labels := range slices.Sorted(maps.Keys(unlabelled)) {
		lines = append(lines, fmt.Sprintf("unlabelled\t%s\t%d", labels, unlabelled[labels]))
	}
	for _, reason := range slices.Sorted(maps.Keys(missing)) {
		lines = append(lines, fmt.Sprintf("missing\t%s\t%d", strings.Join(strings.Fields(reason), " "), missing[reason]))
	}
	if name := os.Getenv(Summary); name != "" {
		gomega.Expect(appendTo(name, strings.Join(lines, "\n")+"\n")).To(gomega.Succeed())
		return
	}
	for reason, specs := range missing {
		fmt.Fprintf(terminal(), "\n%s: NOT RUN, %d specs: %s\n", report.SuiteDescription, specs, reason)
	}
}

// appendTo adds to a file in one write, as other suites do at the same time.
func appendTo(name, text string) error {
	file, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = file.WriteString(text)
	return errors.Join(err, file.Close())
}

// terminal is where somebody may see it.
func terminal() *os.File {
	if terminal, err := os.OpenFile("/dev/tty", os.O_WRONLY, 0); err == nil {
		return terminal
	}
	return os.Stderr
}
