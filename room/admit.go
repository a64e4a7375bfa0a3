package room

import (
	"context"
	"time"

	"github.com/roomtick/roomtick/schema"
	"github.com/roomtick/roomtick/sim"
)

// Door is what matchmaking has to know of a room beside its seats.
type Door struct {
	Properties []sim.Property // ordered by name; not to be changed
	Joinable   bool           // new players are let in, if there is a seat
	Started    bool           // the match has begun
}

// Lock lets nobody in any more, or lifts that. It does not touch what the game says with
// SetJoinable: both must let people in. Safe from any goroutine.
func (r *Room) Lock(ctx context.Context, locked bool) error {
	return r.between(ctx, func(time.Time) error {
		r.locked = locked
		r.tellDoor()
		return nil
	})
}

// Kick removes a player or a spectator, with a reason that is shown to them. It returns
// ErrNoPlayer if no such is here. Safe from any goroutine.
func (r *Room) Kick(ctx context.Context, player, reason string) error {
	return r.between(ctx, func(time.Time) error {
		reason := shorten(reason)
		if s := r.seatOf(player); s != nil && s.state != seatReserved {
			r.kick(s, reason)
			return nil
		} else if s != nil {
			r.empty(s)
			r.count.held.Add(-1)
			r.tellTaken()
			return nil
		}
		return r.kickWatcher(player, reason)
	})
}

// kick removes a seated player.
func (r *Room) kick(s *seat, reason string) {
	r.log.Info("player kicked", "seat", s.player.Seat, "reason", reason)
	if s.conn != nil {
		r.closeConn(s, farewell{code: schema.CloseKicked, reason: reason})
	}
	r.vacate(s)
}

// joinable reports whether new players are let in.
func (r *Room) joinable() bool {
	return r.door.Joinable && !r.locked && (!r.cfg.NoLateJoin || !r.begun && !r.door.Started)
}

// noteDoor looks for what the game has told matchmaking since the last time.
func (r *Room) noteDoor() {
	if d := r.sim.Door(); d.Changes != r.door.Changes {
		r.door = d
		r.tellDoor()
	}
}

// tellDoor publishes what matchmaking has to know.
func (r *Room) tellDoor() {
	d := &Door{Properties: r.door.Properties, Joinable: r.joinable(), Started: r.door.Started || r.begun}
	r.count.door.Store(d)
	if r.cfg.Door != nil {
		r.cfg.Door(*d)
	}
}

// Seated is who has a seat.
type Seated struct {
	sim.PlayerInfo
	Present bool // has a conn
}

// Players lists who has a seat, computer players included, by seat. Safe from any
// goroutine.
func (r *Room) Players(ctx context.Context) (list []Seated, err error) {
	err = r.between(ctx, func(time.Time) error {
		for i := range r.seats {
			if s := &r.seats[i]; s.state != seatFree && s.state != seatReserved {
				list = append(list, Seated{PlayerInfo: s.player, Present: s.state != seatAway})
			}
		}
		return nil
	})
	return list, err
}
