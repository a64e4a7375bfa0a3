package delta

import (
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/roomtick/roomtick/schema"
	bitcode "github.com/roomtick/roomtick/schema/bits"
)

// ErrDelta is what every decoding error wraps.
var ErrDelta = errors.New("delta: protocol error")

// Limits of a decoder. The first is PROTOCOL.md 4.9's; the others bound what a
// hostile server can make a client hold, far above what a screen can show.
const (
	maxGroups    = 4096
	maxHeldRows  = 1 << 20 // of all parts and groups together
	maxHeldBytes = 1 << 26 // of all strings
)

// Decoder is the client side of the codec: it applies the deltas of whole frames and
// holds a copy of every visible group. Owned by one goroutine.
type Decoder struct {
	parts  []schema.Part
	groups []*Group   // by slot, ascending
	slots  []uint32   // theirs: looking for one must not read them all
	shared []settings // by part, of the newest prologue
	told   uint32     // tick of the newest prologue
	knows  bool       // there has been one
	frame  uint32     // frames applied; wraps, only compared with the latest
	broken bool       // an error left the groups half applied
	tally  *Tally

	// The room that groups may still take.
	rows, bytes int

	// Of the frame being applied.
	r         bitcode.Reader
	prologue  bool
	mark      int // bits already reported to the tally
	survivors []int32
	fresh     []int32
	awake     []int32
	values    []int32 // of one column, by row that has one
	widest    []uint8 // by awake row, its largest symbol so far
	levels    []uint8 // by awake row, of one column
	symbols   []uint8 // of the awake rows, active column after active column
	counting  bool    // the part's changed rows are counted
	before    []int32 // one column of the rows, as it was; only for the tally
	changed   []int32 // by row, not 0 if its state changed; only for the tally
}

// NewDecoder makes a decoder that holds no groups. parts is shared, not copied.
func NewDecoder(parts []schema.Part) *Decoder {
	return &Decoder{parts: parts, rows: maxHeldRows, bytes: maxHeldBytes, shared: newSettings(parts)}
}

// SetTally makes the decoder report the bits of every frame to t; nil stops that.
func (d *Decoder) SetTally(t *Tally) { d.tally = t }

// Reset forgets every group, and any error.
func (d *Decoder) Reset() {
	d.groups, d.slots = d.groups[:0], d.slots[:0]
	d.rows, d.bytes = maxHeldRows, maxHeldBytes
	d.broken, d.knows = false, false
}

// Groups yields every group held, by ascending slot.
func (d *Decoder) Groups() iter.Seq[*Group] { return slices.Values(d.groups) }

// Group returns the group of a slot, nil if it is not held.
func (d *Decoder) Group(slot uint32) *Group {
	if i, ok := d.find(slot); ok {
		return d.groups[i]
	}
	return nil
}

func (d *Decoder) find(slot uint32) (int, bool) { return slices.BinarySearch(d.slots, slot) }

// Apply applies the deltas of a frame: tick and flags are the snapshot head's,
// sendEvery is the welcome's, in ticks. Any error wraps ErrDelta; after one, all
// frames are refused until Reset or a frame with the reset flag.
func (d *Decoder) Apply(tick, sendEvery uint32, flags uint8, deltas []byte) error {
	if flags&schema.HeadReset != 0 {
		d.Reset()
	}
	if d.broken {
		return fmt.Errorf("%w: reset is due after an earlier error", ErrDelta)
	}
	d.frame++
	d.r, d.mark = bitcode.NewReader(deltas), 0
	d.prologue = flags&schema.HeadPrologue != 0
	err := d.readPrologue(tick, sendEvery)
	for err == nil && d.r.Remaining() > 0 {
		err = d.applyGroup(tick, sendEvery)
	}
	if err != nil {
		d.broken = true
	}
	return err
}

func (d *Decoder) readPrologue(tick, sendEvery uint32) error {
	if !d.prologue {
		return nil
	}
	whole := d.r.Bool()
	if !whole && (!d.knows || d.told != tick-sendEvery) {
		return fmt.Errorf("%w: a prologue of changes to an unknown one", ErrDelta)
	}
	for part := range d.shared {
		if whole {
			d.shared[part].reset()
		}
		d.shared[part].read(&d.r, whole)
	}
	d.told, d.knows = tick, true
	d.r.Align()
	d.report(Shared)
	return d.wrong()
}

// wrong returns the reader's error, if it has one.
func (d *Decoder) wrong() error {
	if err := d.r.Err(); err != nil {
		return fmt.Errorf("%w: %w", ErrDelta, err)
	}
	return nil
}

