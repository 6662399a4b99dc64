package spec

import "time"

// Impatiently does what is to fail, without waiting as long as on a busy machine for what
// does not come.
func Impatiently(do func()) {
	patient := patience
	defer func() { patience = patient }()
	patience = time.Second
	do()
}
