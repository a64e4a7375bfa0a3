package room

import (
	"context"
	"time"

	"github.com/roomtick/roomtick/schema"
	"github.com/roomtick/roomtick/sim"
)

// Claim takes a reserved seat with a conn.
type Claim struct {
	Seat  sim.Seat
	Nonce string
	Hello schema.Hello
	Conn  Conn
}

// Resume takes a seat back with a new conn.
type Resume struct {
	Secret string
	Hello  schema.Hello
	Conn   Conn
}

// Claim seats a player whose token the caller has verified. Of any number of claims
// with one nonce exactly one succeeds; the others get ErrTokenUsed. The room owns
// the conn from then on; after an error the caller closes it with CloseCodeOf(err).
func (r *Room) Claim(ctx context.Context, c Claim) error {
	return r.between(ctx, func(now time.Time) error {
		if int(c.Seat) >= len(r.seats) {
			return ErrTokenUsed
		}
		s := &r.seats[c.Seat]
		if s.back != nil && equal(s.back.Nonce, c.Nonce) {
			return r.comeBack(s, c, now)
		}
		switch {
		case s.nonce == "" || !equal(s.nonce, c.Nonce):
			return ErrTokenExpired
		case s.state != seatReserved:
			return ErrTokenUsed
		}
		s.issue()
		r.count.held.Add(-1)
		r.count.players.Add(1)
		r.cfg.Stats.Joins.Add(1)
		r.sim.Join(s.player)
		s.gate.reset(now)
		s.reset = true
		r.attach(s, c.Conn, c.Hello)
		r.log.Info("player joined", "seat", c.Seat, "name", s.player.Name)
		return nil
	})
}

// Resume gives a seat back to its player. A conn that still holds the seat is closed
// first. After ErrResumeRefused or ErrEnded the caller closes the new conn.
func (r *Room) Resume(ctx context.Context, c Resume) error {
	return r.between(ctx, func(now time.Time) error {
		i, ok := seatOfSecret(c.Secret)
		if !ok || int(i) >= len(r.seats) || !r.seats[i].accepts(c.Secret) {
			return ErrResumeRefused
		}
		s := &r.seats[i]
		if s.identityOver(now) {
			return ErrSessionExpired
		}
		r.replaceConn(s)
		same := c.Hello.Epoch == r.cfg.Epoch
		known := same && s.gate.holds(c.Hello.Tick)
		s.trail.lose(r.pub.tick, r.sendEvery, c.Hello.Tick, same)
		if known {
			s.gate.resume(c.Hello.Tick, now)
			s.copies = r.copiesAt(s.copies[:0], &s.gate.baseline)
		} else {
			s.gate.reset(now)
			s.reset = true
		}
		s.outbox.resume(c.Hello.EventAck)
		r.attach(s, c.Conn, c.Hello)
		s.resumed = true
		r.sim.Resume(i)
		r.cfg.Stats.Resumes.Add(1)
		r.log.Info("player resumed", "seat", i, "baseline", known)
		return nil
	})
}

// replaceConn closes the conn that a seat still has: another takes over.
func (r *Room) replaceConn(s *seat) {
	if s.conn != nil {
		r.closeConn(s, farewell{code: schema.CloseReplaced})
		r.sim.Drop(s.player.Seat)
	}
}

// copiesAt appends what a client held that had applied a frame. How old its copies of the
// groups that are sent seldom were is not known any more: those begin anew.
func (r *Room) copiesAt(dst []copyOf, at *sent) []copyOf {
	for i, g := range at.groups.list {
		seq := at.seq
		if at.groups.every[i] > 1 {
			seq -= uint32(r.pub.window) + 1
		}
		dst = append(dst, copyOf{g.slot, seq})
	}
	return dst
}

// Restart says goodbye to every conn, asks them to come back after retry, and ends
// the room. Safe from any goroutine.
func (r *Room) Restart(retry time.Duration) {
	_ = r.between(context.Background(), func(time.Time) error {
		r.retry = retry
		r.end(schema.CloseRestart)
		return nil
	})
}

// attach gives the seat a conn; the welcome goes out with the next tick.
func (r *Room) attach(s *seat, c Conn, hello schema.Hello) {
	s.state, s.conn = seatPlaying, c
	s.greet, s.resumed = true, false
	s.knows = hello.DescriptorHash
	s.every = 1
	s.clock = clockRequest{}
	s.viewing.told = toldView{}
}

// freeSeat returns the lowest seat nobody holds.
func (r *Room) freeSeat() *seat {
	for i := range r.seats {
		if r.seats[i].state == seatFree {
			return &r.seats[i]
		}
	}
	return nil
}

// empty makes a seat free, in place: a seat is large, and on the stack of the room's
// goroutine it would double that.
func (r *Room) empty(s *seat) {
	i := s.player.Seat
	*s = seat{}
	s.player.Seat = i
	s.inputs.size = r.cfg.Game.InputSize()
	s.events.tokens, s.hashes, s.every = eventsBurst, hashesBurst, 1
}

// vacate frees the seat of a player who had joined. The nonce stays: a second use of
// its token is "used", not "expired".
func (r *Room) vacate(s *seat) {
	i, nonce, bot := s.player.Seat, s.nonce, s.player.Bot
	r.release(s.held)
	r.empty(s)
	s.nonce = nonce
	if bot {
		r.count.bots.Add(-1)
	} else {
		r.count.players.Add(-1)
		r.tellTaken()
	}
	r.cfg.Stats.Leaves.Add(1)
	r.sim.Leave(i)
	r.log.Info("player left", "seat", i)
}

// expire ends reservations, absences and identities whose time has come.
func (r *Room) expire(now time.Time) {
	r.dropKept(now)
	for i := range r.seats {
		s := &r.seats[i]
		switch {
		case s.state == seatPlaying && s.identityOver(now):
			r.drop(s, schema.CloseSessionExpired)
		case s.state != seatReserved && s.state != seatAway || now.Before(s.expires):
		case s.state == seatAway:
			r.vacate(s)
		default:
			r.empty(s)
			r.count.held.Add(-1)
			r.tellTaken()
		}
	}
}

// tellTaken tells whoever asked for it that a seat was taken or given up.
func (r *Room) tellTaken() {
	r.count.kept.Store(int32(r.keptFree()))
	i := r.Info()
	if r.cfg.Taken != nil {
		r.cfg.Taken(i.Players + i.Reserved)
	}
	if i.Players+i.Reserved+i.Bots >= i.MaxPlayers && r.cfg.NoLateJoin && !r.begun {
		r.begun = true
		r.tellDoor()
	}
}
