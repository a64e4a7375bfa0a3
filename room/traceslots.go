package room

import "github.com/roomtick/roomtick/sim"

// traceSlots gives entities the slots of a trace. The simulation uses a slot again
// at once; in a trace that would look like an entity that jumps.
type traceSlots struct {
	now    uint32 // tick; wraps, and only ages are taken of it
	rest   uint32 // ticks for which a slot stays empty
	taken  []traceSlot
	byslot []int // by table slot: the trace's slot plus 1, 0 if none
	freed  []int // slots left, the longest ago first
	unused int   // slots from here on were never taken
}

// traceSlot is one slot of the trace.
type traceSlot struct {
	id    sim.ID // 0 if empty
	table uint32 // slot of the table
	seen  uint32 // tick
}

func newTraceSlots(slots int, rest uint32) traceSlots {
	return traceSlots{rest: rest, taken: make([]traceSlot, slots)}
}

func (t *traceSlots) tick(now uint32) { t.now = now }

// of returns the trace's slot of an entity, false if all are taken or resting.
func (t *traceSlots) of(table uint32, id sim.ID) (slot int, ok bool) {
	for int(table) >= len(t.byslot) {
		t.byslot = append(t.byslot, 0)
	}
	if at := t.byslot[table] - 1; at >= 0 && t.taken[at].id == id {
		t.taken[at].seen = t.now
		return at, true
	}
	at := t.free()
	if at < 0 {
		return 0, false
	}
	t.byslot[table] = at + 1
	t.taken[at] = traceSlot{id: id, table: table, seen: t.now}
	return at, true
}

// free takes a slot that has rested, else one that was never used.
func (t *traceSlots) free() int {
	if len(t.freed) > 0 && t.now-t.taken[t.freed[0]].seen > t.rest {
		at := t.freed[0]
		t.freed = append(t.freed[:0], t.freed[1:]...)
		return at
	}
	if t.unused < len(t.taken) {
		t.unused++
		return t.unused - 1
	}
	return -1
}

// sweep frees the slots of entities that were not seen this tick.
func (t *traceSlots) sweep() {
	for at := range t.taken[:t.unused] {
		s := &t.taken[at]
		if s.id != 0 && s.seen != t.now {
			s.id = 0
			t.freed = append(t.freed, at)
		}
	}
}
