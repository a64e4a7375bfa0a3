package server

import (
	"crypto/rand"
	"time"

	"github.com/roomtick/roomtick/sim"
)

// spectate signs a token for watching a room: the one wished for, else the one of its kind
// with the most players. It holds no seat.
func (n *node) spectate(w wish) (grant, error) {
	rooms, full := n.watchable(&w)
	wait := time.Duration(-1)
	for _, h := range rooms {
		later := h.room.WatchableIn()
		if later == 0 {
			return n.tokenToWatch(h, w.who), nil
		}
		if wait < 0 || later < wait {
			wait = later
		}
	}
	switch {
	case full:
		return grant{}, galleryFull()
	case wait < 0 && w.room != "":
		return grant{}, unknownRoom()
	}
	return grant{}, nothingToWatch(max(wait, watchAgain))
}

// maxWatchable bounds how many rooms are asked whether they can be watched. Only those
// that have just begun cannot.
const maxWatchable = 64

// watchable returns the rooms with a place for a spectator, the fullest first. full says
// that another has none.
func (n *node) watchable(w *wish) (rooms []*host, full bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	places := w.game.Config().MaxSpectators
	visit := func(h *host) bool {
		if !w.fits(h) || !h.opens(w.password) {
			return true
		}
		if h.room.Info().Spectators >= places {
			full = true
		} else {
			rooms = append(rooms, h)
		}
		return len(rooms) < maxWatchable
	}
	if w.room == "" {
		n.shelves.fullest(w.kind(), visit)
	} else if h := n.hosted[w.room]; h != nil && h.game == w.game && !h.private {
		visit(h)
	}
	return rooms, full
}

// watchAgain is when to ask again where nobody plays yet.
const watchAgain = 2 * time.Second

// tokenToWatch is a seat token without a seat.
func (n *node) tokenToWatch(h *host, who joiner) grant {
	c := claims{
		Room: h.owner.Room, Node: n.id, Seat: sim.NoSeat,
		Player: who.id, Nonce: rand.Text(),
		EpochFloor: h.owner.Epoch, Expires: time.Now().Add(seatTokenLife), Until: who.until,
	}
	return grant{room: c.Room, token: n.tokens.sign(c), expires: c.Expires}
}
