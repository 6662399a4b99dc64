package cookbook_test

import (
	"context"
	"crypto/tls"
	"log"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/kv"
)

// overTLS is a client of one server that asks for TLS and a user's password.
func overTLS(addr, user, password string) redis.UniversalClient {
	return redis.NewClient(&redis.Options{
		Addr:                  addr,
		Username:              user,
		Password:              password,
		TLSConfig:             &tls.Config{MinVersion: tls.VersionTLS12}, // RootCAs, Certificates
		ContextTimeoutEnabled: true,
	})
}

// ofSentinel is a client of whichever server the Sentinels call the master.
func ofSentinel(sentinels []string, master string) redis.UniversalClient {
	return redis.NewFailoverClient(&redis.FailoverOptions{
		SentinelAddrs:         sentinels,
		MasterName:            master,
		ContextTimeoutEnabled: true,
	})
}

// ofCluster is a client of a cluster, given options that serve for all kinds of clients. Those
// do not have all that a cluster's have.
func ofCluster(options redis.UniversalOptions) redis.UniversalClient {
	cluster := options.Cluster()
	cluster.ContextTimeoutEnabled = true
	cluster.ClusterStateReloadInterval = time.Second // to learn of a failover
	return redis.NewClusterClient(cluster)
}

// openOn opens the shop on any of them, and looks first whether it keeps what is promised.
func openOn(ctx context.Context, client redis.UniversalClient) (ShopView, error) {
	findings, err := redisdriver.Check(ctx, client)
	if err != nil {
		return ShopView{}, err
	}
	for _, finding := range findings {
		log.Print(finding)
	}
	return kv.Open(kv.Colocated(Shop.As[ShopView]()), redisdriver.New(client))
}
