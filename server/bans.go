package server

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/roomtick/roomtick/server/directory"
)

const (
	// maxBans bounds how many players may be banned at once; beyond that those whose ban
	// ends first are forgiven.
	maxBans = 10_000

	// banQueue is where the directory keeps the bans for all nodes.
	banQueue = "bans"

	// shareEvery is how often the bans of other nodes are looked for.
	shareEvery = time.Second
)

// bans are players who may not come in for a while, whichever node has banned them. They end
// with the directory's data and the processes that know of them: a lasting one is the
// login's to give.
type bans struct {
	sharing sync.Mutex // held by the one who reads and writes the directory; guards the following
	read    directory.Cursor

	mu     sync.Mutex // guards the following
	until  map[string]time.Time
	untold map[string]banRecord // what the directory does not know yet
}

// banRecord is what the directory keeps of a ban, beside when it ends.
type banRecord struct {
	Player string `json:"player"`
	Reason string `json:"reason"`
}

// add bans a player on this node; share tells the others.
func (b *bans) add(r banRecord, until time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tellLocked(r)
	b.noteLocked(r.Player, until)
}

// tellLocked lets the directory be told of a ban.
func (b *bans) tellLocked(r banRecord) {
	if b.untold == nil {
		b.untold = make(map[string]banRecord)
	}
	b.untold[r.Player] = r
}

// noteLocked reports whether a player was not banned for so long before.
func (b *bans) noteLocked(player string, until time.Time) bool {
	if b.until == nil {
		b.until = make(map[string]time.Time)
	}
	const about = time.Second // clocks and the way to here
	longer := until.Sub(b.until[player]) > about
	if longer {
		b.until[player] = until
	}
	if len(b.until) > maxBans {
		first := player
		for p, t := range b.until {
			if t.Before(b.until[first]) {
				first = p
			}
		}
		delete(b.until, first)
		delete(b.untold, first)
	}
	return longer
}

// left is how long a player's ban lasts, 0 if there is none.
func (b *bans) left(player string, now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	left := b.until[player].Sub(now)
	if left <= 0 {
		delete(b.until, player)
	}
	return max(0, left)
}

// players lists who is banned.
func (b *bans) players(now time.Time) (list []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for player, until := range b.until {
		if now.Before(until) {
			list = append(list, player)
		}
	}
	return list
}

// shareBans tells the directory of the bans of this node and takes over those of others,
// whose players have to leave the rooms here. What fails is tried again by the next.
func (n *node) shareBans(ctx context.Context) error {
	b := &n.bans
	b.sharing.Lock()
	defer b.sharing.Unlock()
	c, err := n.dir.Tickets(ctx, banQueue, b.read)
	if err != nil {
		return err
	}
	for _, r := range b.take(&c, time.Now()) {
		left := n.kick(ctx, r.Player, r.Reason)
		n.log.Info("player banned by another node", "player", oneLine(r.Player), "rooms", left)
	}
	b.read = c.Next
	for _, r := range b.toTell() {
		if err := n.tellBan(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

// take notes what the directory knows, and returns what is new here. If it has lost its
// data it is told everything anew.
func (b *bans) take(c *directory.Changes, now time.Time) (fresh []banRecord) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if c.All {
		for player, until := range b.until {
			if _, known := b.untold[player]; !known && now.Before(until) {
				b.tellLocked(banRecord{Player: player, Reason: "banned"})
			}
		}
	}
	for i := range c.Tickets {
		var r banRecord
		if json.Unmarshal(c.Tickets[i].Body, &r) != nil || r.Player == "" {
			continue
		}
		if b.noteLocked(r.Player, now.Add(c.Tickets[i].For)) {
			fresh = append(fresh, r)
		}
	}
	return fresh
}

func (b *bans) toTell() []banRecord {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Collect(maps.Values(b.untold))
}

// tellBan writes a ban into the directory, unless that knows a longer one.
func (n *node) tellBan(ctx context.Context, r banRecord) error {
	body, err := json.Marshal(r)
	if err != nil {
		return err
	}
	for range writeTries {
		left := n.bans.left(r.Player, time.Now())
		t, err := n.dir.Ticket(ctx, "ban/"+r.Player)
		if errors.Is(err, directory.ErrUnknownTicket) {
			t, err = directory.Ticket{ID: "ban/" + r.Player, Queue: banQueue}, nil
		}
		if err != nil {
			return err
		}
		if left > t.For {
			t.For, t.Body = left, body
			if _, err = n.dir.Put(ctx, t); errors.Is(err, directory.ErrConflict) {
				continue
			}
		}
		if err != nil {
			return err
		}
		n.bans.mu.Lock()
		delete(n.bans.untold, r.Player)
		n.bans.mu.Unlock()
		return nil
	}
	return errBusy
}

// shareLoop shares bans until ctx ends.
func (n *node) shareLoop(ctx context.Context) {
	t := time.NewTicker(shareEvery)
	defer t.Stop()
	for {
		select {
		case <-t.C:
			_ = n.shareBans(ctx) // the directory is away, which is said elsewhere
		case <-ctx.Done():
			return
		}
	}
}
