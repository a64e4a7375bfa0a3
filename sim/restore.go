package sim

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/cespare/xxhash/v2"
)

// restorer reads a checkpoint into a new instance.
type restorer struct {
	stateReader
	inst   *Instance
	game   oldLayout
	input  oldLayout
	tables []oldTable
}

// oldTable is a table as the checkpoint has it.
type oldTable struct {
	name   string
	single bool
	layout oldLayout
	to     *Store // nil if the game has no such table
}

// Restore makes the game of a checkpoint, which goes on exactly as the one that wrote it.
// The checkpoint may be of another build: fields are found by name, those added since
// are zero, those removed are ignored, numbers change their width. The error says what is
// wrong with the bytes; they may come from anywhere.
func (d *Definition) Restore(b []byte) (*Instance, error) {
	body := len(b) - checkpointSum
	if body < 0 || binary.LittleEndian.Uint64(b[body:]) != xxhash.Sum64(b[:body]) {
		return nil, fmt.Errorf("%w: damaged or cut off", errCheckpoint)
	}
	return d.restore(b[:body])
}

func (d *Definition) restore(b []byte) (*Instance, error) {
	i, err := d.instance(0)
	if err != nil {
		return nil, err
	}
	r := &restorer{stateReader: stateReader{buf: b}, inst: i}
	r.header()
	r.world()
	r.players()
	for t := range r.tables {
		r.table(&r.tables[t])
	}
	state := r.saver()
	if r.err == nil && len(r.buf) > 0 {
		r.fail("%d bytes left over", len(r.buf))
	}
	if r.err != nil {
		return nil, r.err
	}
	if s, ok := i.game.(Saver); ok {
		if err := s.Load(state); err != nil {
			return nil, fmt.Errorf("sim: load %s: %w", d.cfg.Name, err)
		}
	}
	i.world.out.sealed = true
	return i, nil
}

func (r *restorer) header() {
	d := r.inst.def
	if string(r.bytes(len(checkpointMagic))) != checkpointMagic {
		r.fail("not a checkpoint")
	}
	if v := r.raw(1); r.err == nil && v != checkpointVersion {
		r.fail("version %d; this build reads %d", v, checkpointVersion)
	}
	if name := r.text(); r.err == nil && name != d.cfg.Name {
		r.fail("of the game %q, not %q", name, d.cfg.Name)
	}
	r.game = readLayout(&r.stateReader, d.private)
	r.input = readLayout(&r.stateReader, d.input.layout)
	seen := make(map[string]bool)
	for range r.count("tables") {
		t := oldTable{name: r.text(), single: r.flag()}
		t.to = r.inst.storeNamed(t.name, t.single)
		var now *layout
		if t.to != nil {
			now = t.to.plan.layout
		}
		t.layout = readLayout(&r.stateReader, now)
		if seen[t.name] {
			r.fail("table %s is there twice", t.name)
		}
		seen[t.name] = true
		r.tables = append(r.tables, t)
	}
}

// storeNamed finds a table by the name of its Go field.
func (i *Instance) storeNamed(goField string, single bool) *Store {
	for _, s := range i.stores {
		if s.plan.goField == goField && s.plan.isSingle == single {
			return s
		}
	}
	return nil
}

func (r *restorer) world() {
	w := r.inst.world
	w.tick = uint32(r.raw(4))
	w.rand = Rand{state: r.raw(8), stream: r.raw(8)}
	r.door(w)
	r.game.read(&r.stateReader, r.inst.base)
}

func (r *restorer) players() {
	next := uint32(0)
	for range r.count("players") {
		seat := r.leb()
		if r.err == nil && (seat < next || seat >= uint32(NoSeat)) {
			r.fail("seat %d is out of order", seat)
		}
		if r.err != nil {
			return
		}
		next = seat + 1
		p := &Player{Seat: Seat(seat)}
		r.player(p)
		r.inst.world.seat(p)
		p.looking = p.looking && p.grid.size > 0
		p.View(2*p.halfX, 2*p.halfY)
		r.input.read(&r.stateReader, r.inst.input.at(p.Seat))
	}
}

func (r *restorer) player(p *Player) {
	p.ID, p.Name = r.text(), r.text()
	flags := r.raw(1)
	if flags > flagsAll {
		r.fail("player flags are %#x", flags)
	}
	p.Bot, p.Connected = flags&flagBot != 0, flags&flagConnected != 0
	p.looking, p.inTeam = flags&flagLooking != 0, flags&flagInTeam != 0
	p.centreX, p.centreY = r.float(), r.float()
	p.halfX, p.halfY = r.float(), r.float()
	p.team = uint32(r.raw(4))
	for range r.count("groups") {
		p.shown = append(p.shown, r.group())
	}
	if flags&flagMatched != 0 {
		p.MatchTeam, p.Role = int(r.leb()), r.text()
	}
	if p.viewing = flags&flagViewing != 0; p.viewing {
		p.view = View{Tick: uint32(r.raw(4)), Part: uint8(r.raw(1)), Newest: uint32(r.raw(4)), Had: r.raw(8)}
	}
}

// float reads a number that must be finite.
func (r *restorer) float() float32 {
	v := math.Float32frombits(uint32(r.raw(4)))
	if !isFinite(v) {
		r.fail("a player's view is at %g", v)
		return 0
	}
	return v
}

func (r *restorer) group() Group {
	g := Group(r.raw(8))
	if !g.valid() {
		r.fail("no group is %#x", uint64(g))
	}
	return g
}

// saver reads the state of a Saver, nil if the build that wrote it was none.
func (r *restorer) saver() []byte {
	if !r.flag() {
		return nil
	}
	return r.bytes(r.count("bytes"))
}
