package main

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gbytes"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/spec/redisserver"
	"github.com/kvstore-go/kvstore/spec/suite"
)

const user = "/users/6f1c2b1e-7d43-4b0e-9d0a-0f8e5a3c2d11"

// Connections that are kept, or opened and not used, would hold up a shutdown.
var browser = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

// start runs the program until its context ends, and returns where it listens and
// what it ends with.
func start(ctx context.Context, args ...string) (url string, ended <-chan error) {
	GinkgoHelper()
	log := gbytes.NewBuffer()
	end := make(chan error, 1)
	go func() {
		end <- run(ctx, append(args, "-listen", "127.0.0.1:0"), io.Discard, io.MultiWriter(log, GinkgoWriter))
	}()
	Eventually(log).Should(gbytes.Say("msg=listening address="))
	address := strings.Fields(string(log.Contents()[bytes.Index(log.Contents(), []byte("address="))+len("address="):]))[0]
	return "http://" + address, end
}

func put(url string) (status int) {
	GinkgoHelper()
	body := `{"role": "visitor", "name": "Ann", "email": "ann@example.com"}`
	request, err := http.NewRequest("PUT", url+user, strings.NewReader(body))
	Expect(err).NotTo(HaveOccurred())
	request.Header.Set("Content-Type", "application/json")
	response, err := browser.Do(request)
	Expect(err).NotTo(HaveOccurred())
	defer response.Body.Close()
	return response.StatusCode
}

var _ = Describe("The program", func() {
	It("serves from memory and forgets when it ends", func(ctx SpecContext) {
		for range 2 {
			running, stop := context.WithCancel(ctx)
			url, ended := start(running)
			Expect(put(url)).To(Equal(http.StatusCreated))
			Expect(put(url)).To(Equal(http.StatusConflict))
			stop()
			Eventually(ended).Should(Receive(BeNil()))
			_, err := browser.Get(url + user)
			Expect(err).To(HaveOccurred())
		}
	})

	DescribeTable("serves from Redis, which remembers", func(ctx SpecContext, serve func() (string, func(), error)) {
		addresses, stop, err := serve()
		if redisserver.MayBeLeftOut(err) {
			Skip("left out: " + err.Error())
		}
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(stop)
		for _, status := range []int{http.StatusCreated, http.StatusConflict} {
			running, stop := context.WithCancel(ctx)
			url, ended := start(running, "-redis", addresses)
			Expect(put(url)).To(Equal(status))
			stop()
			Eventually(ended).Should(Receive(BeNil()))
		}
	},
		Entry("standalone", func() (string, func(), error) {
			server, err := redisserver.Start()
			if err != nil {
				return "", nil, err
			}
			return server.Addr(), server.Stop, nil
		}),
		Entry("as a cluster", Label(suite.Cluster), func() (string, func(), error) {
			cluster, err := redisserver.StartCluster(3, 0)
			if err != nil {
				return "", nil, err
			}
			return strings.Join(cluster.Addrs(), ","), cluster.Stop, nil
		}),
	)

	It("tells the browsers of one what is played at another, and ends with them still there", func(ctx SpecContext) {
		server, err := redisserver.Start()
		if redisserver.MayBeLeftOut(err) {
			Skip("left out: " + err.Error())
		}
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(server.Stop)
		running, stop := context.WithCancel(ctx)
		here, hereEnded := start(running, "-redis", server.Addr())
		there, thereEnded := start(running, "-redis", server.Addr())
		lobby, err := browser.Get(here + "/games/events")
		Expect(err).NotTo(HaveOccurred())
		defer lobby.Body.Close()
		heard := gbytes.BufferReader(lobby.Body)

		created, err := browser.Post(there+"/games", "application/json", strings.NewReader(`{
			"white": {"uuid": "6f1c2b1e-7d43-4b0e-9d0a-0f8e5a3c2d11", "name": "Ann", "type": "human"},
			"black": {"uuid": "9b0d7c52-3b64-4f0c-8a43-1f4f2f0f6c22", "name": "Bob", "type": "human"}}`))
		Expect(err).NotTo(HaveOccurred())
		Expect(created.Body.Close()).To(Succeed())
		path := created.Header.Get("Location")
		Eventually(heard).Should(gbytes.Say("event: enters\ndata: .*" + strings.TrimPrefix(path, "/games/")))

		connect, err := http.NewRequest("PUT", there+path+"/connections/6f1c2b1e-7d43-4b0e-9d0a-0f8e5a3c2d11", nil)
		Expect(err).NotTo(HaveOccurred())
		connected, err := browser.Do(connect)
		Expect(err).NotTo(HaveOccurred())
		Expect(connected.Body.Close()).To(Succeed())
		Eventually(heard).Should(gbytes.Say("event: changes\ndata: .*\"connected\":true"))

		stop()
		for _, ended := range []<-chan error{hereEnded, thereEnded} {
			Eventually(ended).Should(Receive(BeNil()))
		}
		Eventually(heard.Closed).Should(BeTrue())
	})

	It("says why it cannot start", func(ctx SpecContext) {
		taken, err := net.Listen("tcp", "127.0.0.1:0")
		Expect(err).NotTo(HaveOccurred())
		Expect(run(ctx, []string{"-listen", taken.Addr().String()}, io.Discard, GinkgoWriter)).
			To(MatchError(ContainSubstring("address already in use")))
		Expect(taken.Close()).To(Succeed())
		Expect(run(ctx, []string{"-redis", taken.Addr().String()}, io.Discard, GinkgoWriter)).
			To(MatchError(ContainSubstring("connection refused")))
		Expect(run(ctx, []string{"-nonsense"}, io.Discard, GinkgoWriter)).To(MatchError(ContainSubstring("nonsense")))
	})

	It("draws its schema", func(ctx SpecContext) {
		out := gbytes.NewBuffer()
		Expect(run(ctx, []string{"-schema"}, out, GinkgoWriter)).To(Succeed())
		for _, name := range []string{"auth", "users", "games", "replays", "stats", "testing", "suites"} {
			Expect(string(out.Contents())).To(ContainSubstring(name))
		}
	})
})

