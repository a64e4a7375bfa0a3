package room

import (
	"fmt"
	"math"
	"math/bits"
	"math/rand/v2"
	"testing"

	"github.com/roomtick/roomtick/schema"
	"github.com/roomtick/roomtick/sim"
)

// onlooker draws the fish that a tab is sent, as the SDK's interpolate.ts does, from
// nothing but what the tab has applied: the dumb twin of Rewind.
type onlooker struct {
	tab    *tab
	tracks map[uint32]*track
	ticks  []uint32 // of the frames applied
	view   float64  // told last
	back   uint32   // tick at which it came back
}

type track struct {
	samples []glimpse
	gone    uint32 // tick at which it went out of view, 0 if it has not
	again   bool   // it was out of view before
}

type glimpse struct {
	tick uint32
	x, y float64
}

// note takes in the frame that the tab has just applied.
func (o *onlooker) note() {
	o.ticks = append(o.ticks, o.tab.tick)
	here := map[uint32]glimpse{}
	for g := range o.tab.dec.Groups() {
		for row, id := range g.IDs(0) {
			if now, ok := here[id]; ok && int32(g.Tick-now.tick) <= 0 {
				continue
			}
			here[id] = glimpse{
				tick: g.Tick,
				x:    float64(float32(float64((g.R(0, 0)[row]+8)>>4) * 0.05)),
				y:    min(max(float64(float32(float64(g.R(0, 1)[row])*0.05/16)), 0), 1000),
			}
		}
	}
	for id, now := range here {
		t := o.tracks[id]
		if t == nil || t.gone != 0 {
			t = &track{again: t != nil}
			o.tracks[id] = t
		}
		n := len(t.samples)
		t.again = t.again || n > 0 && t.samples[n-1].tick > now.tick
		if n == 0 || t.samples[n-1].tick != now.tick {
			t.samples = append(t.samples, now)
		}
	}
	for id, t := range o.tracks {
		if _, ok := here[id]; !ok && t.gone == 0 {
			t.gone = o.tab.tick
		}
	}
}

// draw returns where a fish was drawn.
func (o *onlooker) draw(id uint32, at float64) (x, y float64, ok bool) {
	t := o.tracks[id]
	if t == nil || t.gone != 0 && float64(t.gone) <= at {
		return 0, 0, false
	}
	i := len(t.samples) - 1
	for i > 0 && float64(t.samples[i].tick) > at {
		i--
	}
	s := t.samples[i]
	if float64(s.tick) > at && s.tick != o.ticks[0] {
		return 0, 0, false
	}
	since := max(0, at-float64(s.tick))
	switch {
	case i+1 < len(t.samples):
		next := t.samples[i+1]
		return s.x + (next.x-s.x)*min(1, since/float64(next.tick-s.tick)), s.y, true
	case i > 0:
		apart := float64(s.tick - t.samples[i-1].tick)
		return s.x + (s.x-t.samples[i-1].x)*min(since, max(2, min(apart, 4)))/apart, s.y, true
	}
	return s.x, s.y, true
}

// lose has the conn cut, with the frames on their way, and opened again.
func (o *onlooker) lose(r *Room, away int) {
	o.tab.t.Helper()
	o.tab.conn.cut(errCut)
	ticks(r, 1+away)
	if err := o.tab.resume(o.tab.welcome.Secret); err != nil {
		o.tab.t.Fatal(err)
	}
	o.tab.conn.flying = int(o.tab.seat) % 2
	ticks(r, 1)
	o.back = r.count.tick.Load()
}

// tell sends the input of the next tick, with what is drawn.
func (o *onlooker) tell(rnd *rand.Rand, now uint32) {
	back := min(float64(o.tab.tick), max(o.view, float64(now)-4+rnd.Float64()*4))
	o.view = math.Floor(back*256) / 256
	o.tab.send(schema.ClientFrame{
		HasState: true,
		State:    schema.ClientState{Ack: o.tab.tick, EventAck: o.tab.eventAck, View: uint32(int64(o.view*256)) & math.MaxUint32},
		Inputs:   schema.AppendInput(nil, now+1, paddleBytes(1, false)),
	})
}

