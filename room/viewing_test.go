package room

import (
	"testing"
	"time"

	"github.com/roomtick/roomtick/schema"
	"github.com/roomtick/roomtick/sim"
)

// toldAt is a view as it comes over the wire.
func toldAt(tick uint32, part uint8, acked uint32) toldView {
	return toldView{at: tick<<8 | uint32(part), acked: acked, ok: true}
}

func TestHonestViewsAreTakenAsTheyAre(t *testing.T) {
	for _, start := range []uint32{100, 1<<24 - 30, 1<<32 - 30} { // where 24.8 and ticks wrap
		var v viewing
		for n := range uint32(60) {
			now := start + n
			l := viewLimits{now: now, newest: now - 1, most: 5 << 8}
			if v.settle(toldAt(now-4, uint8(n*37), now-2), &l) {
				t.Fatalf("tick %d: clamped to %+v", now, v.view)
			}
			if v.view.Tick != now-4 || v.view.Part != uint8(n*37) {
				t.Fatalf("tick %d: %+v", now, v.view)
			}
		}
	}
}

func TestViewsThatMayNotBeAreClampedAndCounted(t *testing.T) {
	for _, tt := range []struct {
		name    string
		told    toldView
		was     *sim.View
		want    sim.View
		clamped bool
	}{
		{"after the acknowledged tick", toldAt(98, 1, 98), nil, sim.View{Tick: 98}, true},
		{"far in the future", toldAt(5000, 0, 98), nil, sim.View{Tick: 98}, true},
		{"a tick that will never be", toldAt(1<<23+98, 0, 98), nil, sim.View{Tick: 95}, true},
		{"long ago", toldAt(90, 0, 98), nil, sim.View{Tick: 95}, true},
		{"just 250 ms ago", toldAt(95, 0, 98), nil, sim.View{Tick: 95}, false},
		{"a little more", toldAt(94, 255, 98), nil, sim.View{Tick: 95}, true},
		{"before an earlier view", toldAt(96, 127, 98), &sim.View{Tick: 96, Part: 128}, sim.View{Tick: 96, Part: 128}, true},
		{"the same as before", toldAt(96, 128, 98), &sim.View{Tick: 96, Part: 128}, sim.View{Tick: 96, Part: 128}, false},
		{"behind, and knowing no more", toldAt(80, 0, 80), nil, sim.View{Tick: 95}, true},
	} {
		var v viewing
		if tt.was != nil {
			v = viewing{view: *tt.was, ok: true}
		}
		l := viewLimits{now: 100, newest: 99, most: 5 << 8}
		if clamped := v.settle(tt.told, &l); clamped != tt.clamped || v.view != tt.want {
			t.Errorf("%s: %+v, clamped %t; want %+v, %t", tt.name, v.view, clamped, tt.want, tt.clamped)
		}
	}
}

func TestAViewOfFewSnapshotsIsNeverAfterTheNewest(t *testing.T) {
	var v viewing
	l := viewLimits{now: 100, newest: 90, most: 5 << 8} // two snapshots a second
	v.settle(toldAt(85, 0, 90), &l)
	if v.view.Tick != 90 || v.view.Part != 0 {
		t.Errorf("%+v, want that of the newest snapshot", v.view)
	}
}

func FuzzViewsStayWithinTheirLimits(f *testing.F) {
	f.Add(uint32(100), uint32(1), uint32(96<<8), uint32(98), uint32(90<<8), uint32(99))
	f.Add(uint32(3), uint32(10), ^uint32(0), ^uint32(0)-2, uint32(1<<31), uint32(5))
	f.Fuzz(func(t *testing.T, now, every, told1, acked1, told2, acked2 uint32) {
		l := viewLimits{now: now, newest: now - 1 - every%20, most: 5 << 8}
		var v viewing
		before := int64(1 << 40) // how long ago the view was
		for _, told := range []toldView{{told1, acked1, true}, {told2, acked2, true}} {
			told.acked = l.newest - told.acked%64 // what was sent is all that can be acknowledged
			v.settle(told, &l)
			age := l.ago(v.view.Tick) - int64(v.view.Part)
			if age < l.ago(l.newest) || age > max(l.most, l.ago(l.newest)) {
				t.Fatalf("told %+v at %+v: %+v", told, l, v.view)
			}
			if age < l.ago(told.acked) && age < min(l.most, before) && age > l.ago(l.newest) {
				t.Fatalf("told %+v at %+v: %+v is after what was acknowledged", told, l, v.view)
			}
			if age > before {
				t.Fatalf("told %+v at %+v: %+v is before an earlier view", told, l, v.view)
			}
			before = age
			l.now++
			before += 256
		}
	})
}

// A hostile client may say what it likes: it is judged within the limits, and the game goes
// on.
func TestHostileViewsAreCountedAndHarmless(t *testing.T) {
	stats := new(Stats)
	inBubble(t, Config{Stats: stats}, func(r *Room) {
		b := newTab(t, r, "Mallory")
		ticks(r, 3)
		for n := range uint32(200) {
			b.read()
			b.send(schema.ClientFrame{
				HasState: true, State: schema.ClientState{Ack: b.tick, EventAck: b.eventAck, View: n * n * 0x9E3779B1},
				Inputs: schema.AppendInput(nil, r.count.tick.Load()+1, paddleBytes(1, false)),
			})
			ticks(r, 1)
			inside(t, r, func() {
				past := r.sim.World().Rewind(b.seat)
				if back := past.Back(); back < 0 || back > float32(maxRewind/time.Millisecond)/1000+1e-3 {
					t.Fatalf("%v seconds back", back)
				}
				for range r.sim.Game().(*pond).Fish.AllIn(past) {
				}
			})
		}
		if n := stats.ViewsClamped.Load(); n < 150 {
			t.Errorf("%d of 200 views were clamped", n)
		}
	})
}
