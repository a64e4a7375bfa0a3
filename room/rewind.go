package room

import (
	"math/bits"

	"github.com/roomtick/roomtick/sim"
)

// trailSlack is how many send ticks before the earliest view are looked at: two snapshots
// of a group that comes every fourth time.
const trailSlack = 8

// trail is what a seat's client was sent lately.
type trail struct {
	sets []*groupSet // what the seat saw at a send tick, by that modulo the length
	sent uint64      // bit n: a snapshot was sent n send ticks before the newest
}

// trailLength is how many send ticks a rewind looks back at most.
func trailLength(sendRate, window int) int {
	return min(int(maxRewind.Seconds()*float64(sendRate))+trailSlack, window, 64)
}

// note begins send tick seq, at which the seat sees a set of groups.
func (t *trail) note(seq uint32, seen *groupSet, length int) {
	if t.sets == nil {
		t.sets = make([]*groupSet, length)
	}
	t.sets[seq%uint32(length)] = seen
	t.sent <<= 1
}

// mark says that the snapshot of the newest send tick was sent.
func (t *trail) mark() { t.sent |= 1 }

// upTo returns which snapshots were sent, without the newest n.
func (t *trail) upTo(n uint32) uint64 { return t.sent >> n << n }

// lose says that a client has come back: it has applied the snapshot of tick last and none
// after it; if it is not the same client, none at all.
func (t *trail) lose(newest, sendEvery, last uint32, same bool) {
	if n := int32(newest - last); same && n >= 0 {
		t.sent = t.upTo(uint32(n) / sendEvery)
	} else {
		t.sent = 0
	}
}

// hindsight is the room's history as the game's Rewind asks for it: the published states
// that clients were sent.
type hindsight struct{ room *Room }

// Drawn finds the snapshots from which a seat's client drew an entity. A client has one of
// an entity with every frame in which the group came that the entity was in; see turn.
func (h hindsight) Drawn(seat sim.Seat, at sim.View, table int, slot uint32, id sim.ID, into *sim.Drawn) bool {
	r := h.room
	g := glance{pub: r.pub, trail: &r.seats[seat].trail, sendEvery: r.sendEvery, table: table, slot: slot, id: uint32(id)}
	g.had = at.Had << min(g.sendsSince(at.Newest), 64)
	if g.had == 0 || int(slot) >= len(r.pub.tables[table].places) {
		return false
	}
	into.Prior.Known, into.After.Known = false, false
	newest, from := bits.TrailingZeros64(g.had), g.sendsSince(at.Tick)
	if g.had>>from == 0 { // the client's first snapshots: it draws them at once
		from = bits.Len64(g.had) - 1
	}
	lost := g.had>>from<<from&(1<<len(g.trail.sets)-1) == 0 // too long ago to know
	g.all = lost || newest > from || newest == from && (at.Part > 0 || at.Tick != g.tick(from))
	before := g.older(from, &into.Before)
	if before < 0 {
		return false
	}
	g.older(before+1, &into.Prior)
	g.newer(before-1, &into.After)
	return true
}

// glance looks for one entity in what one client was sent.
type glance struct {
	pub       *publisher
	trail     *trail
	sendEvery uint32
	had       uint64 // bit n: the client had the snapshot n send ticks ago
	all       bool   // what the client had is of no use for the view: every snapshot counts
	table     int
	slot, id  uint32
	last      *group // in which the client had it
}

// sendsSince is how many send ticks ago the newest snapshot up to a tick is.
func (g *glance) sendsSince(tick uint32) int {
	return int(max(0, int32(g.pub.tick-tick)+int32(g.sendEvery)-1) / int32(g.sendEvery))
}

// tick is that of the snapshot of some send ticks ago.
func (g *glance) tick(back int) uint32 { return g.pub.tick - uint32(back)*g.sendEvery }

// older takes the entity from the newest snapshot that the client got back or more send
// ticks ago, and returns how long ago that is; -1 if the client did not have it then.
func (g *glance) older(back int, into *sim.Snapshot) int {
	unseen := uint64(0)
	for ; back < len(g.trail.sets); back++ {
		if !g.all && g.had>>back&1 == 0 {
			continue
		}
		group, row := g.find(back)
		if group == nil {
			unseen |= 1 << back
		} else if g.turn(group, back) && g.take(group, row, back, into) {
			if g.last = group; g.wasTold(unseen) {
				return -1
			}
			return back
		}
	}
	return -1
}

// newer takes the entity from the oldest snapshot that the client got at most back send
// ticks ago.
func (g *glance) newer(back int, into *sim.Snapshot) {
	for ; back >= 0; back-- {
		if !g.all && g.had>>back&1 == 0 {
			continue
		}
		group, row := g.find(back)
		if group == nil && g.wasTold(1<<back) || group != nil && g.turn(group, back) && g.take(group, row, back, into) {
			return
		}
	}
}

// wasTold reports whether the entity's last group came with any of these snapshots, in
// which the entity was out of sight: a client that was not told has it still.
func (g *glance) wasTold(unseen uint64) bool {
	for ; unseen != 0; unseen &= unseen - 1 {
		if g.turn(g.last, bits.TrailingZeros64(unseen)) {
			return true
		}
	}
	return false
}

// find returns where the entity was some send ticks ago, nil if out of the seat's sight.
func (g *glance) find(back int) (in *group, row int) {
	at := g.pub.tables[g.table].at(g.slot, g.pub.seq-uint32(back))
	if at.id != g.id || at.public.group == nil || g.every(at.public.group, back) == 0 {
		return nil, 0
	}
	return at.public.group, at.public.row
}

// every is every how many send ticks the seat was to see a group, 0 if never.
func (g *glance) every(in *group, back int) uint32 {
	seen := g.trail.sets[(g.pub.seq-uint32(back))%uint32(len(g.trail.sets))]
	if seen == nil {
		return 0
	}
	if i := seen.find(in.slot); i >= 0 && seen.list[i] == in {
		return uint32(seen.every[i])
	}
	return 0
}

// turn reports whether a group came with the snapshot of back send ticks ago; see
// publisher's turnOf for those that do not come with every one. A client that has come back
// gets those once out of turn, which is not known here.
func (g *glance) turn(in *group, back int) bool {
	if g.all || g.every(in, back) <= 1 {
		return true
	}
	told, held := len(g.trail.sets), false // when it came last; the client held it
	for n := told - 1; n >= back; n-- {
		if g.had>>n&1 == 0 {
			continue
		}
		every := g.every(in, n)
		if !held || every == 0 || (g.pub.seq-uint32(n))%every == in.slot%every || told-n >= int(2*every) {
			told = n
		}
		held = every > 0
	}
	return told == back
}

func (g *glance) take(in *group, row, back int, into *sim.Snapshot) bool {
	into.Known = in.stream.RowAt(into.R, g.pub.tables[g.table].public, row, g.id, back)
	into.Tick = g.tick(back)
	return into.Known
}
