package server

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/roomtick/roomtick/server/directory"
)

const (
	// peerMatchPath is where a node asks another for a seat in a room of its.
	peerMatchPath = "/match"

	// holdTime is how long the directory keeps a seat for a player while the room's node
	// is asked for it.
	holdTime = 5 * time.Second

	// peerTimeout bounds what a node may take to grant a wish that others may grant as well.
	peerTimeout = time.Second

	// nearest is how many rooms of other nodes a join looks at: those that were free a
	// second ago, or less.
	nearest = 16

	// anyFree is more seats than a room has.
	anyFree = 1 << 20
)

// peerWish is a wish on its way to the node that can grant it: what the client asked, and
// who that is.
type peerWish struct {
	Asked matchBody
	ID    string // of the player
	Name  string
	Until time.Time
	Nonce string // of the seat held in the directory; empty if none is
}

// peerGrant is a grant on its way back.
type peerGrant struct {
	Room, Code, Token string
	Expires           time.Time
}

// roams reports whether a wish may be passed on: there are other nodes, and none of them
// has passed it on to this one.
func (n *node) roams(w *wish) bool { return n.cfg.clustered() && w.asked != nil }

// seekOwner is seek for a room that is named and does not run here.
func (n *node) seekOwner(ctx context.Context, w wish) (grant, error) {
	if w.code != "" {
		return n.enterByCode(ctx, w)
	}
	l, err := n.dir.Lookup(ctx, w.room)
	return n.elsewhere(ctx, &w, l, err)
}

// elsewhere asks for a seat in the room of another node that is wished for. There is no
// other to try: it may take as long as ctx lasts.
func (n *node) elsewhere(ctx context.Context, w *wish, l directory.Listing, err error) (grant, error) {
	if err != nil {
		return grant{}, err
	}
	if l.Node == n.id { // it has ended here
		return grant{}, directory.ErrUnknownRoom
	}
	if w.region != "" && w.region != l.Region {
		return grant{}, unknownRegion(l.Region)
	}
	return n.ask(ctx, l.Node, w, "")
}

// joinElsewhere tries the rooms of other nodes that have fewer free seats than below, in
// the order wished for. Before this node opens a room it looks whether another has just
// done so. The error is errBusy if none has a seat.
func (n *node) joinElsewhere(ctx context.Context, w *wish, below int) (grant, error) {
	q := directory.Query{
		Game: w.game.Name(), Mode: w.mode, Region: w.region, Build: w.build, Filter: w.filter,
		Free: 1, Sort: w.order(), Latencies: w.asked.Latencies, Limit: nearest,
	}
	rooms, err := n.dir.Find(ctx, q)
	if err == nil && len(rooms) == 0 && below == anyFree {
		q.Fresh = true
		rooms, err = n.dir.Find(ctx, q)
	}
	if err != nil {
		return grant{}, err
	}
	for i := range rooms {
		l := &rooms[i]
		if l.Node == n.id || l.Password || l.Mode != w.mode || l.Free() >= below || n.cluster.isSilent(l.Node, time.Now()) {
			continue
		}
		g, err := n.holdAndAsk(ctx, w, l)
		switch {
		case ctx.Err() != nil:
			return grant{}, errNoAnswer // of the rooms: the directory would not say so
		case err == nil || errors.Is(err, directory.ErrUnavailable):
			return g, err
		}
	}
	return grant{}, errBusy
}

// order is in which order rooms are wished for.
func (w *wish) order() directory.Sort {
	switch w.asked.Sort {
	case "age":
		return directory.ByAge
	case "latency":
		return directory.ByLatency
	}
	return directory.ByFill
}

// fewestFree is how many seats are free in the room of this node that a join would be
// given; anyFree if there is none.
func (n *node) fewestFree(q *search) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	h, _ := n.shelves.best(q)
	if h == nil {
		return anyFree
	}
	return h.seats - h.taken
}

// holdAndAsk holds a seat in the directory, so that of many nodes only as many ask the
// room's node as it has seats, and asks it.
func (n *node) holdAndAsk(ctx context.Context, w *wish, l *directory.Listing) (grant, error) {
	nonce := rand.Text()
	owner, err := n.dir.Hold(ctx, directory.Hold{Room: l.Room, Nonce: nonce, Seats: 1, For: holdTime})
	if err != nil {
		return grant{}, err
	}
	g, err := n.askSoon(ctx, owner.Node, w.in(l.Room), nonce)
	if err != nil && !saysFull(err) { // then its owner has ended the hold, or it ends by itself
		_ = n.dir.Drop(context.WithoutCancel(ctx), l.Room, nonce) // likewise
	}
	return g, err
}

// saysFull reports whether a peer has answered that the room has no seat.
func saysFull(err error) bool {
	var p *Problem
	return errors.As(err, &p) && p.Code == roomFull().Code
}

