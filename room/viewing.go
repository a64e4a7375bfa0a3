package room

import (
	"time"

	"github.com/roomtick/roomtick/sim"
)

// maxRewind is how far back a hit is judged: beyond it those who were hit would die behind
// walls that they have long reached.
const maxRewind = 250 * time.Millisecond

// toldView is the view that came with an input: a tick with its fraction, 24.8 fixed point
// of the tick's low 24 bits, and the newest tick that the client had acknowledged then. It
// is not ok before there is one.
type toldView struct {
	at    uint32
	acked uint32
	ok    bool
}

// viewing is what a seat's client draws, as far as it is believed.
type viewing struct {
	told toldView // by the newest frame of the conn
	view sim.View
	ok   bool // there is a view
}

// viewLimits bounds the views of one tick.
type viewLimits struct {
	now    uint32 // the tick about to be simulated
	newest uint32 // of the history
	most   int64  // how long ago, in 1/256s of a tick
}

func (r *Room) viewLimits() viewLimits {
	return viewLimits{now: r.sim.Tick() + 1, newest: r.pub.tick, most: int64(maxRewind * 256 / r.period)}
}

// ago is how long before the tick about to be simulated a tick was.
func (l *viewLimits) ago(tick uint32) int64 { return int64(int32(l.now-tick)) << 8 }

// settle takes the view that came with an input. It is never after the tick acknowledged
// then, never before the view of an earlier input, and at most maxRewind ago; clamped says
// that the client claimed another. The last wins: who is farther behind is judged by what
// it will be sent.
func (v *viewing) settle(told toldView, l *viewLimits) (clamped bool) {
	age := l.ago(told.acked) - int64(int32(told.at-told.acked<<8))
	earliest := l.most
	if v.ok {
		earliest = min(earliest, l.ago(v.view.Tick)-int64(v.view.Part))
	}
	kept := min(max(age, l.ago(told.acked)), earliest)
	v.set(kept, l)
	v.ok = true
	return kept != age
}

// keep lets a view stay for a tick without an input of its own.
func (v *viewing) keep(l *viewLimits) {
	if v.ok {
		v.set(min(l.ago(v.view.Tick)-int64(v.view.Part), l.most), l)
	}
}

// set makes the view age 1/256s of a tick old, or that of the newest snapshot.
func (v *viewing) set(age int64, l *viewLimits) {
	age = max(age, l.ago(l.newest))
	whole := (age + 255) >> 8
	v.view.Tick = l.now - uint32(whole)
	v.view.Part = uint8(whole<<8 - age)
}

// see tells the simulation what a seat's client drew when it made the input of the tick
// about to run.
func (r *Room) see(s *seat, told toldView, l *viewLimits) {
	v := &s.viewing
	if told.ok {
		if v.settle(told, l) {
			r.sums.viewsClamped++
		}
		v.view.Newest = r.pub.tick
		v.view.Had = s.trail.upTo((r.pub.tick - told.acked) / r.sendEvery)
	} else {
		v.keep(l)
	}
	if v.ok {
		r.sim.SetView(s.player.Seat, v.view)
	}
}