func (d *Decoder) applyGroup(tick, sendEvery uint32) error {
	start := d.r.Pos()
	head := d.r.Leb()
	slot, form := head>>2, head&3
	span := int32(1)
	var kind uint32
	switch form {
	case formSpan:
		if span = int32(d.r.Bits(8)); span == goneSpan {
			form = formGone
		}
	case formKeyframe:
		kind = d.r.Bits(8)
	}
	d.report(Header)
	if err := d.wrong(); err != nil {
		return err
	}
	var err error
	switch form {
	case formGone:
		d.report(Header)
		d.forget(slot)
		return nil
	case formKeyframe:
		err = d.applyKeyframe(slot, kind)
	case formQuiet:
		err = d.applyQuiet(slot, tick-sendEvery)
	default:
		err = d.applyChanges(slot, tick-uint32(span)*sendEvery, form, span)
	}
	if err == nil {
		d.r.Align()
		d.report(Header)
		err = d.wrong()
	}
	if err != nil {
		return fmt.Errorf("group %d: %w", slot, err)
	}
	g := d.Group(slot)
	g.Tick = tick
	d.tally.kind(g.Kind, d.r.Pos()-start)
	return nil
}

// forget drops a group; one that is not held needs no dropping.
func (d *Decoder) forget(slot uint32) {
	i, ok := d.find(slot)
	if !ok {
		return
	}
	d.empty(d.groups[i])
	d.groups, d.slots = slices.Delete(d.groups, i, i+1), slices.Delete(d.slots, i, i+1)
}

// empty takes all rows and strings from a group.
func (d *Decoder) empty(g *Group) {
	for part := range g.state {
		d.rows += len(g.state[part].ids)
		g.state[part].ids = g.state[part].ids[:0]
	}
	for _, text := range g.texts {
		d.bytes += len(text)
	}
	clear(g.texts)
	g.held = 0
}

// base returns the group that a delta of span send ticks from that tick is for.
func (d *Decoder) base(slot, baseline uint32, span int32) (*Group, error) {
	g := d.Group(slot)
	switch {
	case g == nil:
		return nil, fmt.Errorf("%w: no baseline", ErrDelta)
	case g.frame == d.frame:
		return nil, fmt.Errorf("%w: twice in a frame", ErrDelta)
	case g.Tick != baseline:
		return nil, fmt.Errorf("%w: baseline %d, have %d", ErrDelta, baseline, g.Tick)
	}
	g.frame = d.frame
	g.pass(span)
	return g, nil
}

// applyQuiet applies a step in which nothing was corrected.
func (d *Decoder) applyQuiet(slot, baseline uint32) error {
	g, err := d.base(slot, baseline, 1)
	if err != nil {
		return err
	}
	for part := range g.state {
		if !g.holds(part) {
			continue
		}
		d.split(g.state[part], false)
		d.awake = d.awake[:0]
		d.startChanges(part, len(g.state[part].ids))
		if err := d.applyStep(g, part, false); err != nil {
			return err
		}
		d.tally.rows(len(d.survivors), 0, 0)
		d.countChanges()
	}
	return nil
}

// applyChanges applies a step or a span to a group held at the baseline.
func (d *Decoder) applyChanges(slot, baseline, form uint32, span int32) error {
	if form == formSpan && span < 2 {
		return fmt.Errorf("%w: span of %d", ErrDelta, span)
	}
	g, err := d.base(slot, baseline, span)
	if err != nil {
		return err
	}
	if err := d.readStrings(g); err != nil {
		return err
	}
	logged, err := d.readLog(g, uint32(span))
	if err != nil {
		return err
	}
	for part := range g.state {
		if !g.holds(part) {
			continue
		}
		d.split(g.state[part], logged)
		if err := d.applyPart(g, part, form == formStep, span); err != nil {
			return err
		}
	}
	return nil
}

func (d *Decoder) applyPart(g *Group, part int, step bool, span int32) error {
	d.awake = d.awake[:0]
	d.startChanges(part, len(g.state[part].ids))
	if len(d.survivors) > 0 {
		coded, err := d.readAwake(step)
		switch {
		case err != nil:
		case !step:
			err = d.applySpan(g, part, span)
		case !d.prologue:
			err = fmt.Errorf("%w: a step without a prologue", ErrDelta)
		case coded:
			if err = d.readCoded(g, part); err == nil {
				err = d.applyStep(g, part, true)
			}
		default:
			err = d.applyStep(g, part, false)
		}
		if err != nil {
			return err
		}
	}
	d.tally.rows(len(d.survivors), len(d.awake), len(d.fresh))
	d.countChanges()
	return d.readFresh(g, part)
}
