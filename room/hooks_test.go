package room

import (
	"fmt"
	"strings"
	"testing"

	"github.com/roomtick/roomtick/schema"
	"github.com/roomtick/roomtick/sim"
)

// drama is a game whose hooks send events, kick, hand out roles before anybody is
// there, and end the room: all that happens while the engine is busy with something.
type drama struct {
	Heroes sim.Table[hero]
	Inputs sim.Inputs[paddle]
	Told   sim.Event[splash]
	Left   sim.Event[splash]
	Big    sim.Event[epic]
	Plot   string
}

type hero struct {
	Rank uint8 `sync:"once"`
	Card uint8 `sync:"owner"`
}

type epic struct {
	Text string `sync:"max=65535"`
}

func (g *drama) Create(_ *sim.World, options []byte) error {
	g.Plot = string(options)
	for seat := range sim.Seat(2) {
		id, h := g.Heroes.Spawn()
		h.Card = 7
		g.Heroes.SetOwner(id, seat)
	}
	return nil
}

func (g *drama) Join(_ *sim.World, p *sim.Player)  { p.SetTeam(1) }
func (g *drama) Leave(_ *sim.World, p *sim.Player) { g.Left.Send(sim.Everyone, splash{uint32(p.Seat)}) }

func (g *drama) Drop(*sim.World, *sim.Player) {
	for n := range uint32(3) {
		g.Left.Send(sim.Everyone, splash{100 + n})
	}
}

func (g *drama) Step(w *sim.World) {
	for _, h := range g.Heroes.All() {
		h.Rank++
	}
	switch tick := w.Tick(); {
	case g.Plot == "kick" && tick == 10:
		g.Told.Send(sim.Everyone, splash{10})
		w.Kick(w.Player(1), "rude "+strings.Repeat("ü", 500))
		w.Kick(w.Player(2), "loud")
	case g.Plot == "flood" && tick >= 10 && tick < 16:
		g.Told.Send(sim.Everyone, splash{tick})
		if p := w.Player(0); p != nil && p.Connected {
			g.Big.SendTo(p, epic{strings.Repeat("x", 60000)})
		}
		g.Told.Send(sim.Everyone, splash{1000 + tick})
	case g.Plot == "switch" && tick == 31:
		w.Player(0).SetTeam(2)
		g.Told.Send(sim.Team(1), splash{1})
		g.Told.Send(sim.Team(2), splash{2})
	case g.Plot == "end" && tick == 10:
		w.End()
	case g.Plot == "finish" && tick == 10:
		w.Kick(w.Player(1), "too slow")
		w.Finish(map[string]any{"winner": w.Player(0).Name})
	case g.Plot == "no result" && tick == 10:
		w.Finish(make(chan int))
	case g.Plot == "panic" && tick == 10:
		w.Finish(1)
		panic("after all")
	}
}

var (
	dramaGame     = sim.Define[drama](sim.Config{Name: "drama", TickRate: 20, MaxPlayers: 4})
	slowDramaGame = sim.Define[drama](sim.Config{Name: "drama", TickRate: 60, SendRate: 10, MaxPlayers: 4})
)

const (
	toldEvent = 0
	leftEvent = 1
)

func told(typ, n uint32) string {
	return fmt.Sprintf("%d %02x%02x%02x%02x", typ, byte(n), byte(n>>8), byte(n>>16), byte(n>>24))
}

// watch lets n ticks pass with every tab reading and acknowledging.
func watch(r *Room, n int, tabs ...*tab) {
	for range n {
		ticks(r, 1)
		for _, b := range tabs {
			b.read()
			if b.frames > 0 {
				b.ack()
			}
		}
	}
}

