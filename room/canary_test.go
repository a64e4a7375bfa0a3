package room

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/roomtick/roomtick/room/delta"
	"github.com/roomtick/roomtick/sim"
)

// vault is a game whose every value says who may know it: a canary is a tick and an
// audience. What it takes to know it is written down by the game itself, apart from the
// groups that the room goes by.
type vault struct {
	Notes sim.Table[note]
	In    sim.Inputs[struct{}]

	known map[uint32]audience // by tick
}

type note struct {
	Canary uint32 `sync:""`
	Text   string `sync:"max=24"`
	Secret uint32 `sync:"owner"`
	Word   string `sync:"owner,max=24"`

	x, y float32
	tag  uint32
}

// audience is, by tag, the seats that may know something at a tick.
type audience map[uint32]map[sim.Seat]bool

const (
	tagAll  = 0
	tagSeat = 10  // + seat
	tagTeam = 40  // + team
	tagOwn  = 60  // + number of a custom group
	tagFar  = 100 // + number of a note in the grid
	tags    = 256
)

const vaultView, vaultCell, vaultRing = 200, 100, 80

var vaultGame = sim.Define[vault](sim.Config{
	Name: "vault", TickRate: 20, MaxPlayers: 8,
	CellSize: vaultCell, ViewWidth: vaultView, ViewHeight: vaultView, RingWidth: vaultRing,
})

// Save keeps what is known out of checkpoints.
func (*vault) Save() []byte      { return nil }
func (*vault) Load([]byte) error { return nil }

func (g *vault) Create(*sim.World, []byte) error {
	g.known = make(map[uint32]audience)
	for range 60 {
		g.Notes.Spawn()
	}
	return nil
}

func (g *vault) Join(_ *sim.World, p *sim.Player) {
	id, n := g.Notes.Spawn()
	n.tag = tagSeat + uint32(p.Seat)
	g.Notes.SetOwner(id, p.Seat)
}

func (g *vault) Leave(_ *sim.World, p *sim.Player) {
	if id, _ := g.Notes.Owned(p.Seat); id != 0 {
		g.Notes.Despawn(id)
	}
}

func (g *vault) Step(w *sim.World) {
	rng := w.Rand()
	knows := make(audience)
	for p := range w.Players() {
		g.wander(w, p)
		knows.add(tagAll, p.Seat)
		knows.add(tagSeat+uint32(p.Seat), p.Seat)
		if team, ok := p.Team(); ok {
			knows.add(tagTeam+team, p.Seat)
		}
	}
	for id, n := range g.Notes.All() {
		if rng.IntN(25) == 0 {
			g.hide(id, n, rng.IntN(4), uint32(rng.IntN(4)))
		}
		if rng.IntN(400) == 0 && g.Notes.Owner(id) == sim.NoSeat {
			g.Notes.Despawn(id)
			g.Notes.Spawn()
			continue
		}
		g.write(w, id, n, knows)
	}
	g.known[w.Tick()] = knows
}

// wander moves a player's eyes, team and custom groups about.
func (g *vault) wander(w *sim.World, p *sim.Player) {
	rng := w.Rand()
	_, n := g.Notes.Owned(p.Seat)
	n.x, n.y = n.x+rng.Range(-30, 30), n.y+rng.Range(-30, 30)
	p.Look(n.x, n.y)
	switch group := uint32(rng.IntN(4)); rng.IntN(40) {
	case 0:
		p.SetTeam(group)
	case 1:
		p.LeaveTeam()
	case 2:
		p.Show(sim.Custom(group))
		n.tag |= 1 << (8 + group)
	case 3:
		p.Hide(sim.Custom(group))
		n.tag &^= 1 << (8 + group)
	}
}

// hide puts a note into another group.
func (g *vault) hide(id sim.ID, n *note, kind int, number uint32) {
	shown := n.tag &^ 0xFF // the custom groups that its owner sees
	switch kind {
	case 0:
		g.Notes.SetGroup(id, sim.Everyone)
		n.tag = tagAll
	case 1:
		g.Notes.SetGroup(id, sim.Team(number))
		n.tag = tagTeam + number
	case 2:
		g.Notes.SetGroup(id, sim.Custom(number))
		n.tag = tagOwn + number
	default:
		n.tag = tagFar + uint32(id)%(tags-tagFar)
	}
	n.tag |= shown
}

