package oteldriver

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel/metric"

	"github.com/kvstore-go/kvstore/drivers"
)

// ObserveNear tells how a near cache does, whenever somebody collects. What is returned ends that. read is the
// Stats of a driver of package near; name tells one from others, as kvstore.near.name.
//
// kvstore.near.reads counts reads by kvstore.near.result, hit or miss; kvstore.near.evictions the keys that gave way to
// others, kvstore.near.dropped those that had changed; kvstore.near.missed how often changes may have gone by unheard, and
// kvstore.near.deaf the seconds in which they were not heard of. kvstore.near.keys and kvstore.near.size, in bytes, are what is kept now.
func ObserveNear(name string, read func() drivers.NearStats, options ...Option) (metric.Registration, error) {
	if read == nil {
		return nil, errNothingToRead
	}
	s := settingsOf(options)
	meter := s.meters.Meter(scope)
	reads, err1 := meter.Int64ObservableCounter("kvstore.near.reads", metric.WithUnit("{read}"),
		metric.WithDescription("Reads by whether they were answered from near: hit or miss."))
	evictions, err2 := meter.Int64ObservableCounter("kvstore.near.evictions", metric.WithUnit("{key}"),
		metric.WithDescription("Keys that gave way to others."))
	dropped, err3 := meter.Int64ObservableCounter("kvstore.near.dropped", metric.WithUnit("{key}"),
		metric.WithDescription("Keys that were dropped because they had changed."))
	missed, err4 := meter.Int64ObservableCounter("kvstore.near.missed", metric.WithUnit("{time}"),
		metric.WithDescription("Times that changes may have gone by unheard, and all was dropped."))
	deaf, err5 := meter.Float64ObservableCounter("kvstore.near.deaf", metric.WithUnit("s"),
		metric.WithDescription("Time in which changes were not heard of, and nothing was kept."))
	keys, err6 := meter.Int64ObservableUpDownCounter("kvstore.near.keys", metric.WithUnit("{key}"),
		metric.WithDescription("Keys that something is kept of."))
	size, err7 := meter.Int64ObservableUpDownCounter("kvstore.near.size", metric.WithUnit("By"),
		metric.WithDescription("What is kept, as it is counted against the limit."))
	if err := errors.Join(err1, err2, err3, err4, err5, err6, err7); err != nil {
		return nil, err
	}
	with := s.measurementsOf(NearNameKey.String(name))
	all, hit, miss := with(), with(nearResultKey.String("hit")), with(nearResultKey.String("miss"))
	return meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		stats := read()
		o.ObserveInt64(reads, stats.Hits, hit)
		o.ObserveInt64(reads, stats.Misses, miss)
		o.ObserveInt64(evictions, stats.Evictions, all)
		o.ObserveInt64(dropped, stats.Dropped, all)
		o.ObserveInt64(missed, stats.Missed, all)
		o.ObserveFloat64(deaf, stats.Deaf.Seconds(), all)
		o.ObserveInt64(keys, stats.Keys, all)
		o.ObserveInt64(size, stats.Bytes, all)
		return nil
	}, reads, evictions, dropped, missed, deaf, keys, size)
}
