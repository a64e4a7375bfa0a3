package arena

import (
	"testing"

	"github.com/roomtick/roomtick/sim"
)

// BenchmarkTick is a tick of a full room, with 200 bullets and 220 rocks, none of
// which meet. Players cost what the rules cost, computer players think as well.
func BenchmarkTick(b *testing.B) {
	for name, bot := range map[string]bool{"players": false, "bots": true} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			g := newGame(b, 1)
			a := arenaOf(g)
			for seat := range sim.Seat(maxPlayers) {
				g.Join(sim.PlayerInfo{Seat: seat, Bot: bot})
			}
			for range 40 {
				a.spawnRock(3900, 3900, small, g.World().Rand())
			}
			for range 200 {
				_, bullet := a.Bullets.Spawn()
				bullet.Seat = sim.NoSeat
			}
			for b.Loop() {
				freeze(a)
				g.Step()
			}
			b.ReportMetric(float64(a.Ships.Len()), "ships")
			b.ReportMetric(float64(a.Rocks.Len()), "rocks")
			b.ReportMetric(float64(a.Bullets.Len()), "bullets")
		})
	}
}

// freeze puts everything where it does no harm, spread over the world, and removes the
// bullets that computer players have fired.
func freeze(a *Arena) {
	n := float32(0)
	for _, s := range a.Ships.All() {
		s.X, s.Y, s.VX, s.VY, s.HP = 20+40*n, 2000, 0, 0, fullHP
		n++
	}
	n = 0
	for _, r := range a.Rocks.All() {
		r.X, r.Y, r.vx, r.vy = 30+60*n, 1000, 0, 0
		n++
	}
	n = 0
	for id, bullet := range a.Bullets.All() {
		if bullet.Seat != sim.NoSeat {
			a.Bullets.Despawn(id)
			continue
		}
		bullet.X, bullet.Y, bullet.left = 10+19*n, 3000, 20
		n++
	}
}

// BenchmarkBelt is a tick of a room with as many rocks as there can be and 200 computer
// players in a fight that goes on.
func BenchmarkBelt(b *testing.B) {
	b.ReportAllocs()
	g, err := Game.New(1, []byte(`{"rocks":4000}`))
	if err != nil {
		b.Fatal(err)
	}
	for seat := range sim.Seat(200) {
		g.Join(sim.PlayerInfo{Seat: seat, Bot: true})
	}
	for range 200 {
		g.Step()
	}
	for b.Loop() {
		g.Step()
	}
	a := arenaOf(g)
	b.ReportMetric(float64(a.Ships.Len()), "ships")
	b.ReportMetric(float64(a.Rocks.Len()), "rocks")
	b.ReportMetric(float64(a.Bullets.Len()), "bullets")
}
