package kv_test

import (
	"context"
	"fmt"

	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
)

func ExampleGeoFieldOf() {
	ctx := context.Background()
	cities := kv.MustOpen(kv.Geo(), memory.New(), kv.At("cities"))

	fmt.Println(cities.Add(ctx,
		kv.Located[string]{Member: "Palermo", Position: kv.Position{Longitude: 13.361389, Latitude: 38.115556}},
		kv.Located[string]{Member: "Catania", Position: kv.Position{Longitude: 15.087269, Latitude: 37.502669}},
	))
	apart, err := cities.Distance(ctx, "Palermo", "Catania")
	fmt.Printf("%.1f km %v\n", apart/kv.Kilometre, err)

	near, err := cities.Search(ctx, kv.Position{Longitude: 15, Latitude: 37}, kv.Circle(200*kv.Kilometre))
	for _, city := range near {
		fmt.Printf("%s %.1f km\n", city.Member, city.Distance/kv.Kilometre)
	}
	fmt.Println(err)
	farthest, _ := cities.SearchAround(ctx, "Palermo", kv.Box(400*kv.Kilometre, 400*kv.Kilometre).Farthest().Limit(1))
	fmt.Println(farthest[0].Member)
	// Output:
	// 2 <nil>
	// 166.3 km <nil>
	// Catania 56.4 km
	// Palermo 190.4 km
	// <nil>
	// Catania
}
