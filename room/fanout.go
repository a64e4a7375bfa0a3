package room

import (
	"time"

	"github.com/roomtick/roomtick/schema"
)

// frameScratch is reused for every frame of a room.
type frameScratch struct {
	frame  schema.ServerFrame
	deltas []byte
	events []byte
	pieces [][]byte
	view   []*group
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
		if lag > lagKeyframe {
			s.reset = true
		}
		r.sendTo(s, now)
	}
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
	snapshot := r.due(s)
	var forms [3]int64
	var lastEvent uint32
	if snapshot {
		forms = r.snapshot(s, f)
		r.frame.events, f.EventSeq, lastEvent = s.outbox.append(r.frame.events[:0], r.sim.Tick())
		f.Events = r.frame.events
	}
	if !snapshot && !s.greet && !s.clock.pending {
		return
	}
	frame := r.builder.ServerFrame(f)
	if !s.conn.Write(frame) {
		r.cfg.Stats.FramesBusy.Add(1)
		return
	}
	r.cfg.Stats.FrameBytes.Add(int64(len(frame)))
	s.greet, s.clock.pending = false, false
	if snapshot {
		r.sent(s, now, lastEvent, forms)
	}
}

// due reports whether the conn gets a snapshot at this send tick.
func (r *Room) due(s *seat) bool {
	if s.every > 1 && r.pub.seq%s.every != 0 && !s.greet {
		return false
	}
	if !s.gate.open(r.period * time.Duration(r.sendEvery*s.every)) {
		r.cfg.Stats.FramesSkipped.Add(1)
		return false
	}
	return true
}

// sent books a snapshot that the conn took.
func (r *Room) sent(s *seat, now time.Time, lastEvent uint32, forms [3]int64) {
	s.gate.record(sent{tick: r.sim.Tick(), seq: r.pub.seq, at: now, groups: s.held})
	s.outbox.sent = lastEvent
	s.reset = false
	stats := r.cfg.Stats
	stats.Frames.Add(1)
	stats.Steps.Add(forms[formStep])
	stats.Spans.Add(forms[formSpan])
	stats.Keyframes.Add(forms[formKeyframe])
}

const (
	formStep = iota
	formSpan
	formKeyframe
)

// snapshot fills in the head and the deltas from what the client holds to now, and
// counts the deltas by form.
func (r *Room) snapshot(s *seat, f *schema.ServerFrame) (forms [3]int64) {
	flags := uint8(s.inputs.state) << schema.HeadInputShift
	if s.reset || !s.gate.hasBaseline {
		s.reset = true
		flags |= schema.HeadReset
	}
	r.frame.pieces = r.frame.pieces[:0]
	for _, g := range s.held.list {
		piece, form := r.deltaFor(s, g)
		forms[form]++
		r.frame.pieces = append(r.frame.pieces, piece)
	}
	r.goneFor(s)
	r.frame.deltas = r.frame.deltas[:0]
	if forms[formStep] > 0 {
		flags |= schema.HeadPrologue
		r.frame.deltas = append(r.frame.deltas, r.pub.header...)
	}
	for _, piece := range r.frame.pieces {
		r.frame.deltas = append(r.frame.deltas, piece...)
	}
	f.HasSnapshot = true
	f.Snapshot = schema.SnapshotHead{
		Tick:        r.sim.Tick(),
		Epoch:       uint16(r.cfg.Epoch),
		InputAck:    uint16(s.inputs.ack),
		EventAck:    uint16(s.events.applied),
		InputHealth: s.inputs.health(r.sim.Tick()),
		Flags:       flags,
	}
	f.Deltas = r.frame.deltas
	return forms
}

// deltaFor picks the encoding that brings the client's copy of g to now.
func (r *Room) deltaFor(s *seat, g *group) (piece []byte, form int) {
	if s.reset || !s.gate.baseline.groups.has(g) {
		return g.stream.Keyframe(), formKeyframe
	}
	back := r.pub.seq - s.gate.baseline.seq
	if back > uint32(r.pub.window) {
		return g.stream.Keyframe(), formKeyframe
	}
	d := g.stream.Delta(int(back), &r.pub.prologue)
	switch {
	case d == nil:
		return g.stream.Keyframe(), formKeyframe
	case back == 1:
		return d, formStep
	}
	return d, formSpan
}

// goneFor adds a record for every group the client holds and no longer sees.
func (r *Room) goneFor(s *seat) {
	if s.reset {
		return
	}
	for _, g := range s.gate.baseline.groups.list {
		if !s.held.has(g) {
			r.frame.pieces = append(r.frame.pieces, g.stream.Gone())
		}
	}
}

// welcome tells a client who it is and how to read what follows.
func (r *Room) welcome(s *seat) *schema.Welcome {
	game := r.cfg.Game
	w := &schema.Welcome{
		Room:           r.cfg.ID,
		Seat:           uint16(s.player.Seat),
		Player:         s.player.ID,
		Epoch:          r.cfg.Epoch,
		Secret:         s.secret(),
		Tick:           r.sim.Tick(),
		TickRate:       uint16(r.tickRate),
		SendEvery:      uint8(r.sendEvery),
		Resumed:        s.resumed,
		SeatTimeoutMS:  uint32(r.cfg.SeatTimeout.Milliseconds()),
		EventAck:       s.events.applied,
		EventsDropped:  s.outbox.lost,
		DescriptorHash: r.describedBy,
	}
	if s.knows != w.DescriptorHash {
		w.Descriptor = game.Descriptor()
	}
	return w
}
