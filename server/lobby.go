package server

// lobby has the rooms of a node that answer, by game and by how many of their seats are
// taken, so that a join looks at a few of ten thousand rooms. Guarded by node.mu.
type lobby map[string][][]*host // by game, then by host.taken; a bucket has no order

// outside is the place of a host that is in no bucket.
const outside = -1

// put lets joiners see a room.
func (l lobby) put(h *host) {
	game := h.game.Name()
	for len(l[game]) <= h.taken {
		l[game] = append(l[game], nil)
	}
	bucket := &l[game][h.taken]
	h.place = len(*bucket)
	*bucket = append(*bucket, h)
}

// remove hides a room, if it was seen.
func (l lobby) remove(h *host) {
	if h.place == outside {
		return
	}
	bucket := &l[h.game.Name()][h.taken]
	last := len(*bucket) - 1
	(*bucket)[h.place] = (*bucket)[last]
	(*bucket)[h.place].place = h.place
	(*bucket)[last] = nil
	*bucket = (*bucket)[:last]
	h.place = outside
}

// taken moves a room to where its taken seats put it.
func (l lobby) taken(h *host, seats int) {
	if h.place == outside {
		h.taken = seats
		return
	}
	l.remove(h)
	h.taken = seats
	l.put(h)
}

// best returns the fullest room of a game with more free seats than reservations under
// way, so that players meet and nobody is promised a seat twice. contested says that
// another room has free seats, but no more of them than that.
func (l lobby) best(game string, seats int) (best *host, contested bool) {
	buckets := l[game]
	for taken := min(seats, len(buckets)) - 1; taken >= 0; taken-- {
		for _, h := range buckets[taken] {
			if seats-taken > h.joining {
				return h, contested
			}
			contested = true
		}
	}
	return nil, contested
}

// fullest calls visit for rooms of a game, the fullest first, until it returns false.
func (l lobby) fullest(game string, visit func(*host) bool) {
	buckets := l[game]
	for taken := len(buckets) - 1; taken >= 0; taken-- {
		for _, h := range buckets[taken] {
			if !visit(h) {
				return
			}
		}
	}
}
