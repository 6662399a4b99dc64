package following

// Of a driver that hears of changes by way of something that may be lost.

// Hear makes those hear from now on of whose keys covers reports every one. It reports whether
// everybody hears now.
func (h *Hub) Hear(covers func(key string) bool) (all bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	all = true
	for f := range h.all {
		if f.hears || f.err != nil {
			continue
		}
		if !every(f.keys, covers) {
			all = false
			continue
		}
		f.hears, f.heard = true, true
		f.wake()
	}
	return all
}

func every(keys []string, is func(key string) bool) bool {
	for _, key := range keys {
		if !is(key) {
			return false
		}
	}
	return true
}

// Lose makes everybody miss something, and hear of nothing until Hear.
func (h *Hub) Lose() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for f := range h.all {
		if f.hears {
			f.hears = false
			f.lose()
		}
	}
}

// Miss makes everybody who hears miss something. They hear of what comes then.
func (h *Hub) Miss() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for f := range h.all {
		if f.hears {
			f.lose()
		}
	}
}

// End ends those who do not hear with err; of these only who never have, unless it is for good.
func (h *Hub) End(err error, forGood bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for f := range h.all {
		if !f.hears && (forGood || !f.heard) {
			f.err = err
			f.wake()
		}
	}
}

// Keys are all that are followed, each once.
func (h *Hub) Keys() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	keys := make([]string, 0, len(h.of))
	for key := range h.of {
		keys = append(keys, key)
	}
	return keys
}
