package room

import (
	"errors"

	"github.com/roomtick/roomtick/schema"
)

const (
	eventsPerSecond = 20 // client events a seat may send, averaged
	eventsBurst     = 40 // and at once
)

var (
	errEventGap   = errors.New("event sequence has a gap")
	errEventFlood = errors.New("more than 20 events a second")
)

// eventIntake applies one seat's events exactly once and in order, across conns.
type eventIntake struct {
	applied uint32  // newest sequence applied
	told    uint32  // the conn has been told so
	tokens  float64 // events that may come now
}

func (e *eventIntake) refill(tickRate int) {
	e.tokens = min(eventsBurst, e.tokens+eventsPerSecond/float64(tickRate))
}

// takeEvents hands a frame's new events to the simulation. Known ones are skipped;
// the error closes the conn.
func (r *Room) takeEvents(s *seat, f *schema.ClientFrame) error {
	seq := f.EventSeq - 1
	return schema.ReadClientEvents(f.Events, func(typ uint32, payload []byte) error {
		seq++
		switch ahead := int32(seq - s.events.applied); {
		case ahead <= 0:
			return nil
		case ahead > 1:
			return errEventGap
		}
		if s.events.tokens < 1 {
			return errEventFlood
		}
		if err := r.cfg.Game.CheckEvent(typ, payload); err != nil {
			return err
		}
		s.events.tokens--
		s.events.applied = seq
		r.sim.ClientEvent(s.player.Seat, typ, payload)
		r.cfg.Stats.EventsIn.Add(1)
		return nil
	})
}

// postEvents queues the events of the tick just simulated for every seat that they
// are for.
func (r *Room) postEvents() {
	tick := r.sim.Tick()
	for _, e := range r.sim.Events() {
		out := outEvent{tick: tick, typ: e.Type, payload: r.keep(e.Payload)}
		if r.gallery != nil && e.Seat == noSeat && r.isPublic(e.Group) {
			r.gallery.rec.note(out)
		}
		for i := range r.seats {
			s := &r.seats[i]
			if s.state != seatPlaying && s.state != seatAway {
				continue
			}
			if e.Seat == s.player.Seat || e.Seat == noSeat && r.sees(s, e.Group) {
				r.post(s, out)
			}
		}
	}
}

func (r *Room) post(s *seat, e outEvent) {
	r.cfg.Stats.EventsOut.Add(1)
	switch {
	case s.outbox.add(e):
	case s.state == seatAway:
		s.outbox.shed()
	default:
		s.overflow = true // judge closes the conn: its hooks must not run in the middle of this
	}
}

// chunkSize is how many bytes of event payloads are allocated at once.
const chunkSize = 4 << 10

// keep copies a payload to where it may stay until everybody has acknowledged it.
func (r *Room) keep(payload []byte) []byte {
	if len(payload) > cap(r.chunk)-len(r.chunk) {
		r.chunk = make([]byte, 0, max(chunkSize, len(payload)))
	}
	from := len(r.chunk)
	r.chunk = append(r.chunk, payload...)
	return r.chunk[from:len(r.chunk):len(r.chunk)]
}
