package room

import (
	"errors"
	"time"

	"github.com/roomtick/roomtick/schema"
)

// drain takes in everything the conns have queued since the last tick.
func (r *Room) drain(now time.Time) {
	for i := range r.seats {
		s := &r.seats[i]
		if s.state != seatPlaying {
			continue
		}
		s.events.refill(r.tickRate)
		s.hashes = min(hashesBurst, s.hashes+hashesPerSecond/float64(r.tickRate))
		r.taking, r.refused = s, nil
		err := s.conn.Receive(r.receive)
		switch {
		case errors.Is(r.refused, errLeft):
			r.closeConn(s, farewell{code: schema.CloseLeft})
			r.vacate(s)
		case r.refused != nil:
			r.refuse(s, r.refused)
		case err != nil:
			r.log.Info("conn ended", "seat", i, "cause", err)
			r.away(s, now)
		}
	}
}

// receiveFrame takes one frame of the conn that is being drained. It is bound once, so
// that draining allocates nothing.
func (r *Room) receiveFrame(at time.Time, f *schema.ClientFrame) {
	if r.refused == nil {
		r.refused = r.take(r.taking, at, f)
	}
}

// refuse closes a conn that broke the protocol. The seat stays: its player may come
// back with a client that keeps it.
func (r *Room) refuse(s *seat, why error) {
	code := schema.CloseMalformed
	switch {
	case errors.Is(why, errFarInputs):
		code = schema.CloseFarInputs
	case errors.Is(why, errEventFlood):
		code = schema.CloseFlood
	}
	r.cfg.Stats.Refused.Add(1)
	r.log.Warn("conn closed", "seat", s.player.Seat, "code", code, "cause", why)
	r.drop(s, code)
}

var (
	errAckAhead    = errors.New("acknowledges a tick that was never sent")
	errEventAck    = errors.New("acknowledges an event that was never sent")
	errFarInputs   = errors.New("64 inputs in a row were too far from the tick")
	errSecondHello = errors.New("second hello")
	errLeft        = errors.New("the player left")
)

// take applies one frame of a seat's conn. An error ends the conn.
func (r *Room) take(s *seat, at time.Time, f *schema.ClientFrame) error {
	switch {
	case f.HasHello:
		return errSecondHello
	case f.Leave:
		return errLeft
	}
	if f.HasState {
		if !s.gate.ack(f.State.Ack, at) {
			return errAckAhead
		}
		if !s.outbox.ack(f.State.EventAck) {
			return errEventAck
		}
		s.viewing.told = toldView{f.State.View, s.gate.acked.tick, s.gate.hasAcked}
	}
	if f.HasRate {
		s.every = r.sendsBetween(f.RateHz)
	}
	if f.HasClock {
		s.clock = clockRequest{pending: true, sent: f.ClockSent, received: r.roomTime(at)}
	}
	for _, h := range f.Hashes[:f.HashCount] {
		r.checkHash(s, h)
	}
	if err := r.takeEvents(s, f); err != nil {
		return err
	}
	return r.takeInputs(s, f.Inputs)
}

// takeInputs buffers a frame's inputs by tick.
func (r *Room) takeInputs(s *seat, inputs []byte) error {
	if len(inputs) == 0 {
		return nil
	}
	next := r.sim.Tick() + 1
	var bad error
	err := schema.ReadInputs(inputs, r.cfg.Game.InputSize(), func(tick uint32, payload []byte) {
		if bad != nil {
			return
		}
		if bad = r.cfg.Game.CheckInput(payload); bad != nil {
			return
		}
		r.cfg.Stats.InputsReceived.Add(1)
		switch s.inputs.add(tick, next, payload, s.viewing.told) {
		case inputLate:
			r.cfg.Stats.InputsLate.Add(1)
		case inputFar:
			r.cfg.Stats.InputsFar.Add(1)
		case inputDuplicate:
			r.cfg.Stats.InputsDuplicate.Add(1)
		}
	})
	if err = errors.Join(err, bad); err != nil {
		return err
	}
	if s.inputs.far >= maxFarInputs {
		return errFarInputs
	}
	return nil
}

// feed gives the simulation one input per seated player for the tick about to run,
// in seat order.
func (r *Room) feed() {
	tick := r.sim.Tick() + 1
	limits := r.viewLimits()
	for i := range r.seats {
		s := &r.seats[i]
		if s.state != seatPlaying && s.state != seatAway {
			continue
		}
		told := s.inputs.feed(r.sim, s.player.Seat, tick)
		r.see(s, told, &limits)
		if s.inputs.state == schema.InputApplied {
			r.sums.applied++
		} else {
			r.sums.repeated++
		}
	}
}

// A client is asked for one hash a second; a few more at once are compared too. Beyond
// that they are ignored: each could ask for a frame of keyframes.
const (
	hashesPerSecond = 4
	hashesBurst     = 8
)

// checkHash compares a client's hash of a group with ours. A mismatch is logged with
// both sides and mended by a frame of keyframes. Only groups that the client holds
// count: an answer about another would tell what is in it.
func (r *Room) checkHash(s *seat, h schema.PubHash) {
	age := r.pub.tick - h.Tick
	g := r.pub.bySlot(h.Group)
	switch {
	case g == nil || s.reset || s.hashes < 1 || !s.gate.hasBaseline:
		return
	case !s.gate.baseline.groups.has(g) || !s.held.has(g):
		return
	case age%r.sendEvery != 0 || age/r.sendEvery > uint32(r.pub.window):
		return
	}
	ours, ok := g.stream.Hash(int(age / r.sendEvery))
	if !ok {
		return
	}
	s.hashes--
	r.cfg.Stats.HashChecks.Add(1)
	if ours != h.Hash {
		r.cfg.Stats.HashMismatches.Add(1)
		r.log.Warn("pubHash mismatch", "seat", s.player.Seat, "group", h.Group, "tick", h.Tick, "ours", ours, "theirs", h.Hash)
		s.reset = true
	}
}