func TestKicksRemoveThoseKickedAndTellThemWhy(t *testing.T) {
	inBubble(t, Config{Game: dramaGame, Options: []byte("kick")}, func(r *Room) {
		var tabs []*tab
		for i := range 4 {
			tabs = append(tabs, newTab(t, r, fmt.Sprint("player ", i)))
		}
		watch(r, 15, tabs...)
		for i, b := range tabs {
			want := schema.CloseCode(0)
			if i == 1 || i == 2 {
				want = schema.CloseKicked
			}
			if b.conn.closed() != want {
				t.Errorf("seat %d closed with %d, want %d", i, b.conn.closed(), want)
			}
		}
		if bye := tabs[2].conn.bye(t); bye.Reason != "loud" {
			t.Errorf("reason %q, want %q", bye.Reason, "loud")
		}
		if n := len([]rune(tabs[1].conn.bye(t).Reason)); n != maxReason {
			t.Errorf("a long reason has %d runes, want %d", n, maxReason)
		}
		want := []string{told(toldEvent, 10), told(leftEvent, 1), told(leftEvent, 2)}
		for _, i := range []int{0, 3} {
			if fmt.Sprint(tabs[i].events) != fmt.Sprint(want) {
				t.Errorf("seat %d got events %v, want %v", i, tabs[i].events, want)
			}
		}
	})
}

func TestOverflowingOutboxClosesItsConnAndCostsNobodyAnEvent(t *testing.T) {
	inBubble(t, Config{Game: dramaGame, Options: []byte("flood")}, func(r *Room) {
		deaf, b := newTab(t, r, "deaf"), newTab(t, r, "b")
		watch(r, 2, deaf, b) // it has its welcome, and from now on loses every frame
		watch(r, 23, b)
		if c := deaf.conn.closed(); c != schema.CloseEventOverflow {
			t.Errorf("closed with %d", c)
		}
		var want []string
		for tick := uint32(10); tick < 16; tick++ {
			want = append(want, told(toldEvent, tick), told(toldEvent, 1000+tick))
			if tick == 14 { // 5 x 60,000 bytes: over the limit
				want = append(want, told(leftEvent, 100), told(leftEvent, 101), told(leftEvent, 102))
			}
		}
		if fmt.Sprint(b.events) != fmt.Sprint(want) {
			t.Errorf("the other player got\n%v, want\n%v", b.events, want)
		}
		inside(t, r, func() {
			if o := &r.seats[deaf.seat].outbox; o.bytes > maxOutbox || o.acked == 0 {
				t.Errorf("%d bytes wait for the absent player, %d events were dropped", o.bytes, o.acked)
			}
		})
		deaf.conn.take()
		if err := deaf.resume(deaf.welcome.Secret); err != nil {
			t.Fatal(err)
		}
		watch(r, 20, deaf)
		if deaf.welcome.EventsDropped == 0 {
			t.Error("the welcome does not say that events were dropped")
		}
	})
}

func TestEventsGoToThoseWhoSeeTheGroupAtTheirTick(t *testing.T) {
	inBubble(t, Config{Game: slowDramaGame, Options: []byte("switch")}, func(r *Room) {
		a, b := newTab(t, r, "a"), newTab(t, r, "b")
		watch(r, 60, a, b)
		if got, want := fmt.Sprint(a.events), fmt.Sprint([]string{told(toldEvent, 2)}); got != want {
			t.Errorf("who changed teams got %v, want %v", got, want)
		}
		if got, want := fmt.Sprint(b.events), fmt.Sprint([]string{told(toldEvent, 1)}); got != want {
			t.Errorf("who stayed got %v, want %v", got, want)
		}
	})
}

func TestOwnerFieldsGivenBeforeTheirPlayerCameArriveAndOnceFieldsStay(t *testing.T) {
	inBubble(t, Config{Game: dramaGame}, func(r *Room) {
		ticks(r, 12)
		b := newTab(t, r, "Ada")
		watch(r, 20, b)
		owned := 0
		for g := range b.dec.Groups() {
			owned += g.Rows(1)
		}
		if owned != 1 {
			t.Errorf("%d owner rows, want 1", owned)
		}
		if rank := b.dec.Group(0).R(0, 0)[0]; rank != 1 {
			t.Errorf("a once field is at %d, want its value when the row entered, 1", rank)
		}
	})
}

func TestGameEndsItsRoomAndTellsEveryone(t *testing.T) {
	inBubble(t, Config{Game: dramaGame, Options: []byte("end")}, func(r *Room) {
		b := newTab(t, r, "Ada")
		<-r.Done()
		if c := b.conn.closed(); c != schema.CloseRoomGone || r.Info().Tick != 10 {
			t.Errorf("closed with %d at tick %d", c, r.Info().Tick)
		}
	})
}
