package room

import (
	"context"
	"slices"
	"time"

	"github.com/roomtick/roomtick/sim"
)

// Reservation asks for a seat that a token will be shown for.
type Reservation struct {
	Nonce    string // burned by the first Claim that shows it
	PlayerID string
	Name     string
	Expires  time.Time
	Until    time.Time // when the player's identity expires and the conn is closed; zero is never

	MatchTeam int    // as of sim.Player
	Role      string // as of sim.Player

	Returning bool // to a seat that the player has, and to no other: else ErrNoPlayer
}

// Reserve holds a free seat until res.Expires. It returns ErrFull, ErrShut or ErrEnded.
// For a player who has a seat in this room it holds that one: a second reservation takes
// the place of the first, and who plays or is away comes back with a new session.
// Safe from any goroutine; waits for the room's next gap between two ticks.
func (r *Room) Reserve(ctx context.Context, res Reservation) (sim.Seat, error) {
	seat := sim.NoSeat
	err := r.between(ctx, func(time.Time) error {
		if err := r.admits([]Reservation{res}); err != nil {
			return err
		}
		seat = r.reserve(res)
		return nil
	})
	return seat, err
}

// ReserveAll is Reserve for players who stay together: all of them get a seat, in their
// order, or none does. Unless fits is nil it is asked first: nobody comes in between it and
// the seats. It gets everybody else who has a seat or for whom one is held, is called by
// the room's goroutine, and its error is returned.
func (r *Room) ReserveAll(ctx context.Context, all []Reservation, fits func(others []sim.PlayerInfo) error) ([]sim.Seat, error) {
	var seats []sim.Seat
	err := r.between(ctx, func(time.Time) error {
		if err := r.admits(all); err != nil {
			return err
		}
		if fits != nil {
			if err := fits(r.others(all)); err != nil {
				return err
			}
		}
		for _, res := range all {
			seats = append(seats, r.reserve(res))
		}
		return nil
	})
	return seats, err
}

// others are the players who have seats, or for whom they are held, but those of all.
func (r *Room) others(all []Reservation) (list []sim.PlayerInfo) {
	for i := range r.seats {
		s := &r.seats[i]
		again := slices.ContainsFunc(all, func(res Reservation) bool { return res.PlayerID == s.player.ID })
		if s.state != seatFree && s.state != seatBot && !again {
			list = append(list, s.player)
		}
	}
	return list
}

// admits reports whether there is a seat for each of them.
func (r *Room) admits(all []Reservation) error {
	others, named := 0, 0
	for _, res := range all {
		switch {
		case r.seatOf(res.PlayerID) != nil:
		case res.Returning:
			return ErrNoPlayer
		case slices.Contains(r.kept, res.PlayerID):
			named++
		default:
			others++
		}
	}
	free := 0
	for i := range r.seats {
		if r.seats[i].state == seatFree {
			free++
		}
	}
	switch {
	case others+named > 0 && !r.joinable():
		return ErrShut
	case named > free, others > max(0, free-r.keptFree()):
		return ErrFull
	}
	return nil
}

// reserve holds the seat that admits has seen.
func (r *Room) reserve(res Reservation) sim.Seat {
	s := r.seatOf(res.PlayerID)
	switch {
	case s == nil:
		s = r.freeSeat()
		r.count.held.Add(1)
	case s.state == seatReserved:
	default:
		s.back = &res
		return s.player.Seat
	}
	r.empty(s)
	s.state, s.nonce, s.expires, s.until = seatReserved, res.Nonce, res.Expires, res.Until
	s.player.ID, s.player.Name = res.PlayerID, res.Name
	s.player.MatchTeam, s.player.Role = res.MatchTeam, res.Role
	r.tellTaken()
	return s.player.Seat
}

// seatOf returns the seat of a player who has one.
func (r *Room) seatOf(player string) *seat {
	for i := range r.seats {
		s := &r.seats[i]
		if player != "" && s.player.ID == player && s.state != seatFree && s.state != seatBot {
			return s
		}
	}
	return nil
}

// comeBack gives a seat to a new conn of its player, who has shown who that is and not
// what the old conn knew: nothing of that conn's session goes on, and its secrets end.
func (r *Room) comeBack(s *seat, c Claim, now time.Time) error {
	res := s.back
	s.back = nil
	if s.state != seatPlaying && s.state != seatAway || !now.Before(res.Expires) {
		return ErrTokenExpired
	}
	r.replaceConn(s)
	s.inputs.forget()
	s.nonce, s.until, s.secrets = res.Nonce, res.Until, nil
	s.issue()
	s.outbox = outbox{queue: s.outbox.queue, bytes: s.outbox.bytes}
	s.events.applied = 0
	s.gate.reset(now)
	s.reset = true
	r.attach(s, c.Conn, c.Hello)
	r.sim.Resume(s.player.Seat)
	r.cfg.Stats.Resumes.Add(1)
	r.log.Info("player came back", "seat", s.player.Seat)
	return nil
}

// keptFree is how many of the free seats are kept for players by name.
func (r *Room) keptFree() int {
	n := 0
	for _, player := range r.kept {
		if r.seatOf(player) == nil {
			n++
		}
	}
	return n
}

// dropKept opens the kept seats to everybody once their time has come.
func (r *Room) dropKept(now time.Time) {
	if len(r.kept) > 0 && !now.Before(r.cfg.KeptUntil) {
		r.kept = nil
		r.tellTaken()
	}
}

// identityOver reports whether the identity that took the seat has expired.
func (s *seat) identityOver(now time.Time) bool { return !s.until.IsZero() && !now.Before(s.until) }
