package server

import (
	"crypto/rand"
	"time"

	"github.com/google/uuid"

	"github.com/roomtick/roomtick/sim"
)

// spectate signs a token for watching a room: roomID if it is given, else the one of the
// game with the most players. It holds no seat. The error is a *Problem.
func (n *node) spectate(game *sim.Definition, roomID string) (grant, error) {
	if game.Config().MaxSpectators == 0 {
		return grant{}, noSpectators(game.Name())
	}
	rooms, full := n.watchable(game, roomID)
	wait := time.Duration(-1)
	for _, h := range rooms {
		later := h.room.WatchableIn()
		if later == 0 {
			return n.ticketToWatch(h), nil
		}
		if wait < 0 || later < wait {
			wait = later
		}
	}
	switch {
	case full:
		return grant{}, galleryFull()
	case wait < 0 && roomID != "":
		return grant{}, unknownRoom()
	}
	return grant{}, nothingToWatch(max(wait, watchAgain))
}

// maxWatchable bounds how many rooms are asked whether they can be watched. Only those
// that have just begun cannot.
const maxWatchable = 64

// watchable returns the rooms with a place for a spectator, the fullest first. full says
// that another has none.
func (n *node) watchable(game *sim.Definition, roomID string) (rooms []*host, full bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	places := game.Config().MaxSpectators
	visit := func(h *host) bool {
		if h.room.Info().Spectators >= places {
			full = true
		} else {
			rooms = append(rooms, h)
		}
		return len(rooms) < maxWatchable
	}
	if roomID == "" {
		n.lobby.fullest(game.Name(), visit)
	} else if h := n.hosted[roomID]; h != nil && h.game == game {
		visit(h)
	}
	return rooms, full
}

// watchAgain is when to ask again where nobody plays yet.
const watchAgain = 2 * time.Second

// ticketToWatch is a seat token without a seat.
func (n *node) ticketToWatch(h *host) grant {
	c := claims{
		Room: h.owner.Room, Node: n.id, Seat: sim.NoSeat,
		Player: uuid.Must(uuid.NewV7()).String(), Nonce: rand.Text(),
		EpochFloor: h.owner.Epoch, Expires: time.Now().Add(seatTokenLife),
	}
	return grant{room: c.Room, token: n.tokens.sign(c), expires: c.Expires}
}
