package server

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/roomtick/roomtick/server/directory"
	"github.com/roomtick/roomtick/server/peer"
)

const (
	// placeTimeout bounds what one node may take to make room for a match: there are
	// others.
	placeTimeout = time.Second

	// refusedFor is how long a node that could not make room is not asked again.
	refusedFor = time.Second

	// sentFor is how long it may take until a node's announcement, and the look at it,
	// count a room.
	sentFor = 2 * announceEvery

	// abandonTimeout bounds how long a node is told that nobody will come. One that does
	// not hear it finds out when the seats expire.
	abandonTimeout = 5 * time.Second
)

var errNoPlace = errors.New("server: no node has room for the match")

// place is a node that may run a room more.
type place struct {
	node   string
	region string
	load   float64 // share of its rooms that are used; 1 and more is full
	rooms  int
}

// placesLocked are the nodes that may run rooms of a game, those with the least to do first,
// self among the first of its equals. What is known of others is as old as their last
// announcement, so the rooms that nodes were sent lately count, too.
func (c *cluster) placesLocked(self *directory.Node, game string, now time.Time) []place {
	var list []place
	note := func(n *directory.Node) {
		rooms := n.Rooms + c.sentLocked(n.ID, now)
		if n.Draining || n.Rooms >= n.MaxRooms || !slices.Contains(n.Games, game) || now.Before(c.refused[n.ID]) {
			return
		}
		load := max(float64(rooms)/float64(n.MaxRooms), n.Load)
		list = append(list, place{node: n.ID, region: n.Region, load: load, rooms: rooms})
	}
	note(self)
	for i := range c.nodes {
		if n := &c.nodes[i]; n.ID != self.ID && n.Peer != "" {
			note(n)
		}
	}
	slices.SortStableFunc(list, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.load, b.load), cmp.Compare(a.rooms, b.rooms))
	})
	return list
}

// pickPlace returns the best place in a region that is not among those tried, and counts the
// room that will be asked for there: many are at once.
func (n *node) pickPlace(game, region string, tried []string) (node string, ok bool) {
	self, c := n.described(), n.cluster
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	for _, p := range c.placesLocked(&self, game, now) {
		if p.region == region && !slices.Contains(tried, p.node) {
			c.sent[p.node] = append(c.sent[p.node], now)
			return p.node, true
		}
	}
	return "", false
}

// sentLocked is how many rooms a node was sent lately. Some of them it may have counted
// itself by now; that is so of all nodes alike, self included.
func (c *cluster) sentLocked(node string, now time.Time) int {
	list := c.sent[node]
	for len(list) > 0 && now.Sub(list[0]) >= sentFor {
		list = list[1:]
	}
	if len(list) == 0 {
		delete(c.sent, node)
		return 0
	}
	c.sent[node] = list
	return len(list)
}

// unsend takes back what pickPlace has counted: nothing came of it.
func (c *cluster) unsend(node string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if list := c.sent[node]; len(list) > 0 {
		c.sent[node] = list[:len(list)-1]
	}
}

// noteRefused leaves a node alone for a while.
func (c *cluster) noteRefused(node string, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refused[node] = now.Add(refusedFor)
}

// placesFor are the nodes for rooms of a game, this one as it is now.
func (n *node) placesFor(game string) []place {
	self := n.described()
	n.cluster.mu.Lock()
	defer n.cluster.mu.Unlock()
	return n.cluster.placesLocked(&self, game, time.Now())
}

// regionsOf are the regions of some places, in their order.
func regionsOf(list []place) []string {
	var regions []string
	for _, p := range list {
		if !slices.Contains(regions, p.region) {
			regions = append(regions, p.region)
		}
	}
	return regions
}

