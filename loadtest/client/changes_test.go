package client

import (
	"math/rand/v2"
	"testing"
)

// row is one entity of a fakeGroup: its id and two columns, the first in 1/16 steps.
type row struct {
	id    uint32
	x, hp int32
}

type fakeGroup []row

func (g fakeGroup) IDs(int) []uint32 {
	var ids []uint32
	for _, r := range g {
		ids = append(ids, r.id)
	}
	return ids
}

func (g fakeGroup) AppendColumns(dst [][]int32, _ int) [][]int32 {
	var x, hp []int32
	for _, r := range g {
		x, hp = append(x, r.x), append(hp, r.hp)
	}
	return append(dst, x, hp)
}

func TestChangesFollowEntitiesNotRows(t *testing.T) {
	desc := fakeDescriptor()
	c := newChanges(desc.Parts())
	for i, step := range []struct {
		name    string
		group   fakeGroup
		updates int
		entered int
	}{
		{"all come into view", fakeGroup{{1, 0, 100}, {2, 160, 100}, {3, 320, 100}}, 0, 3},
		{"nothing happens", fakeGroup{{1, 0, 100}, {2, 160, 100}, {3, 320, 100}}, 0, 0},
		{"one moves a step", fakeGroup{{1, 16, 100}, {2, 160, 100}, {3, 320, 100}}, 1, 0},
		{"two columns of one entity change", fakeGroup{{1, 32, 99}, {2, 160, 100}, {3, 320, 100}}, 1, 0},
		{"less than half a step is no change", fakeGroup{{1, 39, 99}, {2, 153, 100}, {3, 320, 100}}, 0, 0},
		{"the first leaves, the last takes its row", fakeGroup{{3, 320, 100}, {2, 160, 100}}, 0, 0},
		{"one enters, another moves", fakeGroup{{3, 320, 100}, {2, 176, 100}, {9, 0, 1}}, 1, 1},
		{"one is replaced", fakeGroup{{3, 320, 100}, {2, 176, 100}, {10, 0, 1}}, 0, 1},
	} {
		want := sight{updates: step.updates, entered: step.entered, inView: len(step.group)}
		if got := c.observe(7, step.group); got != want {
			t.Errorf("%d, %s: saw %+v, want %+v", i, step.name, got, want)
		}
	}
}

func TestAGroupThatComesBackCountsAfresh(t *testing.T) {
	desc := fakeDescriptor()
	c := newChanges(desc.Parts())
	g := fakeGroup{{1, 0, 100}, {2, 160, 100}}
	c.observe(7, g)
	c.forget(func(slot uint32) bool { return slot == 7 })
	if saw := c.observe(7, g); saw.updates != 0 || saw.entered != 0 {
		t.Errorf("a group that stayed counted %+v", saw)
	}
	c.forget(func(uint32) bool { return false })
	if saw := c.observe(7, g); saw.updates != 0 || saw.entered != 2 {
		t.Errorf("a group that came back counted %+v, want 2 entered", saw)
	}
}

func TestObservingAllocatesNothingOnceItKnowsTheGroup(t *testing.T) {
	room := newFakeRoom(30)
	b := newTold(t, room)
	b.must(room.welcome(false))
	for g := range b.view.decoder.Groups() {
		if n := testing.AllocsPerRun(100, func() { b.view.changes.observe(g.Slot, g) }); n != 0 {
			t.Errorf("%v allocations", n)
		}
	}
}

// dumb counts by looking every entity up by its id.
func dumb(was map[uint32]row, now fakeGroup) sight {
	saw := sight{inView: len(now)}
	for _, r := range now {
		old, known := was[r.id]
		switch {
		case !known:
			saw.entered++
		case (old.x+8)>>4 != (r.x+8)>>4 || old.hp != r.hp:
			saw.updates++
		}
	}
	clear(was)
	for _, r := range now {
		was[r.id] = r
	}
	return saw
}

func TestRowsInAnyOrderCountAsTheirEntities(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	desc := fakeDescriptor()
	c, was := newChanges(desc.Parts()), map[uint32]row{}
	var group fakeGroup
	next := uint32(0)
	for turn := range 500 {
		churn := rng.IntN(8)
		if turn%50 == 0 {
			churn = 60 // more than a scan is good for
		}
		for range churn {
			if len(group) > 0 && rng.IntN(2) == 0 {
				i := rng.IntN(len(group))
				group[i] = group[len(group)-1]
				group = group[:len(group)-1]
			} else {
				next++
				group = append(group, row{id: next, hp: 100})
			}
		}
		for i := range group {
			if rng.IntN(3) == 0 {
				group[i].x += int32(rng.IntN(33)) - 16
			}
		}
		if turn%9 == 0 {
			rng.Shuffle(len(group), func(i, j int) { group[i], group[j] = group[j], group[i] })
		}
		if got, want := c.observe(7, group), dumb(was, group); got != want {
			t.Fatalf("seed 7, turn %d: saw %+v, want %+v", turn, got, want)
		}
	}
}
