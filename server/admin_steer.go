package server

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/roomtick/roomtick/room"
)

const (
	steerTimeout = 2 * time.Second // for rooms to do as they are told; stuck ones never do
	steerAtOnce  = 64              // rooms asked at the same time
	maxBan       = 365 * 24 * time.Hour
)

// adminKick is POST /v1/players/{player}/kick: out of all rooms of this node, at once, and
// with seconds=N not let in again for so long, by any node. The others let the player go
// when they hear of it, about a second later.
func adminKick(n *node) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		player, reason := r.PathValue("player"), r.FormValue("reason")
		if reason == "" {
			reason = "removed by the operator"
		}
		seconds, err := number(r, "seconds", 0)
		if err != nil || seconds < 0 || time.Duration(seconds) > maxBan/time.Second {
			answer(w, http.StatusBadRequest, "seconds: use a whole number, at most "+strconv.Itoa(int(maxBan/time.Second)))
			return
		}
		if seconds > 0 { // first: else the player is back before the last room was asked
			n.bans.add(banRecord{Player: player, Reason: oneLine(reason)}, time.Now().Add(time.Duration(seconds)*time.Second))
			if err := n.shareBans(r.Context()); err != nil {
				n.log.Warn("the other nodes are told of a ban when the directory is back", "cause", err)
			}
		}
		left := n.kick(r.Context(), player, oneLine(reason))
		n.log.Info("player kicked by the operator", "player", oneLine(player), "rooms", left, "seconds", seconds)
		writeJSON(w, map[string]int{"rooms": left})
	}
}

// kick removes a player from all rooms and returns of how many that was.
func (n *node) kick(ctx context.Context, player, reason string) int {
	ctx, cancel := context.WithTimeout(ctx, steerTimeout)
	defer cancel()
	var left atomic.Int64
	var asked errgroup.Group
	asked.SetLimit(steerAtOnce)
	for _, h := range n.all() {
		asked.Go(func() error {
			if h.room.Kick(ctx, player, reason) == nil {
				left.Add(1)
			}
			return nil
		})
	}
	_ = asked.Wait() // nobody returns one
	return int(left.Load())
}

// adminLock is POST /v1/rooms/{room}/lock and unlock.
func adminLock(n *node, locked bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		n.steer(w, r, func(ctx context.Context, h *host) (any, error) {
			return map[string]bool{"locked": locked}, h.room.Lock(ctx, locked)
		})
	}
}

// adminPlayers is GET /v1/rooms/{room}/players.
func adminPlayers(n *node) http.HandlerFunc {
	type seated struct {
		Player  string `json:"player"`
		Name    string `json:"name"`
		Seat    int    `json:"seat"`
		Bot     bool   `json:"bot"`
		Present bool   `json:"present"`
	}
	return func(w http.ResponseWriter, r *http.Request) {
		n.steer(w, r, func(ctx context.Context, h *host) (any, error) {
			players, err := h.room.Players(ctx)
			list := make([]seated, len(players))
			for i, p := range players {
				list[i] = seated{Player: p.ID, Name: p.Name, Seat: int(p.Seat), Bot: p.Bot, Present: p.Present}
			}
			return map[string]any{"players": list}, err
		})
	}
}

// steer asks one room for something.
func (n *node) steer(w http.ResponseWriter, r *http.Request, do func(context.Context, *host) (any, error)) {
	h := n.lookup(r.PathValue("room"))
	if h == nil {
		answer(w, http.StatusNotFound, "no such room on this node; GET /v1/rooms lists them")
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), steerTimeout)
	defer cancel()
	switch v, err := do(ctx, h); {
	case errors.Is(err, room.ErrEnded):
		answer(w, http.StatusNotFound, "the room has just ended")
	case err != nil:
		answer(w, http.StatusServiceUnavailable, "the room does not answer")
	default:
		writeJSON(w, v)
	}
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(v) // the client may be gone
}