// placeMatch gets the players of a match seats: in the running room that it fills, else
// from the first node of its region that has room. Whoever does not answer may have heard,
// so it is told that nobody will come once another node was asked.
func (n *node) placeMatch(ctx context.Context, p *pairing, w *matchWish) (*matchSeats, error) {
	if p.fills != nil {
		return n.askSeats(ctx, p.fills.Node, w)
	}
	wrong := errNoPlace
	var tried []string
	for ctx.Err() == nil {
		to, ok := n.pickPlace(w.Game, p.region, tried)
		if !ok {
			break
		}
		seats, err := n.askSeats(ctx, to, w)
		if err == nil {
			return seats, nil
		}
		n.cluster.unsend(to)
		silent := errors.Is(err, peer.ErrUnreachable) || errors.Is(err, errNoAnswer)
		if silent {
			n.abandon(to, w.Match)
		}
		if silent || n.matchProblem(err).Status >= http.StatusInternalServerError {
			n.cluster.noteRefused(to, time.Now())
		}
		n.log.Debug("node has no room for a match", "node", to, "match", w.Match, "cause", err)
		tried, wrong = append(tried, to), errors.Join(errNoPlace, err)
	}
	return nil, wrong
}

// askSeats asks a node for the seats of a match. A question whose answer was lost is asked
// once more: the node answers it as it did. The error is peer.ErrUnreachable, or
// errNoAnswer of this node itself, if it may have seats for the match all the same.
func (n *node) askSeats(ctx context.Context, id string, w *matchWish) (*matchSeats, error) {
	ctx, cancel := context.WithTimeout(ctx, placeTimeout)
	defer cancel()
	if id == n.id {
		return n.seatMatch(ctx, w)
	}
	address, err := n.peerAddress(ctx, id)
	if err != nil {
		return nil, nodeGone()
	}
	seats := new(matchSeats)
	status, raw, err := n.cluster.calls.Call(ctx, address, peerSeatsPath, w, seats)
	if err != nil && ctx.Err() == nil {
		status, raw, err = n.cluster.calls.Call(ctx, address, peerSeatsPath, w, seats)
	}
	switch {
	case err != nil:
		return nil, err
	case status != http.StatusOK:
		return nil, problemOf(status, raw)
	case len(seats.Tokens) != len(w.Players):
		return nil, nodeGone()
	}
	return seats, nil
}

// abandon tells a node, as soon as it listens, that nobody of a match will come.
func (n *node) abandon(id, match string) {
	n.queues.seating.Go(func() {
		ctx, cancel := context.WithTimeout(n.cut, abandonTimeout)
		defer cancel()
		w := matchWish{Match: match}
		if id == n.id {
			n.leaveMatch(ctx, match)
			return
		}
		address, err := n.peerAddress(ctx, id)
		if err == nil {
			_, _, err = n.cluster.calls.Call(ctx, address, peerLeavePath, w, &struct{}{})
		}
		if err != nil {
			n.log.Debug("node not told that a match went elsewhere; its seats expire", "node", id, "cause", err)
		}
	})
}

// wishOfMatch is what a node is asked for a match. Its name is of this attempt: the seats of
// an earlier one, of which nobody was told, may be given up while this one is under way.
func wishOfMatch(l *waitline, p *pairing, records []*ticketRecord) *matchWish {
	w := &matchWish{Match: rand.Text(), Game: l.game.Name(), Queue: l.queue.Name}
	if p.fills != nil {
		w.Room = p.fills.Fill.Room
	}
	for _, r := range records {
		for i := range r.Seats {
			s := &r.Seats[i]
			w.Players = append(w.Players, matchPlayer{
				Entrant: r.Ticket.Members[i], Name: s.Name, Until: s.Until, Team: r.Match.Team, Role: s.Role,
			})
		}
	}
	return w
}

// take writes the seats of a match into the tickets' records.
func (s *matchSeats) take(records []*ticketRecord) {
	k := 0
	for _, r := range records {
		r.Match.ID, r.Match.Node, r.Match.Room = s.Room, s.Node, s.Room
		for i := range r.Seats {
			r.Seats[i].Token, r.Seats[i].TokenEnd = s.Tokens[k], s.Expires
			k++
		}
	}
}
