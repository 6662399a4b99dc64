package oteldriver

import (
	"context"
	"errors"
	"slices"

	"go.opentelemetry.io/otel/metric"

	"github.com/kvstore-go/kvstore/drivers"
)

// ObservePool measures the connections of a driver whenever metrics are collected, under the name that is to
// tell its pool from others. Unregister ends it. A driver without connections, as memory, is errors.ErrUnsupported.
func ObservePool(name string, driver drivers.Driver, options ...Option) (metric.Registration, error) {
	if _, err := drivers.Pool(driver); err != nil {
		return nil, err
	}
	s := settingsOf(options)
	meter := s.meters.Meter(scope)
	connections, err1 := meter.Int64ObservableUpDownCounter("db.client.connection.count",
		metric.WithUnit("{connection}"), metric.WithDescription("The number of connections that are in a state."))
	timeouts, err2 := meter.Int64ObservableCounter("db.client.connection.timeouts",
		metric.WithUnit("{timeout}"), metric.WithDescription("How often somebody waited in vain for a connection."))
	waits, err3 := meter.Int64ObservableCounter("kvstore.client.connection.waits",
		metric.WithUnit("{wait}"), metric.WithDescription("How often somebody had to wait for a connection."))
	waited, err4 := meter.Float64ObservableCounter("kvstore.client.connection.waited",
		metric.WithUnit("s"), metric.WithDescription("How long all together waited for a connection."))
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return nil, err
	}
	of := append(slices.Clone(s.attributes), PoolNameKey.String(name))
	pool := metric.WithAttributes(of...)
	used := metric.WithAttributes(append(slices.Clip(of), ConnectionStateKey.String("used"))...)
	idle := metric.WithAttributes(append(slices.Clip(of), ConnectionStateKey.String("idle"))...)
	return meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		stats, err := drivers.Pool(driver)
		if err != nil {
			return err
		}
		o.ObserveInt64(connections, int64(stats.InUse), used)
		o.ObserveInt64(connections, int64(stats.Idle), idle)
		o.ObserveInt64(timeouts, stats.Timeouts, pool)
		o.ObserveInt64(waits, stats.Waits, pool)
		o.ObserveFloat64(waited, stats.Waited.Seconds(), pool)
		return nil
	}, connections, timeouts, waits, waited)
}
