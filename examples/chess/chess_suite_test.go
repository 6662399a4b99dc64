package main

import (
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

func TestChess(t *testing.T) {
	RegisterFailHandler(Fail)
	// A shutdown waits for connections on which nothing was sent yet for up to 5 seconds.
	SetDefaultEventuallyTimeout(10 * time.Second)
	RunSpecs(t, "the chess program")
}
