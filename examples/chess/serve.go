package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/kvstore-go/kvstore/examples/chess/api"
)

// drainTimeout is how long requests in progress may take to end at a shutdown. It
// is longer than any request may take.
const drainTimeout = 2 * api.Timeout

// serve answers requests until ctx ends; then it takes no new ones, and returns
// when those in progress are answered.
func serve(ctx context.Context, listener net.Listener, handler http.Handler, log *slog.Logger) error {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 2 * time.Second,
		ReadTimeout:       api.Timeout,
		WriteTimeout:      2 * api.Timeout, // from the end of the header: there has to be time for an error
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	drained := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		log.Info("draining")
		patience, cancel := context.WithTimeout(context.Background(), drainTimeout)
		defer cancel()
		drained <- server.Shutdown(patience)
	})
	err := server.Serve(listener)
	if stop() || !errors.Is(err, http.ErrServerClosed) { // it ended by itself
		return err
	}
	if err := <-drained; err != nil {
		return errors.Join(err, server.Close())
	}
	return nil
}
