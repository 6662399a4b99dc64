// Package api is the HTTP face of the platform: JSON in and out, net/http's own
// patterns, and one place that turns errors into statuses. Handlers read a
// request, call one service and name the answer.
package api
