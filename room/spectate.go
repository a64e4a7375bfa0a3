package room

import (
	"context"
	"errors"
	"time"

	"github.com/roomtick/roomtick/room/delta"
	"github.com/roomtick/roomtick/schema"
	"github.com/roomtick/roomtick/sim"
)

// Watch takes a conn in as a spectator: it sees everything that is public, as late as
// the game says, and has no seat.
type Watch struct {
	Nonce    string // burned
	PlayerID string
	Expires  time.Time
	Until    time.Time // when the spectator's identity expires; zero is never

	Hello schema.Hello
	Conn  Conn
}

// gallery is a room's spectators. Owned by the room goroutine.
type gallery struct {
	most   int
	delay  uint64 // send ticks
	behind time.Duration
	rec    *recording
	list   []*spectator
	burned map[string]time.Time // nonces, until their tokens have expired
	taking *spectator           // whose conn is being drained
}

// spectator is one conn that watches.
type spectator struct {
	conn   Conn
	player string    // id
	until  time.Time // when the identity expires; zero is never
	gate   gate
	clock  clockRequest
	knows  string // descriptor hash the client holds
	greet  bool   // the next frame carries the welcome
	shown  bool   // it has the moment before the one that is due
	events uint32 // sent so far
	over   error  // the conn has ended, or must
}

// newGallery returns nil if the game lets nobody watch.
func newGallery(c *sim.Config) *gallery {
	if c.MaxSpectators == 0 {
		return nil
	}
	delay := int(c.SpectateDelay*float32(c.SendRate) + 0.5)
	return &gallery{
		most: c.MaxSpectators, delay: uint64(delay),
		behind: time.Duration(delay) * time.Second / time.Duration(c.SendRate),
		rec:    newRecording(delay, c.SendRate),
		burned: make(map[string]time.Time),
	}
}

// Watch lets a spectator in. It returns ErrFull, ErrTokenUsed, ErrNotYet if the room is
// younger than its spectators are behind, ErrNoSpectators if its game has none, or
// ErrEnded. The room owns the conn from then on; after an error the caller closes it with
// CloseCodeOf(err). Safe from any goroutine.
func (r *Room) Watch(ctx context.Context, w Watch) error {
	return r.between(ctx, func(now time.Time) error {
		g := r.gallery
		switch {
		case g == nil:
			return ErrNoSpectators
		case len(g.list) >= g.most:
			return ErrFull
		case g.rec.next <= g.delay:
			return ErrNotYet
		}
		if _, used := g.burned[w.Nonce]; used {
			return ErrTokenUsed
		}
		for nonce, expires := range g.burned {
			if now.After(expires) {
				delete(g.burned, nonce)
			}
		}
		g.burned[w.Nonce] = w.Expires
		s := &spectator{conn: w.Conn, player: w.PlayerID, until: w.Until, greet: true, knows: w.Hello.DescriptorHash}
		s.gate.reset(now)
		g.list = append(g.list, s)
		r.count.spectators.Add(1)
		r.log.Info("spectator joined")
		return nil
	})
}

// WatchableIn is how long it takes until spectators can see anything: 0 if they can
// now, and if the room's game has none. Safe from any goroutine.
func (r *Room) WatchableIn() time.Duration {
	g := r.gallery
	if g == nil {
		return 0
	}
	age := time.Duration(r.count.tick.Load()) * r.period
	return max(0, g.behind+2*r.period*time.Duration(r.sendEvery)-age)
}

// watchDrain takes in what the spectators' conns have queued. They may acknowledge, ask
// for the time and leave; inputs, events and hashes of theirs are ignored.
func (r *Room) watchDrain(now time.Time) {
	g := r.gallery
	if g == nil {
		return
	}
	for _, s := range g.list {
		if !s.until.IsZero() && !now.Before(s.until) {
			s.over = ErrSessionExpired
			continue
		}
		g.taking = s
		if err := s.conn.Receive(r.watchReceive); err != nil && s.over == nil {
			s.over = err
			s.conn = nil
		}
	}
	g.sweep(r)
}

// sweep says goodbye to those who are over.
func (g *gallery) sweep(r *Room) {
	kept := g.list[:0]
	for _, s := range g.list {
		if s.over == nil {
			kept = append(kept, s)
			continue
		}
		r.count.spectators.Add(-1)
		if s.conn != nil {
			r.sayTo(s.conn, farewell{code: watchCode(s.over)})
		}
		r.log.Info("spectator left", "cause", s.over)
	}
	clear(g.list[len(kept):])
	g.list = kept
}

var errWatchLag = errors.New("acknowledged nothing for 10 s")

