package room

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/roomtick/roomtick/room/delta"
	"github.com/roomtick/roomtick/sim"
)

// compare checks a tab that has just applied the newest frame against the room's own
// published state, number by number, in every group that the seat sees. It returns
// false if the tab is behind, and then compares nothing.
func compare(t *testing.T, r *Room, b *tab) (newest bool) {
	t.Helper()
	inside(t, r, func() {
		if newest = b.tick == r.pub.tick; !newest {
			return
		}
		theirs := map[uint32]*delta.Group{}
		for g := range b.dec.Groups() {
			theirs[g.Slot] = g
		}
		held := r.seats[b.seat].held
		if len(theirs) != len(held.list) {
			t.Errorf("seat %d holds %d groups, sees %d", b.seat, len(theirs), len(held.list))
		}
		for i, g := range held.list {
			switch got := theirs[g.slot]; {
			case got == nil:
				t.Errorf("seat %d misses group %d", b.seat, g.slot)
			case got.Tick == r.pub.tick:
				compareGroup(t, r, g, got)
			default:
				compareOld(t, r, g, got, uint32(held.every[i]))
			}
		}
	})
	return newest
}

// compareOld checks a copy of a group that does not come with every frame.
func compareOld(t *testing.T, r *Room, want *group, got *delta.Group, every uint32) {
	t.Helper()
	age := (r.pub.tick - got.Tick) / r.sendEvery
	if age >= 2*every {
		t.Errorf("group %d, sent every %d, is %d send ticks old", want.slot, every, age)
	}
	if h, ok := want.stream.Hash(int(age)); !ok || h != got.Hash() {
		t.Errorf("tick %d group %d: hash %08x of %d send ticks ago, want %08x", r.pub.tick, want.slot, got.Hash(), age, h)
	}
}

func compareGroup(t *testing.T, r *Room, want *group, got *delta.Group) {
	t.Helper()
	for p, part := range r.pub.parts {
		if !slices.Equal(want.stream.IDs(p), got.IDs(p)) {
			t.Errorf("tick %d group %d part %d: ids %v, want %v", r.pub.tick, want.slot, p, got.IDs(p), want.stream.IDs(p))
			return
		}
		for c, col := range part.Columns {
			if col.String {
				for row, slot := range want.slots[p] {
					text := r.sim.Store(part.Table).Text(part.Owner, c, slot)
					if s := got.Text(got.R(p, c)[row]); s != text {
						t.Errorf("tick %d %s row %d: %q, want %q", r.pub.tick, col.Name, row, s, text)
					}
				}
				continue
			}
			if !slices.Equal(want.stream.R(p, c), got.R(p, c)) {
				t.Errorf("tick %d group %d %s: R %v, want %v", r.pub.tick, want.slot, col.Name, got.R(p, c), want.stream.R(p, c))
			}
		}
	}
	if h, _ := want.stream.Hash(0); h != got.Hash() {
		t.Errorf("tick %d group %d: hash %08x, want %08x", r.pub.tick, want.slot, got.Hash(), h)
	}
}

// TestEveryPathThroughTheStreamsEndsInThePublishedState lets readers of different
// patience watch a world in which everything happens, with conns cut and resumed,
// and compares every number after every frame.
func TestEveryPathThroughTheStreamsEndsInThePublishedState(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			stats := new(Stats)
			inBubble(t, Config{Seed: seed, Stats: stats, Bots: 2}, func(r *Room) {
				rng := rand.New(rand.NewPCG(seed, 2))
				var tabs []*tab
				compared := 0
				defer func() {
					if compared < 300 {
						t.Errorf("only %d frames were compared", compared)
					}
				}()
				for i := range 6 {
					tabs = append(tabs, newTab(t, r, fmt.Sprint("reader ", i)))
				}
				for range 250 {
					ticks(r, 1)
					for i, b := range tabs {
						if rng.IntN(i+1) > 0 && rng.IntN(3) > 0 {
							continue // this reader lets frames pile up, so its gate closes
						}
						b.read()
						if compare(t, r, b) {
							compared++
						}
						b.ack()
						if rng.IntN(60) == 0 {
							b.conn.cut(errCut)
							ticks(r, 1+rng.IntN(12))
							if err := b.resume(b.welcome.Secret); err != nil {
								t.Fatal(err)
							}
						}
					}
					if t.Failed() {
						return
					}
				}
			})
			if stats.HashMismatches.Load() > 0 || stats.HashChecks.Load() < 300 {
				t.Errorf("%d of %d hashes did not agree", stats.HashMismatches.Load(), stats.HashChecks.Load())
			}
			for name, n := range map[string]int64{"steps": stats.Steps.Load(), "spans": stats.Spans.Load(), "jumps": stats.Jumps.Load(), "keyframes": stats.Keyframes.Load()} {
				if n == 0 {
					t.Errorf("the run used no %s", name)
				}
			}
			if n := stats.Refused.Load() + stats.ConnsClosed.Load(); n > 6 { // the end closes the six
				t.Errorf("%d conns closed", n)
			}
		})
	}
}

func TestOwnerFieldsReachTheOwnerAlone(t *testing.T) {
	inBubble(t, Config{}, func(r *Room) {
		a, b := newTab(t, r, "Ada"), newTab(t, r, "Bob")
		ticks(r, 5)
		ownerPart := slices.IndexFunc(r.pub.parts, func(p part) bool { return p.Owner })
		for _, reader := range []*tab{a, b} {
			reader.read()
			owned := 0
			for g := range reader.dec.Groups() {
				owned += g.Rows(ownerPart)
				if g.Rows(ownerPart) > 0 && sim.GroupKind(g.Kind) != sim.KindPlayer {
					t.Errorf("owner rows in a group of kind %d", g.Kind)
				}
			}
			if owned != 1 {
				t.Errorf("seat %d got %d owner rows, want its own one", reader.seat, owned)
			}
		}
	})
}

func TestStalledReaderNeverBlocksTheRoomAndWakesToAJumpOrKeyframe(t *testing.T) {
	for _, stall := range []int{6, 15, 40, 120} { // ticks of 50 ms
		t.Run(fmt.Sprint(stall, " ticks"), func(t *testing.T) {
			stats := new(Stats)
			inBubble(t, Config{Stats: stats}, func(r *Room) {
				b, other := newTab(t, r, "Stalled"), newTab(t, r, "Other")
				for range 20 {
					ticks(r, 1)
					b.read()
					b.ack()
					other.read()
					other.ack()
				}
				before := b.resets
				for range stall {
					ticks(r, 1)
					other.read()
					other.ack()
				}
				b.read()
				b.ack()
				for range 4 { // a jump waits up to three send ticks for a length that others share
					ticks(r, 1)
					b.read()
					b.ack()
					other.read()
					other.ack()
				}
				if !compare(t, r, b) {
					t.Error("the woken reader is behind")
				}
				if b.head.Tick < other.head.Tick-1 {
					t.Errorf("woken reader is at tick %d, the other at %d", b.head.Tick, other.head.Tick)
				}
				if wantReset := stall > 25; wantReset != (b.resets > before) {
					t.Errorf("after %d ticks: %d resets", stall, b.resets-before)
				}
				if other.frames < 18+stall {
					t.Errorf("the other reader got %d frames of %d ticks", other.frames, 20+stall)
				}
			})
			if stats.FramesSkipped.Load() == 0 {
				t.Error("the gate never closed")
			}
		})
	}
}
