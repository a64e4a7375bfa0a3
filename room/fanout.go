package room

import (
	"time"

	"github.com/roomtick/roomtick/room/delta"
	"github.com/roomtick/roomtick/schema"
)

// frameScratch is reused for every frame of a room.
type frameScratch struct {
	frame  schema.ServerFrame
	deltas []byte
	events []byte
	pieces [][]byte
	gones  []byte
	copies []copyOf // what the client holds once it has the frame
	seen   []sighted
	view   groupSet
}

// fanOut hands every conn its frame of this send tick. Group deltas were made once;
// a frame is a head, a copy of its pieces, and one write.
func (r *Room) fanOut(now time.Time) {
	for i := range r.seats {
		s := &r.seats[i]
		if s.state != seatPlaying {
			continue
		}
		lag := s.gate.lag(now)
		if lag > lagClose {
			r.log.Info("conn closed", "seat", i, "code", schema.CloseLagging, "lag", lag)
			r.drop(s, schema.CloseLagging)
			continue
		}
		s.reset = s.reset || lag > lagKeyframe
		r.sendTo(s, now)
	}
	r.show(now)
	r.cfg.Stats.Encodings.Add(int64(r.pub.ledger.Encodings()))
}

// sendTo writes one conn's frame, with a snapshot if its gate is open.
func (r *Room) sendTo(s *seat, now time.Time) {
	f := &r.frame.frame
	*f = schema.ServerFrame{}
	if s.greet {
		f.Welcome = r.welcome(s)
	}
	if s.clock.pending {
		f.HasClock = true
		f.Clock = schema.ClockReply{Sent: s.clock.sent, Received: s.clock.received, Replied: r.roomTime(now)}
	}
	snapshot := r.due(s, now)
	var forms formCounts
	var lastEvent uint32
	if snapshot {
		forms = r.snapshot(s, f)
		r.frame.events, f.EventSeq, lastEvent = s.outbox.append(r.frame.events[:0], r.sim.Tick())
		f.Events = r.frame.events
	}
	if !snapshot && !s.greet && !s.clock.pending {
		return
	}
	frame := r.build(f)
	if !s.conn.Write(frame) {
		r.cfg.Stats.FramesBusy.Add(1)
		if snapshot {
			r.collectPieces(s, -1)
		}
		return
	}
	r.pay(f, len(frame))
	if s.greet || snapshot {
		s.events.told = s.events.applied
	}
	s.greet, s.clock.pending = false, false
	if snapshot {
		r.sent(s, now, lastEvent, forms)
	}
}

// build makes the frame of f with the pieces collected. Nearly all frames are a head and
// deltas.
func (r *Room) build(f *schema.ServerFrame) []byte {
	if f.HasSnapshot && !f.HasClock && f.Welcome == nil && len(f.Events) == 0 && !f.HasEventAck {
		return r.builder.SnapshotFrame(&f.Snapshot, r.frame.pieces...)
	}
	if f.HasSnapshot {
		r.frame.deltas = appendPieces(r.frame.deltas[:0], r.frame.pieces)
		f.Deltas = r.frame.deltas
	}
	return r.builder.ServerFrame(f)
}

// due reports whether the conn gets a snapshot at this send tick.
func (r *Room) due(s *seat, now time.Time) bool {
	if s.every > 1 && r.pub.seq%s.every != 0 && !s.greet {
		return false
	}
	late := s.gate.lag(now) > lagKeyframe && s.gate.restarting()
	if late || !s.gate.open(r.period*time.Duration(r.sendEvery*s.every)) || r.offGrid(s) {
		r.cfg.Stats.FramesSkipped.Add(1)
		return false
	}
	return true
}

// jumpGrid is what the length of a long jump is a multiple of, in send ticks.
const jumpGrid = 4

// offGrid reports whether a conn that has missed sends waits for another one or two, so
// that its jump has a length that others need as well and few encodings serve all.
func (r *Room) offGrid(s *seat) bool {
	if s.every > 1 || s.reset || s.greet || !s.gate.hasBaseline {
		return false
	}
	back := r.pub.seq - s.gate.baseline.seq
	return back > 2 && back%jumpGrid != 0 && back < uint32(r.pub.window)
}

// sent books a snapshot that the conn took.
func (r *Room) sent(s *seat, now time.Time, lastEvent uint32, forms formCounts) {
	s.gate.record(sent{tick: r.sim.Tick(), seq: r.pub.seq, at: now, groups: s.held, reset: s.reset, steps: forms[formStep] > 0})
	s.copies, r.frame.copies = r.frame.copies, s.copies
	s.outbox.sent = lastEvent
	s.reset = false
	s.trail.mark()
	r.sums.frames++
	for form, n := range forms {
		r.sums.forms[form] += n
	}
}

const (
	formStep = iota
	formSpan
	formJump
	formKeyframe
	forms = iota
)

// formCounts counts group deltas by form.
type formCounts [forms]int64