// compare checks every fish of the room's past against what was drawn.
func (o *onlooker) compare(t *testing.T, r *Room) (same, strange int) {
	v := &r.seats[o.tab.seat].viewing.view
	if had := v.Newest - uint32(bits.TrailingZeros64(v.Had)); had != o.tab.tick && r.count.tick.Load()-o.back > 4 {
		t.Errorf("seat %d had applied tick %d, not %d", o.tab.seat, o.tab.tick, had)
	}
	past := r.sim.World().Rewind(o.tab.seat)
	fish := &r.sim.Game().(*pond).Fish
	for id, now := range fish.All() {
		got, ok := fish.In(past, id)
		if fish.Owner(id) == o.tab.seat {
			if !ok || got != *now {
				t.Errorf("seat %d: its own fish was rewound", o.tab.seat)
			}
			continue
		}
		track := o.tracks[uint32(id)]
		if track != nil && track.again || o.missed(r) {
			continue // its earlier snapshots are forgotten in the page, or here
		}
		x, y, drawn := o.draw(uint32(id), o.view)
		if drawn == ok && (!ok || math.Abs(x-float64(got.X)) < 1e-3 && math.Abs(y-float64(got.Y)) < 1e-3) {
			if ok {
				same++
			}
			continue
		}
		if o.far(r, id) {
			if r.count.tick.Load()-o.back > 8 { // who comes back is sent far cells out of turn
				strange++
			}
			continue
		}
		t.Errorf("tick %d seat %d fish %d at %.3f: %v %.3f %.3f, drawn: %v %.3f %.3f", r.count.tick.Load(), o.tab.seat, id, o.view, ok, got.X, got.Y, drawn, x, y)
	}
	return same, strange
}

// missed reports whether the snapshot before the view was before all that a rewind knows.
func (o *onlooker) missed(r *Room) bool {
	newest := uint32(0)
	for _, tick := range o.ticks {
		if float64(tick) <= o.view {
			newest = tick
		}
	}
	return r.count.tick.Load()-newest >= uint32(r.pub.lookback)
}

// far reports whether a fish was lately in a cell that the seat is not sent every time. A
// page may have it there longer or shorter than a rewind thinks if it came and went
// meanwhile.
func (o *onlooker) far(r *Room, id sim.ID) bool {
	s := &r.seats[o.tab.seat]
	for back := range uint32(r.pub.lookback) {
		for slot := range r.pub.tables[0].places {
			at := r.pub.tables[0].at(uint32(slot), r.pub.seq-back)
			if at.id != uint32(id) || at.public.group == nil {
				continue
			}
			seen := s.trail.sets[(r.pub.seq-back)%uint32(r.pub.lookback)]
			if i := seen.find(at.public.group.slot); i >= 0 && seen.every[i] > 1 {
				return true
			}
		}
	}
	return false
}

// Players of different patience look at a world in which everything happens; what the game
// sees in their past is what they drew.
func TestRewindGivesWhatTheSeatDrew(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			stats := new(Stats)
			inBubble(t, Config{Seed: seed, Stats: stats, Bots: 2}, func(r *Room) {
				rnd := rand.New(rand.NewPCG(seed, 3))
				var all []*onlooker
				for i := range 5 {
					o := &onlooker{tab: newTab(t, r, fmt.Sprint("onlooker ", i)), tracks: map[uint32]*track{}}
					o.tab.after = o.note
					o.tab.conn.flying = i % 2
					all = append(all, o)
				}
				ticks(r, 1)
				same, strange := 0, 0
				for range 300 {
					if o := all[rnd.IntN(5)]; len(o.ticks) > 0 && rnd.IntN(8) == 0 {
						o.lose(r, rnd.IntN(3))
					}
					told := map[*onlooker]bool{}
					for i, o := range all {
						if i > 2 && rnd.IntN(i) > 0 && r.count.tick.Load()-o.tab.tick < 3 {
							continue // it looks away, so frames pile up
						}
						if o.tab.read(); len(o.ticks) == 0 || r.count.tick.Load()-o.tab.tick > 4 {
							continue // the game does not look back that far
						}
						o.tell(rnd, r.count.tick.Load())
						told[o] = true
					}
					ticks(r, 1)
					inside(t, r, func() {
						for o := range told {
							s, odd := o.compare(t, r)
							same, strange = same+s, strange+odd
						}
					})
				}
				if same < 2500 || strange > same/40 {
					t.Errorf("%d fish were drawn where they are in the past, %d of far cells were not", same, strange)
				}
				if n := stats.ViewsClamped.Load(); n > 0 {
					t.Errorf("%d views of honest players were clamped", n)
				}
			})
		})
	}
}
