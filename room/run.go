package room

import (
	"context"
	"errors"
	"runtime/debug"
	"time"

	"github.com/roomtick/roomtick/schema"
)

// Run runs the room until its game ends it, Restart is called, ctx ends, or the game
// panics. It blocks, and returns nil, the context's cause, or a *PanicError; every
// conn has been told goodbye by then. Either it or Start is called, once.
func (r *Room) Run(ctx context.Context) error {
	ended := make(chan error, 1)
	r.Start(ctx, func(err error) { ended <- err })
	return <-ended
}

// Start is Run on the room's own goroutine, and on no other: ten thousand rooms do not need
// a second one each that waits for it. done is called at the end, by that goroutine.
func (r *Room) Start(ctx context.Context, done func(error)) {
	r.log.Info("room opened", "game", r.cfg.Game.Name(), "bots", r.cfg.Bots, "epoch", r.cfg.Epoch)
	go r.guard(ctx, done)
}

// logEnd leaves a panic to who has called Run, who knows better how to show a stack.
func (r *Room) logEnd(err error) {
	log := r.log.With("tick", r.count.tick.Load())
	switch {
	case err == nil:
		log.Info("room ended")
	case !errors.As(err, new(*PanicError)):
		log.Info("room ended", "cause", err)
	}
}

// guard is the room goroutine. It turns a panic of the game, and runtime.Goexit
// which recover does not see, into a result, and closes every conn on any way out.
func (r *Room) guard(ctx context.Context, done func(error)) {
	err, returned := error(nil), false
	defer func() {
		if value := recover(); value != nil || !returned {
			r.ending = schema.CloseRoomFailed
			err = &PanicError{Room: r.cfg.ID, Tick: r.count.tick.Load() + 1, Value: value, Stack: debug.Stack()}
		}
		r.closeCost()
		r.sayGoodbye()
		r.logEnd(err)
		close(r.done)
		done(err)
	}()
	err = r.loop(ctx)
	r.settle(ctx)
	returned = true
}

// end makes the loop return after the current tick or request.
func (r *Room) end(code schema.CloseCode) {
	if r.ending == 0 {
		r.ending = code
	}
}

// sayGoodbye closes every conn with the reason the room ends for.
func (r *Room) sayGoodbye() {
	why := farewell{code: r.ending, reason: r.reason, retry: r.retry}
	for i := range r.seats {
		if r.seats[i].conn != nil {
			r.closeConn(&r.seats[i], why)
		}
	}
	r.watchGoodbye(why)
}

// farewell is why a conn is closed.
type farewell struct {
	code   schema.CloseCode
	reason string        // for the player; the code's name if empty
	retry  time.Duration // when to come back
}

// closeConn says goodbye and forgets the conn. The caller decides on the seat.
func (r *Room) closeConn(s *seat, why farewell) {
	r.sayTo(s.conn, why)
	s.conn = nil
}

// sayTo says goodbye to a conn.
func (r *Room) sayTo(c Conn, why farewell) {
	if why.reason == "" {
		why.reason = why.code.String()
	}
	frame := r.builder.ServerFrame(&schema.ServerFrame{Goodbye: &schema.Goodbye{
		Code:      why.code,
		Reason:    why.reason,
		Hint:      why.code.Hint(),
		RetryMS:   uint32(why.retry.Milliseconds()),
		Reconnect: why.code.Reconnect(),
	}})
	c.Close(why.code, frame)
	r.cfg.Stats.ConnsClosed.Add(1)
}

// drop closes a seat's conn and leaves the seat for its player to come back to.
func (r *Room) drop(s *seat, code schema.CloseCode) {
	r.closeConn(s, farewell{code: code})
	r.away(s, time.Now())
}

// away keeps a seat whose conn has gone.
func (r *Room) away(s *seat, now time.Time) {
	s.conn = nil
	s.state = seatAway
	s.expires = now.Add(r.cfg.SeatTimeout)
	s.inputs.forget()
	r.sim.Drop(s.player.Seat)
}
