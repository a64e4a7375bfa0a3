package server

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/roomtick/roomtick/server/directory"
	"github.com/roomtick/roomtick/server/peer"
)

// announceEvery is how often a node says that it is there, and listens to the others. Its
// lease is several times that.
const announceEvery = time.Second

// lookEvery is how often, at most, the directory is asked for a node that is not known.
const lookEvery = 50 * time.Millisecond

// silentFor is how long a node is not asked again that did not answer in time: nobody should
// wait for one that hangs more than twice until its lease has run out.
const silentFor = leaseTime / 2

// cluster is what a node knows of the others. While the directory is away it is what it
// knew before: players on their way to their rooms go on.
type cluster struct {
	keys  *peer.Keys
	calls *peer.Client
	own   string // host:port of this node for its peers; empty without any

	looking sync.Mutex // held by the one who looks for a node between two announcements; guards the following
	looked  time.Time  // when that was last begun

	mu      sync.Mutex // guards the following
	nodes   []directory.Node
	joined  bool                   // the directory has known this node
	away    error                  // why the directory did not answer the last announcement; nil: it did
	sent    map[string][]time.Time // when nodes were sent rooms that their announcements may not count
	refused map[string]time.Time   // nodes that had no room for a match, and until when they are not asked
	silent  map[string]time.Time   // nodes that did not answer a player's wish, likewise
}

func newCluster(secret []byte) *cluster {
	keys := peer.NewKeys(secret)
	return &cluster{
		keys: keys, calls: peer.NewClient(keys),
		sent: make(map[string][]time.Time), refused: make(map[string]time.Time), silent: make(map[string]time.Time),
	}
}

// node returns one that was there at the last look.
func (c *cluster) node(id string) (directory.Node, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := slices.IndexFunc(c.nodes, func(n directory.Node) bool { return n.ID == id })
	if i < 0 {
		return directory.Node{}, false
	}
	return c.nodes[i], true
}

// all returns those that were there at the last look.
func (c *cluster) all() []directory.Node {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.nodes // never changed once it is set
}

// others returns all but id, those with the least to do first, without those that do not
// answer these days.
func (c *cluster) others(id string) []directory.Node {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	list := slices.DeleteFunc(slices.Clone(c.nodes), func(n directory.Node) bool {
		return n.ID == id || n.Draining || n.Peer == "" || now.Before(c.silent[n.ID])
	})
	slices.SortStableFunc(list, func(a, b directory.Node) int { return a.Rooms*b.MaxRooms - b.Rooms*a.MaxRooms })
	return list
}

// noteSilent leaves a node alone that does not answer.
func (c *cluster) noteSilent(id string, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.silent[id] = now.Add(silentFor)
}

// isSilent reports whether a node is left alone.
func (c *cluster) isSilent(id string, now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return now.Before(c.silent[id])
}

// noteAnnounced notes whether the directory knows this node.
func (c *cluster) noteAnnounced(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.joined = c.joined || err == nil
	c.away = err
}

// waits returns why this node is not part of the cluster yet; nil once it has been, even if
// the directory is away by now: its rooms go on, and their players come back to them.
func (c *cluster) waits() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.joined {
		return nil
	}
	return cmp.Or(c.away, errNotAnnounced)
}

var errNotAnnounced = errors.New("server: not announced yet")

func (c *cluster) set(nodes []directory.Node, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.nodes = nodes
	over := func(_ string, until time.Time) bool { return !now.Before(until) }
	maps.DeleteFunc(c.refused, over)
	maps.DeleteFunc(c.silent, over)
	for id := range c.sent { // also nodes that nobody asks about any more
		c.sentLocked(id, now)
	}
}

// announceLoop keeps this node on the directory's list, and the list here, until ctx ends;
// then it takes the node off.
func (n *node) announceLoop(ctx context.Context) {
	t := time.NewTicker(announceEvery)
	defer t.Stop()
	for {
		n.announce(ctx)
		select {
		case <-t.C:
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), requestTimeout)
			defer cancel()
			if err := n.dir.Withdraw(last, n.id); err != nil {
				n.log.Debug("node not withdrawn; its lease will run out", "cause", err)
			}
			return
		}
	}
}

// announce tells the directory of this node and looks who else is there.
func (n *node) announce(ctx context.Context) {
	err := n.dir.Announce(ctx, n.described())
	var nodes []directory.Node
	if err == nil {
		nodes, err = n.dir.Nodes(ctx)
	}
	if err != nil {
		n.noteDirectory(err)
		return
	}
	n.noteDirectory(nil)
	n.cluster.set(nodes, time.Now())
}

// described is this node as the others see it.
func (n *node) described() directory.Node {
	n.mu.Lock()
	rooms, draining := len(n.hosted), n.draining
	n.mu.Unlock()
	load := float64(rooms) / float64(n.cfg.maxRooms)
	if n.overloaded() {
		load = max(load, 1)
	}
	games := make([]string, len(n.offered))
	for i, g := range n.offered {
		games[i] = g.Name()
	}
	return directory.Node{
		ID: n.id, Address: n.cfg.publicURL, Peer: n.cluster.own, Region: n.cfg.region, Build: n.cfg.build, Games: games,
		Rooms: rooms, MaxRooms: n.cfg.maxRooms, Load: load, Draining: draining,
	}
}

// noteDirectory logs when the directory goes away and when it is back; nil is back. Until
// then nobody new is matched, whichever node they ask. One that will not do ends the node.
func (n *node) noteDirectory(err error) {
	n.cluster.noteAnnounced(err)
	if errors.Is(err, directory.ErrUnfit) {
		select {
		case n.unfit <- err:
		default: // it is being ended
		}
	}
	switch was := n.dirAway.Swap(err != nil); {
	case err != nil && !was:
		n.log.Warn("directory away: rooms go on, nobody new is matched", "cause", err)
	case err == nil && was:
		n.log.Info("directory is back")
	}
}

// lookAround asks the directory who is there, for somebody who misses a node. Names that
// somebody makes up cost little: those who come together share one look, and the next
// waits for a moment.
func (n *node) lookAround(ctx context.Context) {
	asked, c := time.Now(), n.cluster
	c.looking.Lock()
	defer c.looking.Unlock()
	if c.looked.After(asked) {
		return
	}
	select {
	case <-time.After(lookEvery - time.Since(c.looked)):
	case <-ctx.Done():
		return
	}
	c.looked = time.Now()
	if nodes, err := n.dir.Nodes(ctx); err == nil {
		n.cluster.set(nodes, time.Now())
	}
}

// peerAddress is where a node answers its peers. One that is not known may be new.
func (n *node) peerAddress(ctx context.Context, id string) (string, error) {
	to, known := n.cluster.node(id)
	if !known {
		n.lookAround(ctx)
		to, known = n.cluster.node(id)
	}
	if !known || to.Peer == "" {
		return "", peer.ErrUnknownNode
	}
	return to.Peer, nil
}

// passOn hands the sockets of other nodes' rooms on to them, and keeps those of its own.
func (n *node) passOn(own http.Handler) http.Handler {
	proxy := &peer.Proxy{
		Keys: n.cluster.keys, Address: n.peerAddress, Cut: n.cut, Log: n.log,
		Failed: func(w http.ResponseWriter, _ error) { nodeGone().write(w) },
	}
	away := proxy.Handler()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.PathValue("node") == n.id {
			own.ServeHTTP(w, r)
			return
		}
		if !n.startPlaying() {
			draining().write(w)
			return
		}
		defer n.playing.Done()
		away.ServeHTTP(w, r)
	})
}
