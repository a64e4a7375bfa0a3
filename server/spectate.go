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
	wait := time.Duration(-1)
	for _, h := range n.watchable(game, roomID) {
		later := h.room.WatchableIn()
		if later == 0 {
			return n.ticketToWatch(h), nil
		}
		if wait < 0 || later < wait {
			wait = later
		}
	}
	if wait < 0 {
		return grant{}, unknownRoom()
	}
	return grant{}, nothingToWatch(wait)
}

// maxWatchable bounds how many rooms are asked whether they can be watched. Only those
// that have just begun cannot.
const maxWatchable = 64

// watchable returns the rooms to offer a spectator, the fullest first.
func (n *node) watchable(game *sim.Definition, roomID string) (rooms []*host) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if roomID != "" {
		if h := n.hosted[roomID]; h != nil && h.game == game {
			rooms = append(rooms, h)
		}
		return rooms
	}
	n.lobby.fullest(game.Name(), func(h *host) bool {
		rooms = append(rooms, h)
		return len(rooms) < maxWatchable
	})
	return rooms
}

// ticketToWatch is a seat token without a seat.
func (n *node) ticketToWatch(h *host) grant {
	c := claims{
		Room: h.owner.Room, Node: n.id, Seat: sim.NoSeat,
		Player: uuid.Must(uuid.NewV7()).String(), Nonce: rand.Text(),
		EpochFloor: h.owner.Epoch, Expires: time.Now().Add(seatTokenLife),
	}
	return grant{room: c.Room, token: n.tokens.sign(c), expires: c.Expires}
}