// in is the same wish, for one room.
func (w *wish) in(room string) *wish {
	there := *w
	there.asked = new(matchBody)
	*there.asked = *w.asked
	there.asked.Room = room
	return &there
}

// anywhereElse passes a wish that this node cannot grant on to others, those with the
// least to do first; of one region if that is not empty. Before it gives up it looks who
// has come since the last announcement. why is what to answer if none grants it either.
func (n *node) anywhereElse(ctx context.Context, w *wish, region string, why error) (grant, error) {
	asked := make(map[string]bool)
	for look := range 2 {
		if look > 0 {
			n.lookAround(ctx)
		}
		for _, to := range n.cluster.others(n.id) {
			if asked[to.ID] || region != "" && to.Region != region || !w.suits(&to) {
				continue
			}
			asked[to.ID] = true
			g, err := n.askSoon(ctx, to.ID, w, "")
			if err == nil {
				return g, nil
			}
			if n.mistaken(err) {
				return grant{}, err
			}
			if n.mistaken(why) {
				why = err // there are such nodes
			}
		}
	}
	return grant{}, why
}

// suits reports whether a node runs what is wished for.
func (w *wish) suits(to *directory.Node) bool {
	return slices.Contains(to.Games, w.game.Name()) && (w.build == "" || to.Build == "" || w.build == to.Build)
}

// mistaken reports whether the client is to wish for something else.
func (n *node) mistaken(err error) bool {
	return n.matchProblem(err).Status < http.StatusInternalServerError
}

// nearestRegion is where the client is nearest to, by what it measured, of the regions
// that there are nodes in; its own wish comes first.
func (n *node) nearestRegion(w *wish) string {
	if w.region != "" || w.named() || !n.roams(w) || w.asked.Sort != "latency" {
		return w.region
	}
	near := ""
	for _, to := range n.cluster.all() {
		ms, measured := w.asked.Latencies[to.Region]
		if measured && (near == "" || cmp.Less(ms, w.asked.Latencies[near])) {
			near = to.Region
		}
	}
	return near
}

// askSoon is ask where there are other nodes to try. One that does not answer is left alone
// for a while.
func (n *node) askSoon(ctx context.Context, id string, w *wish, nonce string) (grant, error) {
	soon, cancel := context.WithTimeout(ctx, peerTimeout)
	defer cancel()
	g, err := n.ask(soon, id, w, nonce)
	if err != nil && soon.Err() != nil && ctx.Err() == nil {
		n.cluster.noteSilent(id, time.Now())
	}
	return g, err
}

// ask sends a wish to another node. What that node answers to its client is the error, as
// a *Problem; a node that does not answer is nodeGone.
func (n *node) ask(ctx context.Context, id string, w *wish, nonce string) (grant, error) {
	address, err := n.peerAddress(ctx, id)
	if err != nil {
		return grant{}, nodeGone()
	}
	var g peerGrant
	question := peerWish{Asked: *w.asked, ID: w.who.id, Name: w.who.name, Until: w.who.until, Nonce: nonce}
	status, raw, err := n.cluster.calls.Call(ctx, address, peerMatchPath, question, &g)
	switch {
	case err != nil:
		n.log.Debug("peer not reached", "node", id, "cause", err)
		return grant{}, nodeGone()
	case status != http.StatusOK:
		return grant{}, problemOf(status, raw)
	}
	return grant{room: g.Room, code: g.Code, token: g.Token, expires: g.Expires, node: id}, nil
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

// matchForPeer answers a wish that another node passes on: with this node's own rooms.
func (n *node) matchForPeer(w http.ResponseWriter, r *http.Request) {
	var in peerWish
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		badBody(http.StatusBadRequest, "not a peer's wish").write(w)
		return
	}
	in.Asked.Region = "" // it was looked at
	wish, p := n.wishOf(r.Context(), &in.Asked)
	if p != nil {
		p.write(w)
		return
	}
	wish.asked, wish.relayed, wish.chosen = nil, true, in.Nonce != ""
	wish.who.id, wish.who.name, wish.who.until = in.ID, in.Name, in.Until
	g, err := n.match(r.Context(), wish)
	if in.Nonce != "" {
		n.confirm(r.Context(), in.Nonce, wish.room) // also if it was refused: the list is wrong about the room
	}
	if err != nil {
		n.matchProblem(err).write(w)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(peerGrant{Room: g.room, Code: g.code, Token: g.token, Expires: g.expires}) // the peer may be gone
}

// confirm tells the directory how a room is, which counts the seat of a hold itself by now,
// or never will: whoever looks next is not sent to seats that were taken here since the last
// renewal.
func (n *node) confirm(ctx context.Context, nonce, room string) {
	h := n.lookup(room)
	if h == nil {
		return
	}
	if err := n.dir.Confirm(ctx, nonce, h.listing()); err != nil {
		n.log.Debug("hold not confirmed; it ends by itself", "cause", err)
	}
}
