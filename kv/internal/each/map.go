// Package each makes values of values. It is for what every program links, which samber/lo is not: that makes the
// letter cases of all languages before main, whether they are asked for or not.
package each

// Map returns of of each of values.
func Map[T, R any](values []T, of func(T) R) []R {
	all := make([]R, len(values))
	for i, value := range values {
		all[i] = of(value)
	}
	return all
}
