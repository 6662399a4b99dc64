package rolling

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/examples/rolling/visits"
	"github.com/kvstore-go/kvstore/spec/redisserver"
)

// program is one that runs, and counts visits.
type program struct {
	process *exec.Cmd
	lines   *bufio.Scanner
}

// start starts a program, and returns once it has counted visits of every account.
func start(t *testing.T, binary, address string) *program {
	t.Helper()
	p := &program{process: exec.Command(binary)}
	p.process.Env, p.process.Stderr = append(os.Environ(), "REDIS_ADDR="+address), os.Stderr
	output, err := p.process.StdoutPipe()
	if err == nil {
		err = p.process.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	p.lines = bufio.NewScanner(output)
	p.goOn()
	return p
}

// goOn lets it count visits of every account.
func (p *program) goOn() { p.lines.Scan() }

// stop ends it, and returns how many visits it has counted.
func (p *program) stop(t *testing.T) int {
	t.Helper()
	if err := p.process.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	last := "none"
	for p.lines.Scan() {
		last = p.lines.Text()
	}
	if err := p.process.Wait(); err != nil {
		t.Fatal("it has failed:", err)
	}
	counted, err := strconv.Atoi(last)
	if err != nil {
		t.Fatal(err)
	}
	return counted
}

// TestNothingIsLostInTwoDeployments runs programs of every age beside those of the next.
func TestNothingIsLostInTwoDeployments(t *testing.T) {
	expect := NewWithT(t)
	server, err := redisserver.Start()
	if redisserver.MayBeLeftOut(err) {
		t.Skip("left out, because there is no redis-server:", err)
	}
	expect.Expect(err).NotTo(HaveOccurred())
	t.Cleanup(server.Stop)
	client := redis.NewClient(&redis.Options{Addr: server.Addr()})
	t.Cleanup(func() { _ = client.Close() })
	binaries := t.TempDir()
	build, err := exec.Command("go", "build", "-o", binaries+string(filepath.Separator), "./old", "./bridge", "./newest").CombinedOutput()
	expect.Expect(err).NotTo(HaveOccurred(), string(build))

	counted := 0
	run := func(name string) *program { return start(t, filepath.Join(binaries, name), server.Addr()) }
	old := []*program{run("old"), run("old")}

	// The first deployment: one after the other.
	var bridges []*program
	for _, before := range old {
		bridges = append(bridges, run("bridge"))
		before.goOn()
		counted += before.stop(t)
	}

	// The second.
	var newest []*program
	for _, before := range bridges {
		newest = append(newest, run("newest"))
		before.goOn()
		counted += before.stop(t)
	}

	migrate := exec.Command(filepath.Join(binaries, "newest"), "-migrate")
	migrate.Env = append(os.Environ(), "REDIS_ADDR="+server.Addr())
	output, err := migrate.CombinedOutput()
	expect.Expect(err).NotTo(HaveOccurred(), string(output))
	for _, program := range newest {
		counted += program.stop(t)
	}

	found := 0
	for i := range visits.Accounts {
		text, err := client.Get(context.Background(), "accounts:"+strconv.Itoa(i)).Result()
		expect.Expect(err).NotTo(HaveOccurred())
		var account struct {
			First, Last, Mail string
			Visits            int
		}
		expect.Expect(json.Unmarshal([]byte(text), &account)).To(Succeed())
		expect.Expect(account.First + " " + account.Last).To(Equal("Ada Lovelace"))
		expect.Expect(account.Mail == "").To(Equal(i == 0), "what only the newest form has is not lost")
		found += account.Visits
	}
	expect.Expect(found).To(Equal(counted))
	expect.Expect(found).To(BeNumerically(">", 6*visits.Accounts))
}
