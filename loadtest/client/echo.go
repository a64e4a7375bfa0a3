package client

import "time"

const (
	// maxWaiting bounds the inputs that wait for their echo: two minutes at 20 Hz. When
	// full the oldest is given up and counts with the wait it had.
	maxWaiting = 2400

	// overdue is how long an input must have waited at the end of a run to count with
	// the wait it had: those on their way then would otherwise look quick.
	overdue = 500 * time.Millisecond
)

// echo follows every input from the instant at which it was meant to be sent, whether
// or not it could be, to the frame that acknowledges its tick and to the snapshot that
// shows it. An input that came too late for its tick is answered by the next that did
// not. Pure; the outbox guards it.
type echo struct {
	acking  []intended // not acknowledged yet
	showing []intended // not shown yet
}

// intended is an input: when it was meant to be sent, and for which tick.
type intended struct {
	at   time.Duration
	tick uint32
}

// waited is what a snapshot answered. Reused.
type waited struct{ echo, effect []time.Duration }

func (w *waited) reset() { w.echo, w.effect = w.echo[:0], w.effect[:0] }

// due notes an input whose time has come.
func (e *echo) due(at time.Duration, tick uint32) {
	e.acking = append(e.acking, intended{at, tick})
	e.showing = append(e.showing, intended{at, tick})
}

// answer takes a snapshot's tick and the low 16 bits of the newest tick of which the
// room took an input. After a correction of the clock ticks are not in order, so all
// that wait are looked at: commonly two or three.
func (e *echo) answer(now time.Duration, tick uint32, ack uint16, w *waited) {
	full := tick + uint32(int32(int16(ack-uint16(tick)))) // the ack is near the tick
	e.acking, w.echo = settle(e.acking, now, full, w.echo)
	e.showing, w.effect = settle(e.showing, now, tick, w.effect)
}

// settle moves the waits of inputs for ticks up to tick from waiting to waits.
func settle(waiting []intended, now time.Duration, tick uint32, waits []time.Duration) (left []intended, out []time.Duration) {
	left = waiting[:0]
	excess := len(waiting) - maxWaiting
	for i, in := range waiting {
		if int32(tick-in.tick) >= 0 || i < excess {
			waits = append(waits, now-in.at)
		} else {
			left = append(left, in)
		}
	}
	return left, waits
}

// end gives up what still waits: those that waited for long count with that.
func (e *echo) end(now time.Duration, w *waited) {
	w.echo = endure(e.acking, now, w.echo)
	w.effect = endure(e.showing, now, w.effect)
	e.forget()
}

func endure(waiting []intended, now time.Duration, waits []time.Duration) []time.Duration {
	for _, in := range waiting {
		if now-in.at >= overdue {
			waits = append(waits, now-in.at)
		}
	}
	return waits
}

// forget drops what waits: the bot itself did not read for a while.
func (e *echo) forget() { e.acking, e.showing = e.acking[:0], e.showing[:0] }
