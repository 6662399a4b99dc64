// Package redisvalue computes with values as Redis 7.0 does, bit for bit: what a HyperLogLog
// is made of and counts, where a position lies and how far it is from another, how ids of
// streams are written and follow each other, what comes of adding numbers in 64 bits or in a
// long double, and how integers lie in a string. It knows neither commands nor replies. What it
// refuses it says why; which class of error that is, is up to package drivers.
package redisvalue
