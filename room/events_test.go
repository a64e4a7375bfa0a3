package room

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// TestClientEventsAreAppliedOnceAndInOrderAcrossResumes resends at random what the
// server may already have.
func TestClientEventsAreAppliedOnceAndInOrderAcrossResumes(t *testing.T) {
	for seed := range uint64(5) {
		inBubble(t, Config{}, func(r *Room) {
			rng := rand.New(rand.NewPCG(seed, 3))
			b := newTab(t, r, "Ada")
			ticks(r, 2)
			b.read()
			for range 40 {
				from := b.sent + 1 - min(b.sent, uint32(rng.IntN(3)))
				to := b.sent + uint32(rng.IntN(3))
				if to >= from {
					b.say(from, to)
					b.sent = max(b.sent, to)
				}
				ticks(r, 2)
				b.read()
				b.ack()
				if rng.IntN(8) == 0 {
					b.conn.cut(errCut)
					ticks(r, 1)
					if err := b.resume(b.welcome.Secret); err != nil {
						t.Fatal(err)
					}
					ticks(r, 1)
					b.read()
					if b.welcome.EventAck != b.sent {
						t.Fatalf("seed %d: welcome acknowledges event %d, sent %d", seed, b.welcome.EventAck, b.sent)
					}
				}
			}
			ticks(r, 2)
			b.read()
			inside(t, r, func() {
				if g := game(r); g.Heard[b.seat] != b.sent || !g.Order {
					t.Errorf("seed %d: the game heard %d of %d events, in order: %v", seed, g.Heard[b.seat], b.sent, g.Order)
				}
			})
			if b.applied != uint16(b.sent) {
				t.Errorf("event ack %d, want %d", b.applied, b.sent)
			}
		})
	}
}

// TestServerEventsArriveOnceAndInOrderAcrossResumes compares a player who is cut off
// now and then with one who is not: events to everyone are the same list for both.
func TestServerEventsArriveOnceAndInOrderAcrossResumes(t *testing.T) {
	for seed := range uint64(5) {
		inBubble(t, Config{Seed: seed}, func(r *Room) {
			rng := rand.New(rand.NewPCG(seed, 4))
			cut, steady := newTab(t, r, "Cut"), newTab(t, r, "Steady")
			for range 300 {
				ticks(r, 1)
				steady.read()
				steady.ack()
				switch rng.IntN(25) {
				case 0:
					cut.conn.cut(errCut) // frames on the way are lost
					ticks(r, 1+rng.IntN(30))
					if err := cut.resume(cut.welcome.Secret); err != nil {
						t.Fatal(err)
					}
				default:
					cut.read()
					cut.ack()
				}
			}
			ticks(r, 1)
			cut.read()
			steady.read()
			if len(public(steady)) < 20 || fmt.Sprint(public(cut)) != fmt.Sprint(public(steady)) {
				t.Errorf("seed %d: cut off player got %d events, the other %d:\n%v\n%v", seed, len(public(cut)), len(public(steady)), public(cut), public(steady))
			}
			for _, b := range []*tab{cut, steady} {
				for _, e := range b.events {
					want := fmt.Sprintf("%d %02x00", secretEvent, uint8(b.seat))
					if strings.HasPrefix(e, fmt.Sprint(secretEvent, " ")) && e != want {
						t.Errorf("seat %d got an event of another: %s", b.seat, e)
					}
				}
			}
		})
	}
}

func public(b *tab) (events []string) {
	for _, e := range b.events {
		if strings.HasPrefix(e, fmt.Sprint(splashEvent, " ")) {
			events = append(events, e)
		}
	}
	return events
}
