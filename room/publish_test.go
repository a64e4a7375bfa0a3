package room

import (
	"testing"

	"github.com/roomtick/roomtick/room/delta"
	"github.com/roomtick/roomtick/schema"
	"github.com/roomtick/roomtick/sim"
)

func TestLeavingRowsSayWhyAndWhereTo(t *testing.T) {
	p := &publisher{}
	from, to := &group{slot: 3}, &group{slot: 9}
	for name, c := range map[string]struct {
		to   *group
		same bool
		why  delta.Reason
		dest uint32
	}{
		"despawned":                  {nil, false, delta.Despawned, 0},
		"slot taken by another one":  {to, false, delta.Despawned, 0},
		"hidden":                     {nil, true, delta.Hidden, 0},
		"moved to another group":     {to, true, delta.Moved, 9},
		"another one, in this group": {from, false, delta.Despawned, 0},
	} {
		from.leaves, from.enters, to.enters = nil, nil, nil
		at := &rowPlace{group: from, row: 5}
		p.place(at, 0, c.to, c.same, enter{id: 7})
		if len(from.leaves) != 1 || from.leaves[0] != (leave{row: 5, why: c.why, dest: c.dest}) {
			t.Errorf("%s: leaves %+v", name, from.leaves)
		}
		if c.to != nil && len(c.to.enters) != 1 || at.group != c.to {
			t.Errorf("%s: is in %v", name, at.group)
		}
	}
	from.leaves = nil
	if p.place(&rowPlace{group: from}, 0, from, true, enter{}); len(from.leaves) != 0 {
		t.Error("an entity that stays leaves")
	}
}

// TestGroupsNobodyNeedsAreRetiredAfterEveryHistory walks a lone player through the cells
// of a grid: slots are used again, but not while a client may still mean the old group.
func TestGroupsNobodyNeedsAreRetiredAfterEveryHistory(t *testing.T) {
	inBubble(t, Config{}, func(r *Room) {
		made := map[*group]uint32{}
		for n := range uint32(400) {
			inside(t, r, func() {
				p := r.pub
				g := p.groupOf(sim.Custom(n))
				for old, since := range made {
					if old.slot == g.slot && old != g && r.sim.Tick()-since <= uint32(2*p.window) {
						t.Errorf("slot %d of a group last needed %d ticks ago is used again", g.slot, r.sim.Tick()-since)
					}
				}
				made[g] = r.sim.Tick()
			})
			ticks(r, 1)
		}
		inside(t, r, func() {
			if n, limit := len(r.pub.order), 2*r.pub.window+30; n > limit {
				t.Errorf("%d groups live, want at most %d", n, limit)
			}
		})
		b := newTab(t, r, "Ada")
		watch(r, 5, b)
		inside(t, r, func() {
			own := r.pub.groups[sim.Only(b.seat)]
			if own == nil || own.seenBy != 1 {
				t.Fatal("the player's own group is not there")
			}
		})
		watch(r, 100, b)
		b.send(schema.ClientFrame{Leave: true})
		ticks(r, 3)
		inside(t, r, func() {
			if own := r.pub.groups[sim.Only(b.seat)]; own != nil && own.seenBy != 0 {
				t.Errorf("seen by %d after its player left", own.seenBy)
			}
		})
		ticks(r, 2*r.pub.window+5)
		inside(t, r, func() {
			if r.pub.groups[sim.Only(b.seat)] != nil {
				t.Error("the group of a player who left is still there")
			}
		})
	})
}

func TestComputerPlayersHaveNoOwnerRows(t *testing.T) {
	inBubble(t, Config{Bots: 3}, func(r *Room) {
		ticks(r, 3)
		inside(t, r, func() {
			for seat := range sim.Seat(3) {
				if r.pub.groups[sim.Only(seat)] != nil {
					t.Errorf("bot %d has a group of its own", seat)
				}
			}
		})
	})
}
