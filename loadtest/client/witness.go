package client

import "sync"

// witnessed is how many hashes a Witness remembers: bots hash once a second, so this
// is seconds of thousands of bots. The oldest is forgotten when full.
const witnessed = 1 << 14

// Witness compares the hashes of bots that see the same group: all must agree, even
// if the server were to accept anything. Safe from any goroutine.
type Witness struct {
	mu     sync.Mutex // guards the following
	hashes map[sighting]uint32
	order  []sighting // ring of the keys, oldest at next once it is full
	next   int
	agreed int64
}

type sighting struct {
	room       string
	slot, tick uint32
}

// NewWitness returns a witness that has seen nothing.
func NewWitness() *Witness {
	return &Witness{hashes: make(map[sighting]uint32)}
}

// Agreed returns how many hashes were equal to one seen before.
func (w *Witness) Agreed() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.agreed
}

// testify notes the hash of a group at a tick. If another bot had a different one it
// returns that and false.
func (w *Witness) testify(room string, slot, tick, hash uint32) (other uint32, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	key := sighting{room, slot, tick}
	if seen, known := w.hashes[key]; known {
		if seen == hash {
			w.agreed++
		}
		return seen, seen == hash
	}
	w.hashes[key] = hash
	if len(w.order) < witnessed {
		w.order = append(w.order, key)
		return hash, true
	}
	delete(w.hashes, w.order[w.next])
	w.order[w.next] = key
	w.next = (w.next + 1) % witnessed
	return hash, true
}
