package near

import "time"

// RetryEvery has it tried again at another pace to follow a driver that does not let itself be followed.
func RetryEvery(d time.Duration) Option { return func(o *options) { o.retry = d } }
