package room

import (
	"slices"

	"github.com/roomtick/roomtick/room/delta"
	"github.com/roomtick/roomtick/schema"
	"github.com/roomtick/roomtick/sim"
)

// publisher turns the simulation's tables into group streams. It remembers where
// every entity's rows are and moves them when the simulation says so.
type publisher struct {
	sim    *sim.Instance
	parts  []schema.Part
	tables []tablePlaces
	window int // send ticks of history

	lookback int // send ticks for which rows can be found where they were

	groups  map[sim.Group]*group
	order   []*group // all groups, by wire slot
	free    []uint32
	slots   uint32
	changed uint64 // groups made and retired so far

	seq      uint32 // send tick, from 1
	tick     uint32 // the tick published last
	ledger   *delta.Ledger
	prologue delta.Prologue
}

func newPublisher(in *sim.Instance, window int) *publisher {
	def := in.Definition()
	p := &publisher{sim: in, parts: def.Parts(), window: window, groups: map[sim.Group]*group{}, ledger: delta.NewLedger(def.Parts())}
	p.lookback = trailLength(def.Config().SendRate, window)
	p.tables = make([]tablePlaces, len(def.Descriptor().Tables))
	for i := range p.tables {
		p.tables[i].owner = -1
	}
	for i, part := range p.parts {
		if part.Owner {
			p.tables[part.Table].owner = i
		} else {
			p.tables[part.Table].public = i
		}
	}
	p.groupOf(sim.Everyone)
	return p
}

// publish advances every group's published state by one send tick.
func (p *publisher) publish() {
	p.seq++
	p.tick = p.sim.Tick()
	p.ledger.Settle()
	for t := range p.tables {
		p.collect(t)
	}
	p.prologue.Reset(p.parts)
	for _, g := range p.order {
		g.stream.Begin()
		p.applyMembership(g)
		p.sample(g)
		g.stream.Commit()
		p.prologue.Add(g.stream)
	}
	p.prologue.Finish()
	p.retire()
	for t := range p.tables {
		p.tables[t].forget(p.seq - uint32(p.lookback))
	}
}

// prologueFor returns the prologue for a client: shorter for one that had that of the
// send tick before.
// It books copies of it.
func (p *publisher) prologueFor(s *seat, copies int) []byte {
	b := &s.gate.baseline
	changes := !s.reset && b.steps && b.seq == p.seq-1
	told := p.prologue.Changes()
	if !changes {
		told = p.prologue.Whole()
	}
	p.ledger.Prologue(changes, len(told), copies)
	return told
}

// collect queues the leaves and enters of one table's entities.
func (p *publisher) collect(table int) {
	store := p.sim.Store(table)
	tp := &p.tables[table]
	if n := store.Cap(); n > len(tp.places) {
		tp.places = append(tp.places, make([]place, n-len(tp.places))...)
	}
	for _, slot := range store.Dirty() {
		now := store.At(slot)
		was := tp.change(slot, p.seq)
		same := now.Live && was.id == uint32(now.ID)
		p.place(&was.public, tp.public, p.publicGroup(now), same, enter{tp.public, uint32(now.ID), slot})
		if tp.owner >= 0 {
			p.place(&was.owner, tp.owner, p.ownerGroup(now), same, enter{tp.owner, uint32(now.ID), slot})
		}
		was.id = uint32(now.ID)
	}
	store.ClearDirty()
}

func (p *publisher) publicGroup(e sim.Entity) *group {
	if !e.Live {
		return nil
	}
	return p.groupOf(e.Group)
}

// ownerGroup is nil for unowned entities and for computer players, whose owner rows
// nobody reads.
func (p *publisher) ownerGroup(e sim.Entity) *group {
	if !e.Live || e.Owner == sim.NoSeat {
		return nil
	}
	if owner := p.sim.World().Player(e.Owner); owner == nil || owner.Bot {
		return nil
	}
	return p.groupOf(sim.Only(e.Owner))
}

// place queues the move of one row to group to, if it is not there already. same
// says that the entity is still the one that the row was made for.
func (p *publisher) place(at *rowPlace, part int, to *group, same bool, e enter) {
	if same && at.group == to {
		return
	}
	if at.group != nil {
		l := leave{part: part, row: at.row, why: delta.Despawned}
		switch {
		case same && to != nil:
			l.why, l.dest = delta.Moved, to.slot
		case same:
			l.why = delta.Hidden
		}
		at.group.leaves = append(at.group.leaves, l)
	}
	at.group = to
	if to != nil {
		to.enters = append(to.enters, e)
	}
}

// applyMembership carries this tick's leaves and enters into the stream and keeps
// the row of every entity known.
func (p *publisher) applyMembership(g *group) {
	slices.SortFunc(g.leaves, func(a, b leave) int {
		if a.part != b.part {
			return a.part - b.part
		}
		return b.row - a.row
	})
	for _, l := range g.leaves {
		g.stream.Leave(l.part, l.row, l.why, l.dest)
		rows := g.slots[l.part]
		last := len(rows) - 1
		if l.row != last {
			rows[l.row] = rows[last]
			p.rowOf(l.part, rows[l.row]).row = l.row
		}
		g.slots[l.part] = rows[:last]
	}
	for part := range g.slots {
		g.fresh[part] = len(g.slots[part])
	}
	slices.SortFunc(g.enters, func(a, b enter) int {
		if a.part != b.part {
			return a.part - b.part
		}
		return int(int64(a.id) - int64(b.id))
	})
	for _, e := range g.enters {
		at := p.rowOf(e.part, e.slot)
		row := g.stream.Enter(e.part, e.id)
		if row < 0 { // the group is full: the entity is not shown
			at.group = nil
			continue
		}
		g.slots[e.part] = append(g.slots[e.part], e.slot)
		at.row = row
	}
	g.leaves, g.enters = g.leaves[:0], g.enters[:0]
}

// rowOf returns where an entity's row is, to be changed.
func (p *publisher) rowOf(part int, slot uint32) *rowPlace {
	tp := &p.tables[p.parts[part].Table]
	if p.parts[part].Owner {
		return &tp.places[slot].owner
	}
	return &tp.change(slot, p.seq).public
}

// sample reads the simulation's values into the stream's targets.
func (p *publisher) sample(g *group) {
	for part, slots := range g.slots {
		if len(slots) == 0 {
			continue
		}
		info := &p.parts[part]
		store := p.sim.Store(info.Table)
		for c := range info.Columns {
			targets := g.stream.Targets(part, c)
			if info.Columns[c].String {
				p.intern(g, part, c, store, targets)
				continue
			}
			kept := 0
			if info.Columns[c].Once { // constant once the row is there, whatever the game does
				kept = copy(targets[:g.fresh[part]], g.stream.R(part, c))
			}
			store.Sample(info.Owner, c, slots[kept:], targets[kept:])
		}
	}
}

func (p *publisher) intern(g *group, part, column int, store *sim.Store, targets []int32) {
	current := g.stream.R(part, column)
	for row, slot := range g.slots[part] {
		old := int32(0)
		if row < g.fresh[part] {
			old = current[row]
			if p.parts[part].Columns[column].Once {
				targets[row] = old
				continue
			}
		}
		targets[row] = g.stream.Intern(old, store.Text(p.parts[part].Owner, column, slot))
	}
}