// write gives a note its canaries of this tick, and says who may know them.
func (g *vault) write(w *sim.World, id sim.ID, n *note, knows audience) {
	tag := n.tag & 0xFF
	if tag >= tagSeat && tag < tagTeam {
		tag = tagAll // a new player's note is in no other group yet
	}
	if tag >= tagFar {
		g.Notes.MoveTo(id, n.x, n.y)
	}
	n.Canary = w.Tick()<<8 | tag
	n.Text = fmt.Sprint("text ", n.Canary)
	n.Secret = w.Tick()<<8 | (tagSeat + uint32(g.Notes.Owner(id)))
	n.Word = fmt.Sprint("word ", n.Secret)
	for p := range w.Players() {
		_, own := g.Notes.Owned(p.Seat)
		if tag >= tagFar && max(n.x-own.x, own.x-n.x, n.y-own.y, own.y-n.y) <= vaultView/2+2*vaultRing+1.5*vaultCell {
			knows.add(tag, p.Seat)
		}
		if tag >= tagOwn && tag < tagFar && own.tag>>(8+tag-tagOwn)&1 != 0 {
			knows.add(tag, p.Seat)
		}
	}
}

func (a audience) add(tag uint32, s sim.Seat) {
	if a[tag] == nil {
		a[tag] = make(map[sim.Seat]bool)
	}
	a[tag][s] = true
}

// check fails if a tab holds a canary that its player may not know, and counts those it
// may, by kind of audience.
func (g *vault) check(t *testing.T, b *tab, seen map[uint32]int) {
	t.Helper()
	parts := vaultGame.Parts()
	for group := range b.dec.Groups() {
		for p := range parts {
			for c := range parts[p].Columns {
				for row, v := range group.R(p, c) {
					canary := uint32(v)
					if parts[p].Columns[c].String {
						canary = canaryOf(t, group, v)
					}
					tick, tag := canary>>8, canary&0xFF
					if canary == 0 {
						continue // spawned at the end of the tick, nothing written yet
					}
					if !g.known[tick][tag][b.seat] {
						t.Errorf("seat %d at tick %d holds %s of entity %d: tick %d, tag %d", b.seat, b.tick,
							parts[p].Columns[c].Name, group.IDs(p)[row], tick, tag)
						return
					}
					seen[kindOf(tag)]++
				}
			}
		}
	}
}

// kindOf is the first tag of a tag's kind.
func kindOf(tag uint32) uint32 {
	for _, kind := range []uint32{tagFar, tagOwn, tagTeam, tagSeat} {
		if tag >= kind {
			return kind
		}
	}
	return tagAll
}

func canaryOf(t *testing.T, group *delta.Group, index int32) uint32 {
	t.Helper()
	_, number, _ := strings.Cut(group.Text(index), " ")
	n, err := strconv.ParseUint(number, 10, 32)
	if err != nil && index != 0 {
		t.Errorf("text %q", group.Text(index))
	}
	return uint32(n)
}

// Whatever players, teams, groups and conns do, nobody is ever sent what is not theirs.
func TestNobodyEverHoldsWhatIsNotTheirs(t *testing.T) {
	inBubble(t, Config{Game: vaultGame, SeatTimeout: 3 * time.Second}, func(r *Room) {
		rng := rand.New(rand.NewPCG(3, 9))
		g := r.sim.Game().(*vault)
		seen := make(map[uint32]int)
		var tabs []*tab
		for n := range 1500 {
			if len(tabs) < 6 && rng.IntN(20) == 0 {
				tabs = append(tabs, newTab(t, r, fmt.Sprint("player ", n)))
			}
			ticks(r, 1)
			for i := 0; i < len(tabs); i++ {
				b := tabs[i]
				if rng.IntN(i+2) == 0 {
					continue
				}
				b.read()
				if inside(t, r, func() { g.check(t, b, seen) }); t.Failed() {
					return
				}
				b.ack()
				switch rng.IntN(150) {
				case 0:
					b.conn.cut(errCut)
					ticks(r, 1+rng.IntN(20))
					if err := b.resume(b.welcome.Secret); err != nil {
						t.Fatal(err)
					}
				case 1:
					b.conn.cut(errCut)
					ticks(r, 65)
					tabs = append(tabs[:i], tabs[i+1:]...)
				}
			}
		}
		for _, tag := range []uint32{tagAll, tagSeat, tagTeam, tagOwn, tagFar} {
			if seen[tag] < 500 {
				t.Errorf("only %d canaries of kind %d were seen", seen[tag], tag)
			}
		}
	})
}
