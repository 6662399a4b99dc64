package api

import (
	"context"
	"log/slog"
	"net/http"
	"time"
)

// Timeout is how long a request may take in all; storage is told by the context.
const Timeout = 5 * time.Second

// limited bounds what a request may send and how long it may take.
func limited(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), Timeout)
		defer cancel()
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// logged writes a line for every request, under the route's pattern rather than
// its path, so that the lines can be counted by route.
func logged(next http.Handler, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		recorder := &statusRecorder{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(recorder, r)
		log.InfoContext(r.Context(), "request",
			"method", r.Method, "route", r.Pattern, "status", recorder.status, "took", time.Since(began))
	})
}

// statusRecorder remembers the status of an answer.
type statusRecorder struct {
	http.ResponseWriter
	status int
}

func (s *statusRecorder) WriteHeader(status int) {
	s.status = status
	s.ResponseWriter.WriteHeader(status)
}

// Unwrap gives http.ResponseController, and MaxBytesReader, the writer inside.
func (s *statusRecorder) Unwrap() http.ResponseWriter { return s.ResponseWriter }