var _ = Describe("A shutdown", func() {
	It("lets requests in progress end, takes no new ones, and only then closes storage", func(ctx SpecContext) {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		Expect(err).NotTo(HaveOccurred())
		url := "http://" + listener.Addr().String()
		storage, err := openStorage("")
		Expect(err).NotTo(HaveOccurred())
		arrived, leave := make(chan struct{}), make(chan struct{})
		slow := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			close(arrived)
			<-leave
			if _, err := storage.driver.Do(r.Context(), drivers.Command{Op: drivers.OpExists, Key: "x"}); err != nil {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
		})
		running, stop := context.WithCancel(ctx)
		ended := make(chan error, 1)
		go func() { ended <- serve(running, listener, slow, slog.New(slog.NewTextHandler(GinkgoWriter, nil))) }()

		answered := make(chan int, 1)
		go func() {
			defer GinkgoRecover()
			response, err := browser.Get(url)
			Expect(err).NotTo(HaveOccurred())
			defer response.Body.Close()
			answered <- response.StatusCode
		}()
		Eventually(arrived).Should(BeClosed())
		stop()
		Eventually(func() error {
			conn, err := net.DialTimeout("tcp", listener.Addr().String(), time.Second)
			if err == nil {
				err = conn.Close()
			}
			return err
		}).Should(HaveOccurred())
		Expect(ended).NotTo(Receive())
		close(leave)
		Eventually(answered).Should(Receive(Equal(http.StatusOK)))
		Eventually(ended).Should(Receive(BeNil()))

		Expect(storage.close()).To(Succeed())
		_, err = storage.driver.Do(ctx, drivers.Command{Op: drivers.OpExists, Key: "x"})
		Expect(err).To(MatchError(drivers.ErrClosed))
	})
})
