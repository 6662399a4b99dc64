package oteldriver

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel/metric"

	"github.com/kvstore-go/kvstore/drivers"
)

// errNothingToRead is that of a function which is nil.
var errNothingToRead = drivers.Errorf(drivers.ErrInvalid, "nothing to read the measurements from: the function is nil")

// ObservePool tells how the connections of a client are used, whenever somebody collects. What is returned
// ends that. read is the Pool of a driver, such as redisdriver's; name tells one client from others.
//
// Of OpenTelemetry's conventions are db.client.connection.count by db.client.connection.state, which is
// idle or used, db.client.connection.pending_requests and db.client.connection.timeouts. Beside them
// kvstore.connection.waits counts the callers that had to wait for a connection, and
// kvstore.connection.waited the seconds they did; kvstore.retries counts what the driver sent again.
func ObservePool(name string, read func() drivers.Pool, options ...Option) (metric.Registration, error) {
	if read == nil {
		return nil, errNothingToRead
	}
	s := settingsOf(options)
	meter := s.meters.Meter(scope)
	count, err1 := meter.Int64ObservableUpDownCounter("db.client.connection.count", metric.WithUnit("{connection}"),
		metric.WithDescription("Connections by what they are: idle or used."))
	pending, err2 := meter.Int64ObservableUpDownCounter("db.client.connection.pending_requests", metric.WithUnit("{request}"),
		metric.WithDescription("Callers that wait for a connection."))
	timeouts, err3 := meter.Int64ObservableCounter("db.client.connection.timeouts", metric.WithUnit("{timeout}"),
		metric.WithDescription("Callers that waited for a connection in vain."))
	waits, err4 := meter.Int64ObservableCounter("kvstore.connection.waits", metric.WithUnit("{request}"),
		metric.WithDescription("Callers that had to wait for a connection."))
	waited, err5 := meter.Float64ObservableCounter("kvstore.connection.waited", metric.WithUnit("s"),
		metric.WithDescription("Time that callers waited for a connection."))
	retries, err6 := meter.Int64ObservableCounter("kvstore.retries", metric.WithUnit("{retry}"),
		metric.WithDescription("What a driver sent again, as slots or masters were on the move."))
	if err := errors.Join(err1, err2, err3, err4, err5, err6); err != nil {
		return nil, err
	}
	with := s.measurementsOf(PoolNameKey.String(name))
	all, used, idle := with(), with(connectionStateKey.String("used")), with(connectionStateKey.String("idle"))
	return meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		pool := read()
		o.ObserveInt64(count, pool.InUse, used)
		o.ObserveInt64(count, pool.Idle, idle)
		o.ObserveInt64(pending, pool.Pending, all)
		o.ObserveInt64(timeouts, pool.Timeouts, all)
		o.ObserveInt64(waits, pool.Waits, all)
		o.ObserveFloat64(waited, pool.Waited.Seconds(), all)
		o.ObserveInt64(retries, pool.Retries, all)
		return nil
	}, count, pending, timeouts, waits, waited, retries)
}
