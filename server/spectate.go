package server

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/roomtick/roomtick/server/directory"
	"github.com/roomtick/roomtick/sim"
)

// spectate signs a token for watching a room: the one wished for, else the one of its kind
// with the most players, of this node if it has any. It holds no seat.
func (n *node) spectate(ctx context.Context, w wish) (grant, error) {
	g, err := n.spectateHere(w)
	if err != nil && w.room == "" && n.roams(&w) {
		return n.spectateElsewhere(ctx, &w, err)
	}
	return g, err
}

func (n *node) spectateHere(w wish) (grant, error) {
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

// spectateElsewhere asks the nodes of the rooms with the most players; why is what to answer
// if none can be watched.
func (n *node) spectateElsewhere(ctx context.Context, w *wish, why error) (grant, error) {
	rooms, err := n.dir.Find(ctx, directory.Query{
		Game: w.game.Name(), Mode: w.mode, Region: w.region, Build: w.build, Filter: w.filter, Sort: directory.ByFill,
		Limit: maxWatchable,
	})
	if err != nil {
		return grant{}, err
	}
	tries := 0
	for i := range rooms {
		l := &rooms[i]
		if l.Node == n.id || l.Password || l.Mode != w.mode || l.Spectators >= l.MaxSpectators ||
			n.cluster.isSilent(l.Node, time.Now()) {
			continue
		}
		if tries++; tries > nearest || ctx.Err() != nil {
			break
		}
		if g, err := n.askSoon(ctx, l.Node, w.in(l.Room), ""); err == nil {
			return g, nil
		}
	}
	return grant{}, why
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
