package sim

import (
	"encoding/binary"
	"math"
	"unsafe"

	"github.com/cespare/xxhash/v2"
	"github.com/roomtick/roomtick/schema/bits"
)

// A checkpoint; leb is LEB128, text is leb length and bytes, numbers are little-endian:
//
//	"RTCK" | version | game's name
//	layout of the game's plain fields | layout of the inputs
//	leb tables: each: text Go field, byte single, layout
//	tick u32 | random state u64, stream u64 | flags, with their result and properties: see checkpointdoor.go
//	the game's cells
//	leb players: each: leb seat | text id, name | flags | centre 2 x f32 | half view 2 x f32 | team u32 |
//	             leb groups shown, each u64 | if matched: leb team, text role |
//	             with a view: tick u32, part byte, newest u32, had u64 | the input's cells
//	each table:  last id u32 | leb slots, each: byte live, then id u32, group u64,
//	             owner u16, cells | leb free slots, each leb, the next to be taken last
//	byte: a Saver? then leb length and its bytes
//	xxhash64 of all before
//
// layout: leb cells, each: text path | kind | byte dimensions, each leb length.
const (
	checkpointMagic   = "RTCK"
	checkpointVersion = 2
	checkpointSum     = 8 // bytes of the hash at the end
)

// Flags of a player.
const (
	flagBot = 1 << iota
	flagConnected
	flagLooking
	flagInTeam
	flagMatched // the match's team and role follow
	flagViewing
	flagsAll = 1<<iota - 1
)

// Checkpoint appends everything needed to run the game on from this tick to dst. Call it
// after Step, before anything else happens to the game: what was sent and queued since is
// not in it.
func (i *Instance) Checkpoint(dst []byte) []byte {
	from := len(dst)
	dst = append(dst, i.def.header...)
	dst = i.appendState(dst)
	return binary.LittleEndian.AppendUint64(dst, xxhash.Sum64(dst[from:]))
}

// Hash digests the whole simulation after a Step: every field of every entity in slot
// order, private ones too, the free slots, the random numbers, the players and their
// inputs. Two games that agree in it go on alike.
func (i *Instance) Hash() uint64 {
	i.buf = i.appendState(i.buf[:0])
	return xxhash.Sum64(i.buf)
}

// appendHeader writes what is the same for every checkpoint of a definition.
func (d *Definition) appendHeader(dst []byte) []byte {
	dst = append(dst, checkpointMagic...)
	dst = append(dst, checkpointVersion)
	dst = appendText(dst, d.cfg.Name)
	dst = d.private.append(dst)
	dst = d.input.layout.append(dst)
	dst = bits.AppendLeb(dst, uint32(len(d.tables)))
	for _, t := range d.tables {
		dst = appendText(dst, t.goField)
		dst = append(dst, boolByte(t.isSingle))
		dst = t.layout.append(dst)
	}
	return dst
}

func (l *layout) append(dst []byte) []byte {
	dst = bits.AppendLeb(dst, uint32(len(l.cells)))
	for i := range l.cells {
		c := &l.cells[i]
		dst = appendText(dst, c.path)
		dst = append(dst, byte(c.code), byte(len(c.dims)))
		for _, d := range c.dims {
			dst = bits.AppendLeb(dst, uint32(d.n))
		}
	}
	return dst
}

// appendCells writes the values of a struct.
func (l *layout) appendCells(dst []byte, base unsafe.Pointer) []byte {
	for i := range l.cells {
		dst = l.cells[i].append(dst, base)
	}
	return dst
}

func (i *Instance) appendState(dst []byte) []byte {
	w := i.world
	dst = binary.LittleEndian.AppendUint32(dst, w.tick)
	dst = binary.LittleEndian.AppendUint64(dst, w.rand.state)
	dst = binary.LittleEndian.AppendUint64(dst, w.rand.stream)
	dst = w.appendDoor(dst)
	dst = i.def.private.appendCells(dst, i.base)
	dst = i.appendPlayers(dst)
	for _, s := range i.stores {
		dst = s.appendState(dst)
	}
	saver, ok := i.game.(Saver)
	dst = append(dst, boolByte(ok))
	if ok {
		state := saver.Save()
		dst = bits.AppendLeb(dst, uint32(len(state)))
		dst = append(dst, state...)
	}
	return dst
}

func (i *Instance) appendPlayers(dst []byte) []byte {
	n := uint32(0)
	for range i.world.Players() {
		n++
	}
	dst = bits.AppendLeb(dst, n)
	for p := range i.world.Players() {
		dst = bits.AppendLeb(dst, uint32(p.Seat))
		dst = p.appendState(dst)
		dst = i.def.input.layout.appendCells(dst, i.input.at(p.Seat))
	}
	return dst
}

func (p *Player) appendState(dst []byte) []byte {
	dst = appendText(appendText(dst, p.ID), p.Name)
	flags := boolByte(p.Bot)*flagBot | boolByte(p.Connected)*flagConnected |
		boolByte(p.looking)*flagLooking | boolByte(p.inTeam)*flagInTeam |
		boolByte(p.MatchTeam != 0 || p.Role != "")*flagMatched |
		boolByte(p.viewing)*flagViewing
	dst = append(dst, flags)
	dst = binary.LittleEndian.AppendUint32(dst, math.Float32bits(p.centreX))
	dst = binary.LittleEndian.AppendUint32(dst, math.Float32bits(p.centreY))
	dst = binary.LittleEndian.AppendUint32(dst, math.Float32bits(p.halfX))
	dst = binary.LittleEndian.AppendUint32(dst, math.Float32bits(p.halfY))
	dst = binary.LittleEndian.AppendUint32(dst, p.team)
	dst = bits.AppendLeb(dst, uint32(len(p.shown)))
	for _, g := range p.shown {
		dst = binary.LittleEndian.AppendUint64(dst, uint64(g))
	}
	if flags&flagMatched != 0 {
		dst = appendText(bits.AppendLeb(dst, uint32(p.MatchTeam)), p.Role)
	}
	if p.viewing {
		dst = binary.LittleEndian.AppendUint32(dst, p.view.Tick)
		dst = append(dst, p.view.Part)
		dst = binary.LittleEndian.AppendUint32(dst, p.view.Newest)
		dst = binary.LittleEndian.AppendUint64(dst, p.view.Had)
	}
	return dst
}

func (s *Store) appendState(dst []byte) []byte {
	dst = binary.LittleEndian.AppendUint32(dst, uint32(s.last))
	dst = bits.AppendLeb(dst, uint32(len(s.entries)))
	for slot := range uint32(len(s.entries)) {
		e := &s.entries[slot]
		dst = append(dst, boolByte(e.Live))
		if !e.Live {
			continue
		}
		dst = binary.LittleEndian.AppendUint32(dst, uint32(e.ID))
		dst = binary.LittleEndian.AppendUint64(dst, uint64(e.Group))
		dst = binary.LittleEndian.AppendUint16(dst, uint16(e.Owner))
		dst = s.plan.layout.appendCells(dst, s.at(slot))
	}
	dst = bits.AppendLeb(dst, uint32(len(s.free)))
	for _, slot := range s.free {
		dst = bits.AppendLeb(dst, slot)
	}
	return dst
}

func appendText(dst []byte, s string) []byte {
	dst = bits.AppendLeb(dst, uint32(len(s)))
	return append(dst, s...)
}

func boolByte(b bool) byte {
	if b {
		return 1
	}
	return 0
}
