package client

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/roomtick/roomtick/room/delta"
	"github.com/roomtick/roomtick/schema"
	"github.com/roomtick/roomtick/sim"
	"github.com/roomtick/roomtick/sim/arena"
)

// recordArena returns the frames that seat 0 of an arena of computer players is sent,
// a welcome first.
func recordArena(b *testing.B, ships, ticks int) [][]byte {
	b.Helper()
	game, err := arena.Game.New(1, nil)
	if err != nil {
		b.Fatal(err)
	}
	for i := range ships {
		game.Join(sim.PlayerInfo{Seat: sim.Seat(i), Name: fmt.Sprintf("bot %d", i), Bot: true})
	}
	parts := arena.Game.Parts()
	world, own := delta.NewStream(parts, 0, 0, 4), delta.NewStream(parts, 1, 3, 4)
	builder := schema.NewBuilder(4096)
	var prologue delta.Prologue
	var frames [][]byte
	for tick := range ticks {
		game.Step()
		publish(game, world, parts, false)
		publish(game, own, parts, true)
		prologue.Reset(parts)
		prologue.Add(world)
		prologue.Add(own)
		f := schema.ServerFrame{HasSnapshot: true, Snapshot: schema.SnapshotHead{Tick: game.Tick(), Flags: schema.HeadPrologue}}
		prologue.Finish()
		f.Deltas = append(f.Deltas, prologue.Whole()...)
		if tick == 0 {
			f.Snapshot.Flags |= schema.HeadReset
			f.Welcome = &schema.Welcome{TickRate: 20, SendEvery: 1, Descriptor: arena.Game.Descriptor()}
			f.Deltas = append(append(f.Deltas, world.Keyframe()...), own.Keyframe()...)
		} else {
			f.Deltas = append(append(f.Deltas, world.Delta(1, &prologue)...), own.Delta(1, &prologue)...)
		}
		frames = append(frames, append([]byte(nil), builder.ServerFrame(&f)...))
	}
	return frames
}

// publish brings a stream up to date with the public rows of a game, or with the owner
// rows of seat 0.
func publish(game *sim.Instance, s *delta.Stream, parts []schema.Part, owner bool) {
	s.Begin()
	for number := range parts {
		if parts[number].Owner == owner {
			publishPart(game, s, number, &parts[number])
		}
	}
	s.Commit()
}

func publishPart(game *sim.Instance, s *delta.Stream, number int, part *schema.Part) {
	store := game.Store(part.Table)
	slots := map[uint32]uint32{} // by id
	for slot := range uint32(store.Cap()) {
		if e := store.At(slot); e.Live && (!part.Owner || e.Owner == 0) {
			slots[uint32(e.ID)] = slot
		}
	}
	for row := s.Rows(number) - 1; row >= 0; row-- {
		if _, live := slots[s.IDs(number)[row]]; !live {
			s.Leave(number, row, delta.Despawned, 0)
		}
	}
	known := slices.Clone(s.IDs(number))
	for _, id := range slices.Sorted(maps.Keys(slots)) {
		if !slices.Contains(known, id) {
			s.Enter(number, id)
		}
	}
	var rows []uint32 // their slots
	for _, id := range s.IDs(number) {
		rows = append(rows, slots[id])
	}
	for c := range part.Columns {
		targets := s.Targets(number, c)
		if !part.Columns[c].String {
			store.Sample(part.Owner, c, rows, targets)
			continue
		}
		for row := range targets {
			targets[row] = s.Intern(targets[row], store.Text(part.Owner, c, rows[row]))
		}
	}
}

// BenchmarkBot is all that a bot does for a snapshot but the socket: parse, decode,
// count, hash once a second, decide.
func BenchmarkBot(b *testing.B) {
	for _, ships := range []int{50, 100} {
		frames := recordArena(b, ships, 400)
		for _, play := range []Play{PlayIdle, PlayWander, PlayBrain} {
			b.Run(fmt.Sprintf("%s/ships=%d", play, ships), func(b *testing.B) {
				b.ReportAllocs()
				opts := Options{Play: play, Definition: arena.Game, ThinkEvery: 1, Witness: NewWitness(), Meter: NewMeter()}
				var bot *Bot
				at := len(frames)
				for b.Loop() {
					if at == len(frames) {
						bot, at = newBot(opts), 0
					}
					if err := bot.view.take(time.Duration(at), websocket.MessageBinary, frames[at]); err != nil {
						b.Fatal(err)
					}
					at++
				}
			})
		}
	}
}
