package server

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/google/uuid"

	"github.com/roomtick/roomtick/sim"
)

// spectate signs a token for watching a room: roomID if it is given, else the one of the
// game with the most players. It holds no seat. The error is a *Problem.
func (n *node) spectate(ctx context.Context, game *sim.Definition, roomID string) (grant, error) {
	if game.Config().MaxSpectators == 0 {
		return grant{}, noSpectators(game.Name())
	}
	rooms, err := n.list(ctx, game.Name())
	if err != nil {
		return grant{}, n.matchProblem(err)
	}
	var best *host
	most, wait, full := -1, time.Duration(-1), false
	for _, l := range rooms {
		h := n.lookup(l.Room)
		if h == nil || roomID != "" && roomID != l.Room {
			continue
		}
		if l.Spectators >= game.Config().MaxSpectators {
			full = true
			continue
		}
		later := h.room.WatchableIn()
		if wait < 0 || later < wait {
			wait = later
		}
		if later == 0 && l.Players+l.Bots > most {
			best, most = h, l.Players+l.Bots
		}
	}
	switch {
	case best != nil:
		return n.ticketToWatch(best), nil
	case full:
		return grant{}, galleryFull()
	case wait < 0 && roomID != "":
		return grant{}, unknownRoom()
	}
	return grant{}, nothingToWatch(max(wait, watchAgain))
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
