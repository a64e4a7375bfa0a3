package client

import (
	"time"

	"github.com/roomtick/roomtick/room/delta"
	"github.com/roomtick/roomtick/schema"
)

// drawnBehind is how many sends behind the newest snapshot a bot says it draws.
const drawnBehind = 2

// snapshot applies one snapshot and all that follows from it.
func (v *view) snapshot(now time.Duration, f *schema.ServerFrame) error {
	n := &v.bot.Counters
	h := &f.Snapshot
	if v.welcome.Epoch < v.epoch {
		n.Old.Add(1)
		return nil
	}
	sends, err := v.advance(h)
	if err != nil {
		return err
	}
	if v.decoder != nil {
		if err := v.decoder.Apply(h.Tick, uint32(v.welcome.SendEvery), h.Flags, f.Deltas); err != nil {
			return n.fault(FaultDecode, "tick %d after %d: %w", h.Tick, v.tick, err)
		}
	}
	v.tick = h.Tick
	v.count(now, sends, h)
	v.fresh = true
	if err := v.events(f); err != nil {
		return err
	}
	if err := v.acknowledge(now); err != nil {
		return nil //nolint:nilerr // the conn has ended: the next read says how
	}
	if v.pilot != nil {
		if intent := v.pilot.decide(v.decoder, h.Tick); intent != nil {
			v.bot.out.think(intent)
		}
	}
	v.serve()
	return nil
}

// advance returns how many send ticks the snapshot covers: one, or more if it jumped
// over some. A reset does not say its reason, be it a lag or a hash the server found
// wrong: only the server's own metrics tell the two apart.
func (v *view) advance(h *schema.SnapshotHead) (int64, error) {
	n := &v.bot.Counters
	if !v.seen {
		return 1, nil
	}
	ticks := int32(h.Tick - v.tick)
	reset := h.Flags&schema.HeadReset != 0
	switch {
	case ticks < 0, ticks == 0 && v.fresh:
		return 0, n.fault(FaultGap, "tick %d after %d", h.Tick, v.tick)
	case ticks%int32(v.welcome.SendEvery) != 0 && !reset:
		return 0, n.fault(FaultGap, "tick %d after %d, sent every %d", h.Tick, v.tick, v.welcome.SendEvery)
	case reset && v.fresh:
		n.Resets.Add(1)
	}
	return int64(ticks / int32(v.welcome.SendEvery)), nil
}

// count notes what an applied snapshot was.
func (v *view) count(now time.Duration, sends int64, h *schema.SnapshotHead) {
	n := &v.bot.Counters
	if sends > 0 {
		n.Received.Add(1)
		n.Jumped.Add(sends - 1)
	}
	if schema.InputState(h.Flags&schema.HeadInputMask>>schema.HeadInputShift) == schema.InputApplied {
		n.Applied.Add(1)
	}
	if !v.seen {
		v.seen = true
		v.bot.first.Store(int64(now))
	}
	gap := time.Duration(0)
	if v.last > 0 {
		gap = now - v.last
	}
	age := v.bot.out.answer(now, &v.frame, v.tickMS(), &v.waits)
	v.bot.opts.Meter.snapshot(gap, age, &v.waits)
	v.last, v.lastCounted = now, now
	v.listen(now)
	if v.decoder != nil {
		v.observe(h)
	}
}

// observe counts what has changed. An update is an entity in view whose quantised
// public state differs from the snapshot before; one that has just come into view, or
// is told anew in a keyframe, has no state before and is counted apart, as entered. A
// jump counts an entity once however many ticks it covers, so that bytes per update
// errs on the high side.
func (v *view) observe(h *schema.SnapshotHead) {
	n := &v.bot.Counters
	n.Updates.Store(int64(v.tally.Changed))
	n.Entered.Store(int64(v.tally.Entered))
	inView, behind := 0, 0
	for g := range v.decoder.Groups() {
		for _, part := range v.public {
			inView += g.Rows(part)
		}
		if g.Tick != h.Tick {
			behind++
		}
	}
	n.InView.Add(int64(inView))
	if behind > 0 {
		n.Behind.Add(int64(behind))
	}
}

// events takes a frame's events: each once, in order.
func (v *view) events(f *schema.ServerFrame) error {
	if len(f.Events) == 0 {
		return nil
	}
	n := &v.bot.Counters
	seq := f.EventSeq
	return schema.ReadServerEvents(f.Events, func(_, typ uint32, _ []byte) error {
		ahead := seq - v.eventAck - 1
		seq++
		switch {
		case int32(ahead) < 0:
			return nil // a repeat
		case ahead > v.lost:
			return n.fault(FaultGap, "event %d after %d", seq-1, v.eventAck)
		case typ >= uint32(len(v.desc.Events)) || v.desc.Events[typ].FromClient:
			return n.fault(FaultDecode, "event of type %d", typ)
		}
		v.eventAck, v.lost = seq-1, v.lost-ahead
		n.Events.Add(1)
		return nil
	})
}

// acknowledge tells the server what was applied, and once a second what one of the
// groups hashes to.
func (v *view) acknowledge(now time.Duration) error {
	p := progress{
		state: schema.ClientState{
			Ack:      v.tick,
			View:     (v.tick - drawnBehind*uint32(v.welcome.SendEvery)) << 8,
			EventAck: v.eventAck,
		},
		roomTime: float64(v.tick) * v.tickMS(),
		ackAfter: v.ackAfter(),
	}
	if second := v.tick / uint32(v.welcome.TickRate); second != v.second {
		v.second = second
		p.hash, p.hasHash = v.hash(second)
	}
	return v.bot.out.applied(now, p)
}

// hash takes the hash of one visible group, another each second, and compares it with
// what other bots had. All bots of a room do so at the same ticks.
func (v *view) hash(second uint32) (schema.PubHash, bool) {
	if v.decoder == nil {
		return schema.PubHash{}, false
	}
	count := uint32(0)
	for range v.decoder.Groups() {
		count++
	}
	if count == 0 {
		return schema.PubHash{}, false
	}
	pick := second % count
	for g := range v.decoder.Groups() {
		if pick > 0 {
			pick--
			continue
		}
		return v.testify(g), true
	}
	return schema.PubHash{}, false
}

func (v *view) testify(g *delta.Group) schema.PubHash {
	p := schema.PubHash{Group: g.Slot, Tick: g.Tick, Hash: g.Hash()}
	if w := v.bot.opts.Witness; w != nil {
		if other, ok := w.testify(v.bot.room, p.Group, p.Tick, p.Hash); !ok {
			_ = v.bot.Counters.fault(FaultHash, "group %d at tick %d: %08x, another bot had %08x", p.Group, p.Tick, p.Hash, other)
		}
	}
	return p
}
