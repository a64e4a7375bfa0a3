package server

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/roomtick/roomtick/server/directory"
	"github.com/roomtick/roomtick/server/peer"
)

const (
	// peerMatchPath is where a node asks another for a seat in a room of its.
	peerMatchPath = "/match"

	// holdTime is how long the directory keeps a seat for a player while the room's node
	// is asked for it.
	holdTime = 5 * time.Second

	// nearest is how many rooms of other nodes a join tries: the first was free a second
	// ago, or less.
	nearest = 4
)

// peerWish is a wish on its way to the node that can grant it.
type peerWish struct {
	Wish  wish
	Nonce string // of the seat held in the directory; empty if none is
}

// peerGrant is its answer.
type peerGrant struct {
	Grant grant
}

// elsewhere asks for a seat in a room of another node, which is authority over it.
func (n *node) elsewhere(ctx context.Context, w wish) (grant, error) {
	l, err := n.dir.Lookup(ctx, w.Room)
	if err != nil {
		return grant{}, err
	}
	if l.Node == n.id { // it has ended here
		return grant{}, directory.ErrUnknownRoom
	}
	return n.ask(ctx, l.Node, peerWish{Wish: w})
}

// joinElsewhere tries the fullest rooms of other nodes that have fewer free seats than
// below. The error is errBusy if none has a seat.
func (n *node) joinElsewhere(ctx context.Context, w wish, below int) (grant, error) {
	rooms, err := n.dir.Find(ctx, directory.Query{Game: w.Game, Free: 1, Sort: directory.ByFill, Limit: nearest})
	if err != nil {
		return grant{}, err
	}
	for i := range rooms {
		l := &rooms[i]
		if l.Node == n.id || l.Free() >= below {
			continue
		}
		g, err := n.holdAndAsk(ctx, w, l)
		if err == nil || errors.Is(err, directory.ErrUnavailable) {
			return g, err
		}
	}
	return grant{}, errBusy
}

// holdAndAsk holds a seat in the directory, so that of many nodes only as many ask the
// room's node as it has seats, and asks it.
func (n *node) holdAndAsk(ctx context.Context, w wish, l *directory.Listing) (grant, error) {
	nonce := rand.Text()
	owner, err := n.dir.Hold(ctx, directory.Hold{Room: l.Room, Nonce: nonce, Seats: 1, For: holdTime})
	if err != nil {
		return grant{}, err
	}
	w.Room = l.Room
	g, err := n.ask(ctx, owner.Node, peerWish{Wish: w, Nonce: nonce})
	if err != nil {
		_ = n.dir.Drop(context.WithoutCancel(ctx), l.Room, nonce) // else it ends by itself
	}
	return g, err
}

// createElsewhere opens a room on the node with the least to do.
func (n *node) createElsewhere(ctx context.Context, w wish, why error) (grant, error) {
	for _, to := range n.cluster.others(n.id) {
		if g, err := n.ask(ctx, to.ID, peerWish{Wish: w}); err == nil {
			return g, nil
		}
	}
	return grant{}, why
}

// ask sends a wish to another node. What that node answers to its client is the error, as
// a *Problem; a node that does not answer is nodeGone.
func (n *node) ask(ctx context.Context, id string, w peerWish) (grant, error) {
	address, err := n.peerAddress(ctx, id)
	if err != nil {
		return grant{}, nodeGone()
	}
	var g peerGrant
	status, raw, err := n.cluster.calls.Call(ctx, address, peerMatchPath, w, &g)
	switch {
	case err != nil:
		n.log.Debug("peer not reached", "node", id, "cause", err)
		return grant{}, nodeGone()
	case status != http.StatusOK:
		return grant{}, problemOf(status, raw)
	}
	g.Grant.Node = id
	return g.Grant, nil
}

// problemOf reads a peer's problem.
func problemOf(status int, raw []byte) *Problem {
	p := new(Problem)
	if err := json.Unmarshal(raw, p); err != nil || p.Code == "" {
		return nodeGone()
	}
	p.Status = status
	if status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests {
		p.retry = time.Second
	}
	return p
}

// matchForPeer answers a wish that another node passes on: here or nowhere.
func (n *node) matchForPeer(w http.ResponseWriter, r *http.Request) {
	var in peerWish
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		badBody(http.StatusBadRequest, "not a peer's wish").write(w)
		return
	}
	in.Wish.Here = true
	g, err := n.match(r.Context(), in.Wish)
	if err != nil {
		n.problemFrom(err).write(w)
		return
	}
	if in.Nonce != "" {
		n.confirm(r.Context(), in.Nonce, g.Room)
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(peerGrant{Grant: g}) // the peer may be gone
}

// confirm tells the directory that a room counts the seat of a hold itself by now.
func (n *node) confirm(ctx context.Context, nonce, room string) {
	h := n.lookup(room)
	if h == nil {
		return
	}
	if err := n.dir.Confirm(ctx, nonce, h.listing()); err != nil {
		n.log.Debug("hold not confirmed; it ends by itself", "cause", err)
	}
}

// problemFrom is err as match returns it.
func (n *node) problemFrom(err error) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	return n.matchProblem(err)
}

var _ = peer.ErrUnknownNode
