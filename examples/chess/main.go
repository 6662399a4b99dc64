// Command chess is a chess platform as a small HTTP service: live games, replays,
// statistics, users and test suites, kept in memory or in Redis by package kv.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"syscall"

	"github.com/kvstore-go/kvstore/examples/chess/api"
	"github.com/kvstore-go/kvstore/examples/chess/platform"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "chess:", err)
		os.Exit(1)
	}
}

// run is the program: it ends when ctx does.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	flags := flag.NewFlagSet("chess", flag.ContinueOnError)
	flags.SetOutput(stderr)
	listen := flags.String("listen", "localhost:8080", "`host:port` to serve HTTP on")
	redis := flags.String("redis", "", "`host:port` of a Redis to keep everything in, or several of a cluster, separated by commas; in memory without it")
	migrate := flags.Bool("migrate", false, "rewrite what is stored in older forms, while others serve, and end")
	schema := flags.Bool("schema", false, "print what is stored under which keys, and end")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *schema {
		_, err := io.WriteString(stdout, platform.DrawSchema())
		return err
	}
	log := slog.New(slog.NewTextHandler(stderr, nil))
	storage, err := openStorage(*redis)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, storage.close()) }()
	chess, err := platform.New(storage.driver)
	if err != nil {
		return err
	}
	if err := chess.Ping(ctx); err != nil {
		return fmt.Errorf("storage: %w", err)
	}
	if *migrate {
		done, err := chess.Migrate(ctx, func(path string, err error) { log.Warn("left as it is", "key", path, "error", err) })
		log.Info("migrated", "rewritten", done.Rewritten, "current", done.Current, "refused", done.Refused)
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", *listen)
	if err != nil {
		return err
	}
	log.Info("listening", "address", listener.Addr().String(), "storage", storage.name)
	defer log.Info("stopped")
	return serve(ctx, listener, api.New(ctx, chess, log), log)
}
