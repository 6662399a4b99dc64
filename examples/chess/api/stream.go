package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"net/http"
	"time"

	"github.com/kvstore-go/kvstore/kv"
)

// stream is what a request is answered with event by event, or why it is not. The events end with its context.
type stream func(r *http.Request) (iter.Seq2[event, error], error)

// event is sent to a browser under its name, by which an EventSource listens for it.
type event struct {
	name string
	data any
}

// events makes an event of each thing that is followed.
func events[T any](followed iter.Seq2[T, error], eventOf func(T) event) iter.Seq2[event, error] {
	return func(yield func(event, error) bool) {
		for value, err := range followed {
			if !yield(eventOf(value), err) {
				return
			}
		}
	}
}

// streamed sends the events of a stream until the browser goes, or ctx ends. A browser connects anew by
// itself, to whichever server there is then, and is told what is there.
func streamed(ctx context.Context, s stream, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		streaming, stop := context.WithCancel(r.Context())
		defer stop()
		defer context.AfterFunc(ctx, stop)()
		r = r.WithContext(streaming)
		followed, err := s(r)
		if err != nil {
			failure(r, err, log).write(w, r, log)
			return
		}
		w.Header().Set("Content-Type", "text/event-stream")
		w.Header().Set("Cache-Control", "no-store")
		if err := send(w, followed, log); err != nil && streaming.Err() == nil {
			log.WarnContext(streaming, "a stream ended", "path", r.URL.Path, "error", err)
		}
	})
}

// send sends events, each at once, until they end.
func send(w http.ResponseWriter, followed iter.Seq2[event, error], log *slog.Logger) error {
	// The limits of the server are those of a request that is answered at once.
	connection := http.NewResponseController(w)
	if err := errors.Join(connection.SetReadDeadline(time.Time{}), connection.Flush()); err != nil {
		return err
	}
	for next, err := range followed {
		switch {
		case errors.Is(err, kv.ErrMissed): // what is there now comes next
			continue
		case errors.Is(err, kv.ErrCorrupt): // of one game
			log.Warn("a stream passes over what is damaged", "error", err)
			continue
		case errors.Is(err, kv.ErrNotFound):
			next, err = event{"gone", nil}, nil
		}
		if err != nil {
			return err
		}
		data, err := json.Marshal(next.data)
		if err != nil {
			return err
		}
		if err := connection.SetWriteDeadline(time.Now().Add(Timeout)); err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "event: %s\ndata: %s\n\n", next.name, data); err != nil {
			return err
		}
		if err := connection.Flush(); err != nil {
			return err
		}
	}
	return nil
}
