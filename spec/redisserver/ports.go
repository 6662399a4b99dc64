package redisserver

import (
	"errors"
	"math/rand/v2"
	"net"
	"strconv"
	"time"
)

// A node of a cluster listens on a second port, this far above the first.
const busOffset = 10000

// Both ports of a server lie below the range (32768 and up on Linux) from which
// the kernel takes the local ports of outgoing connections, so that those cannot
// take a port between its being found free and its being used.
const firstPort, lastPort = 10100, 22000

// freePort finds a port that is free together with its bus port.
func freePort() (int, error) {
	for range 1000 {
		port := firstPort + rand.IntN(lastPort-firstPort)
		if isFree(port) && isFree(port+busOffset) {
			return port, nil
		}
	}
	return 0, errors.New("no free port found")
}

func isFree(port int) bool {
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return false
	}
	return listener.Close() == nil
}

// finalError is one that waiting longer does not cure.
type finalError struct{ error }

func final(err error) error { return finalError{err} }

// poll calls ready until it returns nil, a final error, or for startTimeout.
func poll(ready func() error) error {
	deadline := time.Now().Add(startTimeout)
	for {
		err := ready()
		var end finalError
		switch {
		case err == nil:
			return nil
		case errors.As(err, &end):
			return end.error
		case time.Now().After(deadline):
			return err
		}
		time.Sleep(pollInterval)
	}
}