// snapshot fills in the head and the deltas from what the client holds to now, and
// counts the deltas by form.
func (r *Room) snapshot(s *seat, f *schema.ServerFrame) (forms formCounts) {
	flags := uint8(s.inputs.state) << schema.HeadInputShift
	if s.reset || !s.gate.hasBaseline {
		s.reset = true
		flags |= schema.HeadReset
	}
	forms = r.collectPieces(s, 1)
	if forms[formStep] > 0 {
		flags |= schema.HeadPrologue
	}
	f.HasSnapshot = true
	f.Snapshot = schema.SnapshotHead{
		Tick:        r.sim.Tick(),
		InputAck:    uint16(s.inputs.ack),
		InputHealth: s.inputs.health(r.sim.Tick()),
		Flags:       flags,
	}
	f.HasEventAck, f.EventAck = s.events.applied != s.events.told, uint16(s.events.applied)
	return forms
}

// appendPieces appends what was collected, one piece after the other.
func appendPieces(dst []byte, pieces [][]byte) []byte {
	for _, piece := range pieces {
		dst = append(dst, piece...)
	}
	return dst
}

// collectPieces picks what brings each of the client's copies to now, after the prologue
// if a step needs it: both lists are in order of the groups' slots. It books them as sent
// that often: 1, 0 if they are only recorded, -1 to take back a frame that was refused.
func (r *Room) collectPieces(s *seat, sent int) (forms formCounts) {
	f := &r.frame
	f.pieces, f.copies, f.gones = append(f.pieces[:0], nil), f.copies[:0], f.gones[:0]
	have := s.copies
	if s.reset {
		have = nil // the client forgets all by itself
	}
	for i, g := range s.held.list {
		for len(have) > 0 && have[0].slot < g.slot {
			f.pieces = append(f.pieces, r.gone(have[0].slot, sent))
			have = have[1:]
		}
		now := copyOf{g.slot, r.pub.seq}
		far := s.held.every[i] > 1
		switch known := len(have) > 0 && have[0].slot == g.slot; {
		case !known:
			f.pieces = append(f.pieces, g.stream.Keyframe())
			g.stream.Sent(0, sent, far)
			forms[formKeyframe]++
		case !r.pub.turnOf(have[0], uint32(s.held.every[i]), s.every):
			now = have[0]
			have = have[1:]
		default:
			piece, form, back := r.deltaFor(g, have[0].seq)
			f.pieces = append(f.pieces, piece)
			g.stream.Sent(back, sent, far)
			forms[form]++
			have = have[1:]
		}
		f.copies = append(f.copies, now)
	}
	for _, c := range have {
		f.pieces = append(f.pieces, r.gone(c.slot, sent))
	}
	if forms[formStep] > 0 {
		f.pieces[0] = r.pub.prologueFor(s, sent)
	}
	return forms
}

// turnOf reports whether a copy is brought up to date at this send tick. The groups of a
// rate take turns by their slot, so that all who see one at that rate share its deltas;
// a copy that has missed its turn is not kept waiting for the next. A conn that is sent
// only every so many of them has no turns: it comes by on its own.
func (p *publisher) turnOf(c copyOf, every, connEvery uint32) bool {
	age := p.seq - c.seq
	if connEvery > 1 {
		return age >= every
	}
	return p.seq%every == c.slot%every || age >= 2*every
}

// deltaFor picks the encoding that brings a copy of g to now, and says how many send
// ticks it goes back, 0 for a keyframe.
func (r *Room) deltaFor(g *group, seq uint32) (piece []byte, form, back int) {
	if age := r.pub.seq - seq; age <= uint32(r.pub.window) {
		back = int(age)
		piece = g.stream.Delta(back, &r.pub.prologue)
	}
	switch {
	case piece == nil:
		return g.stream.Keyframe(), formKeyframe, 0
	case back == 1:
		return piece, formStep, back
	case back == 2 || back == 4:
		return piece, formSpan, back
	}
	return piece, formJump, back
}

// gone returns the record for a group that the client holds and no longer sees.
func (r *Room) gone(slot uint32, sent int) []byte {
	from := len(r.frame.gones)
	r.frame.gones = delta.AppendGone(r.frame.gones, slot)
	record := r.frame.gones[from:]
	r.pub.ledger.Other(delta.Header, len(record), sent)
	return record
}

// welcome tells a client who it is and how to read what follows.
func (r *Room) welcome(s *seat) *schema.Welcome {
	w := r.commonWelcome(r.sim.Tick(), s.knows)
	w.Seat = uint16(s.player.Seat)
	w.Player = s.player.ID
	w.Secret = s.secret()
	w.Resumed = s.resumed
	w.SeatTimeoutMS = uint32(r.cfg.SeatTimeout.Milliseconds())
	w.EventAck = s.events.applied
	w.EventsDropped = s.outbox.lost
	return w
}

// commonWelcome is what a welcome with the snapshot of tick tells everybody. It leaves
// out the descriptor for a client that knows it.
func (r *Room) commonWelcome(tick uint32, knows string) *schema.Welcome {
	w := &schema.Welcome{
		Room:           r.cfg.ID,
		Epoch:          r.cfg.Epoch,
		Tick:           tick,
		TickRate:       uint16(r.tickRate),
		SendEvery:      uint8(r.sendEvery),
		DescriptorHash: r.describedBy,
	}
	if knows != w.DescriptorHash {
		w.Descriptor = r.cfg.Game.Descriptor()
	}
	return w
}
