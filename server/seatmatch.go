package server

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"github.com/roomtick/roomtick/room"
	"github.com/roomtick/roomtick/server/directory"
	"github.com/roomtick/roomtick/sim"
)

const (
	// peerSeatsPath is where a node asks another to make room for a match.
	peerSeatsPath = "/match/seats"

	// peerLeavePath is where it says that nobody will come.
	peerLeavePath = "/match/leave"
)

// matchWish asks for seats for all players of a match, or for none.
type matchWish struct {
	Match   string // the same again, while the seats are held, gets the same seats
	Game    string
	Queue   string
	Room    string `json:",omitempty"` // a running one that lost players; empty: a new one
	Players []matchPlayer
}

// matchPlayer is a player of a match on the way into a room.
type matchPlayer struct {
	Entrant sim.Entrant
	Name    string
	Until   unixMillis // of the identity
	Team    int
	Role    string `json:",omitempty"`
}

// matchSeats is the answer.
type matchSeats struct {
	Node, Room string
	Expires    unixMillis
	Tokens     []string // of the players, in their order
}

// seated are the matches that this node has made room for lately.
type seated struct {
	mu      sync.Mutex // guards the following
	matches map[string]*seatedMatch
	swept   time.Time
}

// seatedMatch is a match that has seats here, or is about to.
type seatedMatch struct {
	done chan struct{} // closed when the rest is there

	// Written before done is closed.
	seats *matchSeats
	err   error
	opens *host // the room that was made for it; nil if it was running
	until time.Time
}

// claim returns what is known of a match; first says that the caller is to seat it.
func (s *seated) claim(match string, now time.Time) (m *seatedMatch, first bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now.Sub(s.swept) >= seatTokenLife {
		s.swept = now
		for id, m := range s.matches {
			if m.over(now) {
				delete(s.matches, id)
			}
		}
	}
	if m := s.matches[match]; m != nil && !m.over(now) {
		return m, false
	}
	m = &seatedMatch{done: make(chan struct{})}
	s.matches[match] = m
	return m, true
}

// over tells whether the seats of a match have expired, or there never were any. One that is
// being seated is not.
func (m *seatedMatch) over(now time.Time) bool {
	select {
	case <-m.done:
		return m.err != nil || !now.Before(m.until)
	default:
		return false
	}
}

// known returns a match if there is one.
func (s *seated) known(match string) *seatedMatch {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.matches[match]
}

// seatMatch makes room for a match on this node, once however often it is asked. It goes on
// if the one who asked first has gone: that one will ask again.
func (n *node) seatMatch(ctx context.Context, w *matchWish) (*matchSeats, error) {
	m, first := n.seated.claim(w.Match, time.Now())
	if first {
		making, cancel := context.WithTimeout(n.cut, matchTimeout)
		go func() {
			defer cancel()
			defer close(m.done)
			m.until = time.Now().Add(seatTokenLife)
			m.seats, m.opens, m.err = n.makeSeats(making, w)
		}()
	}
	select {
	case <-m.done:
		return m.seats, m.err
	case <-ctx.Done():
		return nil, errNoAnswer
	}
}

// makeSeats opens a match's room, or finds the one that it is to fill, and holds a seat for
// every player in it. opened is a room of its own.
func (n *node) makeSeats(ctx context.Context, w *matchWish) (seats *matchSeats, opened *host, err error) {
	l := n.queues.lineOf(w.Game, w.Queue)
	switch {
	case l == nil:
		return nil, nil, unknownQueue(cleanName(w.Queue), "Do all nodes run the same build?")
	case n.isDraining():
		return nil, nil, errDraining
	}
	h := n.lookup(w.Room)
	var fits func([]sim.PlayerInfo) error
	switch {
	case w.Room != "" && h == nil:
		return nil, nil, directory.ErrUnknownRoom
	case h == nil:
		if h, err = n.open(ctx, plan{
			game: l.game, mode: l.queue.Name, private: true, noCode: true, noLateJoin: !l.queue.Backfill, options: []byte(l.queue.Options),
		}); err != nil {
			return nil, nil, err
		}
		opened = h
	default:
		fits = l.gapsOf(h, w.Players)
	}
	n.take(h)
	defer n.release(h)
	if seats, err = n.reserveAll(ctx, h, w.Players, fits); err != nil {
		if opened != nil {
			n.dismiss(opened)
		}
		return nil, nil, err
	}
	l.enroll(h, w.Players)
	return seats, opened, nil
}

// reserveAll holds a seat for every player, or for none, and signs the tokens for them.
func (n *node) reserveAll(ctx context.Context, h *host, players []matchPlayer, fits func([]sim.PlayerInfo) error) (*matchSeats, error) {
	expires := time.Now().Add(seatTokenLife)
	all := make([]room.Reservation, len(players))
	for i := range players {
		p := &players[i]
		all[i] = room.Reservation{
			Nonce: rand.Text(), PlayerID: p.Entrant.Player, Name: p.Name,
			Expires: expires, Until: p.Until.time(), MatchTeam: p.Team, Role: p.Role,
		}
	}
	seats, err := h.room.ReserveAll(ctx, all, fits)
	if err != nil {
		return nil, err
	}
	out := &matchSeats{Node: n.id, Room: h.owner.Room, Expires: millis(expires)}
	for i, r := range all {
		out.Tokens = append(out.Tokens, n.tokens.sign(claims{
			Room: h.owner.Room, Node: n.id, Player: r.PlayerID, Nonce: r.Nonce, Seat: seats[i],
			EpochFloor: h.owner.Epoch, Expires: expires, Until: r.Until,
		}))
	}
	return out, nil
}

// leaveMatch ends the room that was made for a match nobody of which will come. Seats in a
// room that others play in expire.
func (n *node) leaveMatch(ctx context.Context, match string) {
	m := n.seated.known(match)
	if m == nil {
		return
	}
	select {
	case <-m.done:
	case <-ctx.Done():
		return
	}
	if m.opens != nil {
		n.dismiss(m.opens)
	}
}

// dismiss ends a room that nobody has been told of.
func (n *node) dismiss(h *host) {
	n.mu.Lock()
	n.removeLocked(h)
	n.mu.Unlock()
	h.end(errEmpty)
}

// seatsForPeer answers another node that asks for seats for a match.
func (n *node) seatsForPeer(w http.ResponseWriter, r *http.Request) {
	var in matchWish
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.Match == "" {
		badBody(http.StatusBadRequest, "not a peer's match").write(w)
		return
	}
	seats, err := n.seatMatch(r.Context(), &in)
	if err != nil {
		n.matchProblem(err).write(w)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(seats) // the peer may be gone, and asks again
}

// leaveForPeer answers another node that says nobody will come.
func (n *node) leaveForPeer(w http.ResponseWriter, r *http.Request) {
	var in matchWish
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		badBody(http.StatusBadRequest, "not a peer's match").write(w)
		return
	}
	n.leaveMatch(r.Context(), in.Match)
	writeJSON(w, struct{}{})
}