func watchCode(why error) schema.CloseCode {
	switch {
	case errors.Is(why, errLeft):
		return schema.CloseLeft
	case errors.Is(why, errWatchLag):
		return schema.CloseLagging
	case errors.Is(why, ErrSessionExpired):
		return schema.CloseSessionExpired
	}
	return schema.CloseMalformed
}

// receiveWatching takes one frame of the spectator whose conn is being drained.
func (r *Room) receiveWatching(at time.Time, f *schema.ClientFrame) {
	s := r.gallery.taking
	switch {
	case s.over != nil:
	case f.HasHello:
		s.over = errSecondHello
	case f.Leave:
		s.over = errLeft
	case f.HasState && !s.gate.ack(f.State.Ack, at):
		s.over = errAckAhead
	}
	if f.HasClock {
		s.clock = clockRequest{pending: true, sent: f.ClockSent, received: r.watchTime(at)}
	}
}

// kickWatcher removes a spectator.
func (r *Room) kickWatcher(player, reason string) error {
	if r.gallery == nil || player == "" {
		return ErrNoPlayer
	}
	for _, s := range r.gallery.list {
		if s.player == player && s.conn != nil {
			r.sayTo(s.conn, farewell{code: schema.CloseKicked, reason: reason})
			s.conn, s.over = nil, errLeft
			r.gallery.sweep(r)
			return nil
		}
	}
	return ErrNoPlayer
}

// watchTime is room time as spectators live it.
func (r *Room) watchTime(at time.Time) float64 { return r.roomTime(at.Add(-r.gallery.behind)) }

// show records this send tick and hands every spectator the one that is due.
func (r *Room) show(now time.Time) {
	g := r.gallery
	if g == nil {
		return
	}
	r.record(g.rec)
	due := g.rec.next - 1 - g.delay
	for _, s := range g.list {
		if s.gate.lag(now) > lagClose {
			s.over = errWatchLag
			continue
		}
		r.showTo(s, due, now)
	}
	g.sweep(r)
}

// showTo writes one spectator's frame: what follows the moment it has, or everything
// where the recording has a keyframe. A spectator who is behind waits for the next one.
func (r *Room) showTo(s *spectator, due uint64, now time.Time) {
	f := &r.frame.frame
	*f = schema.ServerFrame{}
	if s.clock.pending && !s.greet {
		f.HasClock = true
		f.Clock = schema.ClockReply{Sent: s.clock.sent, Received: s.clock.received, Replied: r.watchTime(now)}
	}
	m := r.gallery.rec.at(due)
	open := s.gate.open(r.period * time.Duration(r.sendEvery))
	if m == nil || !open || !s.picture(f, m) {
		s.shown = false
		m = nil
	} else {
		r.fillShown(s, f, m)
	}
	if m == nil && !f.HasClock {
		return
	}
	frame := r.builder.ServerFrame(f)
	if !s.conn.Write(frame) {
		r.cfg.Stats.FramesBusy.Add(1)
		s.shown = false
		return
	}
	r.pay(f, len(frame))
	r.pub.ledger.Other(delta.Replayed, len(f.Deltas), 1)
	s.clock.pending = s.clock.pending && !f.HasClock
	if m != nil {
		s.gate.record(sent{tick: m.tick, seq: uint32(due), at: now})
		s.shown, s.greet = true, false
		s.events += m.count
		r.sums.frames++
	}
}

// picture puts in the moment's deltas that fit what the spectator has.
func (s *spectator) picture(f *schema.ServerFrame, m *moment) bool {
	switch {
	case s.shown && len(m.step) > 0:
		f.Deltas, f.Snapshot.Flags = m.step, m.flags
	case len(m.key) > 0:
		f.Deltas, f.Snapshot.Flags = m.key, schema.HeadReset
	default:
		return false
	}
	return true
}

// fillShown puts in the rest of a moment.
func (r *Room) fillShown(s *spectator, f *schema.ServerFrame, m *moment) {
	f.HasSnapshot = true
	f.Snapshot.Tick = m.tick
	f.Events, f.EventSeq = m.events, s.events+1
	if s.greet {
		f.Welcome = r.commonWelcome(m.tick, s.knows)
		f.Welcome.Seat = uint16(noSeat)
	}
}

// watchGoodbye closes every spectator's conn.
func (r *Room) watchGoodbye(why farewell) {
	if r.gallery == nil {
		return
	}
	for _, s := range r.gallery.list {
		r.sayTo(s.conn, why)
	}
	r.gallery.list = nil
	r.count.spectators.Store(0)
}
